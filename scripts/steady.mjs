// npm run test:steady [-- runs]: runs `npm test` again and again (10 times by default) with four busy loops beside it.
// A test that depends on how fast the machine is fails here. It ends with 1 if a run failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = Number(process.argv[2] ?? 10);
if (!(RUNS >= 1)) throw new Error('npm run test:steady -- <number of runs>');
const BUSY_LOOPS = 4;

const folder = await mkdtemp(join(tmpdir(), 'dokstamp-steady-'));
const loops = Array.from({ length: BUSY_LOOPS }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
let running;
const stopLoops = () => {
  for (const child of [...loops, running]) child?.kill('SIGKILL');
};
process.once('exit', stopLoops);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

console.log(`${RUNS} runs of npm test beside ${BUSY_LOOPS} busy loops; logs in ${folder}`);
let failed = 0;
for (let run = 1; run <= RUNS; run++) {
  const log = join(folder, `run-${run}.log`);
  const startedAt = performance.now();
  const isGood = await test(log);
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  if (!isGood) failed++;
  console.log(`${run}/${RUNS} ${isGood ? 'passed' : `FAILED: ${log}`} in ${seconds} s`);
}
console.log(`${RUNS - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function test(log) {
  const output = createWriteStream(log);
  await once(output, 'open');
  running = spawn('npm', ['test'], { stdio: ['ignore', output, output] });
  const [code] = await once(running, 'close');
  return code === 0;
}
