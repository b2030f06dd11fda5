import { once } from 'node:events';
import { connect } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { accountAt, start } from '../support/sample.js';
import { count, hasChromium, launch, marksOf, openPage, overflowOf } from '../support/browser.js';

const LONG = { timeout: 15_000, interval: 100 };

const isLive = (page: Page) => page.textContent('#live').then((text) => text === 'Live');

describe.skipIf(!hasChromium)('the page in Chromium', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  it('shows both clients at work, asks nobody but its app, and complains of nothing', async () => {
    await using open = await openPage(browser);
    const { page, url, complaints } = open;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    await page.reload();
    await vi.waitFor(
      async () => expect(await count(page, 'ours', 'calls')).toBeGreaterThan(80),
      LONG,
    );
    expect(await count(page, 'snippet', 'calls')).toBeGreaterThan(60);
    expect(await count(page, 'ours', 'failed')).toBe(0);
    expect(await count(page, 'ours', 'tokenRequests')).toBeLessThanOrEqual(1);
    expect(await page.locator('canvas').count()).toBe(4);
    expect(await page.textContent('#token-state')).toBe('valid');
    expect(await page.getAttribute('#token-bar', 'aria-label')).toMatch(
      /^\d+ % of the token’s lifetime of 30 s is over$/,
    );
    const lines = await page.locator('#happened li').allTextContents();
    expect(lines).toContainEqual(
      expect.stringMatching(/^\d\d:\d\d:\d\dnestjs-dokstamp obtained a new token/),
    );
    expect(await page.getAttribute('#snippet-token .token-bar', 'aria-label')).toMatch(
      /^\d+ % of the token’s lifetime of 30 s is over$/,
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/The snippet obtained (a new token|\d+ new tokens)\.$/),
    );
    expect(new Set(asked)).toEqual(new Set([url]));
    expect(complaints).toEqual([]);
  });

  it('loses its stream with the app, says so, and is live again with the app', async () => {
    const first = await openPage(browser);
    const { page, url, sample } = first;
    await vi.waitFor(async () => expect(await isLive(page)).toBe(true), LONG);
    sample.child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await isLive(page)).toBe(false), LONG);
    const again = start([], { PORT: new URL(url).port });
    await again.listening;
    await vi.waitFor(async () => expect(await isLive(page)).toBe(true), LONG);
    await page.context().close();
    again.child.kill('SIGTERM');
    await again.ended;
  });

  it('says so where the app is silent, and is live again as soon as the app goes on', async () => {
    await using open = await openPage(browser);
    const { page, sample, complaints } = open;
    await vi.waitFor(async () => expect(await isLive(page)).toBe(true), LONG);
    sample.child.kill('SIGSTOP');
    await vi.waitFor(async () => {
      expect(await page.textContent('#live')).toBe('Not live');
      expect(await page.textContent('#under-way')).toMatch(
        /^The app does not answer\. This is how it was at \d\d:\d\d:\d\d\.$/,
      );
    }, LONG);
    const filter = () => page.evaluate(`getComputedStyle(document.querySelector('main')).filter`);
    expect(await filter()).toContain('grayscale');
    sample.child.kill('SIGCONT');
    await vi.waitFor(async () => expect(await isLive(page)).toBe(true), LONG);
    expect(await filter()).toBe('none');
    expect(complaints).toEqual([]);
  });

  it('does not hold up the end of the app, whose stream it asks for again and again', async () => {
    await using open = await openPage(browser);
    const { page, sample, url } = open;
    await vi.waitFor(async () => expect(await isLive(page)).toBe(true), LONG);
    // A browser opens connections beforehand, which it may never use.
    const unused = connect(Number(new URL(url).port), '127.0.0.1');
    await once(unused, 'connect');
    sample.child.kill('SIGTERM');
    const late = new Promise((resolve) => setTimeout(() => resolve('still running'), 10_000));
    expect(await Promise.race([sample.ended, late])).toMatchObject({ errors: '' });
    unused.destroy();
  });

  it('begins anew with an app that is started anew amid an action: all can be pressed again', async () => {
    const first = await openPage(browser);
    const { page, url, sample } = first;
    await page.click('#tour');
    await vi.waitFor(async () => {
      expect(await page.textContent('#under-way')).toContain('“Revoke all tokens”');
    }, LONG);
    sample.child.kill('SIGKILL');
    const again = start([], { PORT: new URL(url).port });
    await again.listening;
    await vi.waitFor(async () => {
      expect(await isLive(page)).toBe(true);
      expect(await page.textContent('#tour')).toBe('Take the tour');
      expect(await page.textContent('#under-way')).toBe('Nothing is under way.');
      expect(await page.getAttribute('[data-action=revoke]', 'aria-disabled')).toBe('false');
    }, LONG);
    const lines = await page.locator('#happened li').allTextContents();
    expect(lines.filter((line) => line.includes('The app was started.'))).toHaveLength(1);
    await page.click('[data-action=revoke]');
    await vi.waitFor(async () => {
      expect(await page.textContent('#under-way')).toContain('“Revoke all tokens”');
    }, LONG);
    await page.context().close();
    again.child.kill('SIGTERM');
    await again.ended;
  });

  it('marks in the plots of both what happened', async () => {
    await using open = await openPage(browser);
    const { page } = open;
    await page.waitForSelector('canvas');
    expect(await marksOf(page, '--mark-revoked')).toEqual([0, 0, 0, 0]);
    await page.click('[data-action=revoke]');
    await vi.waitFor(async () => {
      for (const drawn of await marksOf(page, '--mark-revoked')) expect(drawn).toBeGreaterThan(40);
      for (const drawn of await marksOf(page, '--mark-issued')) expect(drawn).toBeGreaterThan(40);
    }, LONG);
  });

  it('has with an account of one’s own neither load nor button', async () => {
    await using dokstamp = await DokStampSandbox.start();
    await using open = await openPage(browser, { args: ['--real'], env: accountAt(dokstamp) });
    const { page, complaints } = open;
    await vi.waitFor(async () => expect(await isLive(page)).toBe(true), LONG);
    expect(await page.textContent('#token-state')).toBe('valid');
    expect(await page.textContent('#token-ends')).toMatch(/in 12\.0 h$/);
    expect(await page.locator('button:visible').count()).toBe(0);
    expect(await page.locator('canvas').count()).toBe(0);
    expect(await page.locator('[data-for=account]').isVisible()).toBe(true);
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await overflowOf(page)).toBe(0);
    }
    const before = dokstamp.requests.length;
    await page.waitForTimeout(1_500);
    expect(dokstamp.requests.length).toBe(before);
    expect(complaints).toEqual([]);
  });
});
