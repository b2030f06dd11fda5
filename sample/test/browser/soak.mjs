// node sample/test/browser/soak.mjs [seconds]: the page under the load of 64 callers, for 10 minutes unless said otherwise. Prints
// what the app and the page hold, and how busy the page's main thread is, and ends with 1 where that is too much.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const seconds = Number(process.argv[2] ?? 600);
const EVERY_S = Math.min(30, seconds / 4);
/** Of these many readings from either end the least is compared. */
const READINGS = Math.max(1, Math.floor(seconds / EVERY_S / 4));
const MOST_BUSY = 0.1;
const MOST_GROWTH = 1.15;

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const memory = new URL('../support/memory.mjs', import.meta.url).href;
const app = spawn(process.execPath, ['--expose-gc', '--import', memory, main], {
  env: { PATH: process.env.PATH, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const url = await new Promise((resolve) => {
  createInterface({ input: app.stdout }).on('line', (line) => {
    const [, address] = /listening on (\S+)/.exec(line) ?? [];
    if (address) resolve(address);
  });
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(url);
await page.click('[name=callers][value="64"]');
const cdp = await page.context().newCDPSession(page);
await cdp.send('Performance.enable');

// All is there by then: two minutes of frames.
const warmUp = Math.min(150, seconds / 2);
console.log(`warming up for ${warmUp} s, then ${seconds} s`);
await sleep(warmUp * 1_000);

const readings = [];
const first = await read();
for (let nth = 1; nth <= seconds / EVERY_S; nth += 1) {
  await sleep(EVERY_S * 1_000);
  const reading = await read();
  readings.push(reading);
  const busy = busyBetween(readings.at(-2) ?? first, reading);
  console.log(
    `${String(Math.round(nth * EVERY_S)).padStart(4)} s  app ${reading.app.toFixed(1)} MiB  ` +
      `page ${reading.page.toFixed(1)} MiB  main thread ${(busy * 100).toFixed(1)} % busy  ` +
      `${reading.calls} calls`,
  );
}
const results = {
  'main thread, share busy': [busyBetween(first, readings.at(-1)), MOST_BUSY],
  'memory of the app, end over beginning': [growth('app'), MOST_GROWTH],
  'memory of the page, end over beginning': [growth('page'), MOST_GROWTH],
};
for (const [what, [value, most]] of Object.entries(results)) {
  const isGood = value <= most;
  if (!isGood) process.exitCode = 1;
  console.log(`${isGood ? 'ok    ' : 'FAILED'} ${what}: ${value.toFixed(3)} (at most ${most})`);
}
await browser.close();
app.kill('SIGTERM');

async function read() {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const metric = (name) => metrics.find((one) => one.name === name).value;
  app.send('memory');
  const [bytes] = await once(app, 'message');
  return {
    app: bytes / 2 ** 20,
    page: metric('JSHeapUsedSize') / 2 ** 20,
    busy: metric('TaskDuration'),
    at: metric('Timestamp'),
    calls: await page.textContent('[data-client=ours] [data-count=calls]'),
  };
}

function busyBetween(a, b) {
  return (b.busy - a.busy) / (b.at - a.at);
}

function growth(what) {
  const least = (some) => Math.min(...some.map((reading) => reading[what]));
  return least(readings.slice(-READINGS)) / least(readings.slice(0, READINGS));
}
