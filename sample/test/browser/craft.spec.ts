import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type OpenPage,
  hasChromium,
  launch,
  noteMoves,
  openPage,
  overflowOf,
} from '../support/browser.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SHOTS = new URL('../../screenshots/', import.meta.url).pathname;
const LONG = { timeout: 15_000, interval: 100 };

describe.skipIf(!hasChromium).concurrent('the page in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  it('is reached by the keyboard alone, with all that it has to press', async () => {
    await using open = await openPage(browser);
    const { page } = open;
    await page.waitForSelector('[data-action=wrong-tenant]');
    const wanted = await page.evaluate<string[]>(`
      [...document.querySelectorAll('button, a, [tabindex="0"]')]
        .filter((one) => one.checkVisibility())
        .map((one) => one.textContent)
    `);
    const reached = new Set<string>();
    let radios = 0;
    for (let turn = 0; turn < wanted.length + 5; turn += 1) {
      await page.keyboard.press('Tab');
      const { text, isRadio } = await page.evaluate<{ text: string; isRadio: boolean }>(`({
        text: document.activeElement.textContent,
        isRadio: document.activeElement.matches('[type=radio]'),
      })`);
      if (isRadio) radios += 1;
      reached.add(text);
    }
    // The list of what happened goes on changing.
    const names = wanted.filter((text) => text && !/^\s*\d\d:\d\d/.test(text));
    expect(names.filter((name) => !reached.has(name))).toEqual([]);
    expect(radios).toBeGreaterThan(0);

    await page.focus('[name=callers][value="8"]');
    const told = page.waitForResponse(/\/live\/load$/);
    await page.keyboard.press('ArrowRight');
    expect((await told).ok()).toBe(true);
    expect((await told).request().postDataJSON()).toEqual({ callers: 64 });
    await page.focus('[data-action=revoke]');
    await page.keyboard.press('Enter');
    await vi.waitFor(async () => {
      expect(await page.textContent('#under-way')).toContain('“Revoke all tokens”');
    }, LONG);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Revoke all tokens');
  });

  it.each([
    [1440, 'rotate-untold'],
    [1024, 'revoke'],
    [360, 'rotate-untold'],
  ])(
    'moves nothing while its numbers change and an action is under way: %i px wide, %s',
    async (width, action) => {
      await using open = await openPage(browser, { context: { viewport: { width, height: 800 } } });
      const { page } = open;
      await page.waitForSelector('canvas');
      await page.waitForTimeout(1_500);
      const moves = await noteMoves(page);
      await page.click(`[data-action=${action}]`);
      // First its card is in sight, then the plots.
      await page.waitForTimeout(4_000);
      await page.evaluate('window.scrollTo(0, 0)');
      await vi.waitFor(
        async () => {
          expect(await page.textContent('#under-way')).toBe('Nothing is under way.');
        },
        { timeout: 60_000, interval: 250 },
      );
      await page.waitForTimeout(1_500);
      expect(await moves()).toEqual([]);
    },
  );

  it('moves next to nothing while its numbers change', async () => {
    await using open = await openPage(browser);
    const { page } = open;
    await page.waitForSelector('canvas');
    await page.waitForTimeout(1_500);
    // Of all, also of the list and the mark, which are to move.
    const shift = page.evaluate<number>(`new Promise((resolve) => {
      let sum = 0;
      new PerformanceObserver((list) => {
        for (const { value } of list.getEntries()) sum += value;
      }).observe({ type: 'layout-shift' });
      setTimeout(() => resolve(sum), 6000);
    })`);
    expect(await shift).toBeLessThan(0.01);
  });

  it('shows how long a token has lived where the reader has chosen the colours', async () => {
    await using open = await openPage(browser, { context: { forcedColors: 'active' } });
    const { page } = open;
    await page.waitForSelector('canvas');
    const colorOf = (part: string) =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('${part}')).backgroundColor`);
    expect(await colorOf('.lived')).not.toBe('rgba(0, 0, 0, 0)');
    expect(await colorOf('.lived')).not.toBe(await colorOf('.token-bar'));
    await page.waitForTimeout(3_000);
    await page.screenshot({ path: `${SHOTS}page-forced-colors.png` });
  });

  it('lets nothing glide for whoever wants less motion', async () => {
    await using open = await openPage(browser, { context: { reducedMotion: 'reduce' } });
    const { page } = open;
    await page.waitForSelector('canvas');
    const gliding = `document.getAnimations({ subtree: true }).length`;
    for (let nth = 0; nth < 30; nth += 1) {
      expect(await page.evaluate(gliding)).toBe(0);
      await page.waitForTimeout(100);
    }
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await vi.waitFor(async () => expect(await page.evaluate(gliding)).toBeGreaterThan(0), LONG);
  });
});

describe.skipIf(!hasChromium)('the page after a minute in which a few things happened', () => {
  let browser: Browser;
  let story: OpenPage;

  beforeAll(async () => {
    browser = await launch();
    story = await openPage(browser);
    const { page } = story;
    await page.waitForSelector('[data-action=revoke]');
    await page.waitForTimeout(10_000);
    for (const action of ['revoke', 'down']) {
      await page.click(`[data-action=${action}]`);
      await page.waitForSelector(`.action:has([data-action=${action}]) [data-outcome=told]`, {
        timeout: 60_000,
      });
    }
  }, 180_000);

  afterAll(async () => {
    await story?.[Symbol.asyncDispose]();
    await browser?.close();
  });

  it.each([
    { name: 'desktop-light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
    { name: 'desktop-dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
    { name: 'phone-light', colorScheme: 'light', viewport: { width: 360, height: 740 } },
    { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 360, height: 740 } },
    { name: 'tablet', colorScheme: 'light', viewport: { width: 768, height: 1024 } },
    { name: 'wide', colorScheme: 'light', viewport: { width: 3840, height: 2160 } },
  ] as const)('is whole and readable: $name', async ({ name, ...context }) => {
    const page = await browser.newPage(context);
    await page.goto(story.url);
    await page.waitForSelector('canvas');
    await page.waitForTimeout(1_500);
    await page.screenshot({ path: `${SHOTS}page-${name}.png`, fullPage: true });
    expect(await overflowOf(page)).toBe(0);
    const violations = await axeOf(page, await readFile(AXE, 'utf8'));
    await page.context().close();
    expect(violations).toEqual([]);
  });
});

/** What axe-core finds wrong. It comes by the debugger, as the page's policy lets no other script in. */
async function axeOf(page: Page, source: string): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
      id + ': ' + nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary).join(' | ')))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return result.value as string[];
}
