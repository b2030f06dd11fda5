import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { pathOf } from '../../../test/support/installed.js';
import { start } from './sample.js';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].map(pathOf).find(Boolean);

export const hasChromium = CHROMIUM !== undefined;
if (!hasChromium) {
  console.warn('\nNO CHROMIUM: the tests of the page are SKIPPED; install chromium.\n');
}

// As root Chromium has no sandbox; and it is to ask nobody but the page's own app.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** The sample of its own, and its page in a browser. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  readonly url: string;
  readonly sample: ReturnType<typeof start>;
  /** What the page has complained of. */
  readonly complaints: string[];
}

interface OpenOptions {
  args?: string[];
  env?: Record<string, string>;
  context?: BrowserContextOptions;
}

export async function openPage(browser: Browser, options: OpenOptions = {}): Promise<OpenPage> {
  const { args = [], env = {}, context = {} } = options;
  const sample = start(args, env);
  const url = await sample.listening;
  const page = await browser.newPage(context);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error.stack)));
  await page.goto(url);
  return {
    page,
    url,
    sample,
    complaints,
    async [Symbol.asyncDispose]() {
      await page.context().close();
      sample.child.kill('SIGTERM');
      await sample.ended;
    },
  };
}

/** What the page counts of a client. */
export async function count(page: Page, client: 'ours' | 'snippet', what: string): Promise<number> {
  const text = await page.textContent(`[data-client=${client}] [data-count=${what}]`);
  return Number(text?.replaceAll(',', ''));
}

/**
 * From now on it is noted what moves on the page without having been touched. The mark of the renewal and the list of
 * what happened are to move.
 */
export async function noteMoves(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(`
    window.moved = [];
    new PerformanceObserver((list) => {
      for (const { sources, hadRecentInput } of list.getEntries()) {
        if (hadRecentInput) continue;
        for (const { node } of sources) {
          const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
          if (!element || !node.textContent.trim()) continue;
          if (element.closest('.mark, #happened')) continue;
          window.moved.push(element.className || element.id || node.textContent);
        }
      }
    }).observe({ type: 'layout-shift' });
  `);
  return () => page.evaluate<string[]>('window.moved');
}

/** How many points of each plot have this colour, more or less. */
export function marksOf(page: Page, name: string): Promise<number[]> {
  return page.evaluate<number[]>(`(() => {
    const probe = document.createElement('i');
    probe.style.color = 'var(${name})';
    document.body.append(probe);
    const wanted = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
    probe.remove();
    return [...document.querySelectorAll('canvas')].map((canvas) => {
      const { width, height } = canvas;
      const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const isNear = wanted.every((value, channel) => Math.abs(data[at + channel] - value) < 32);
        if (isNear && data[at + 3] > 128) count += 1;
      }
      return count;
    });
  })()`);
}

/** How much wider the page is than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}
