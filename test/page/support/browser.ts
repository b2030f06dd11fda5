import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { pathOf } from '../../support/installed.js';
import { start } from '../../support/sample.js';

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
