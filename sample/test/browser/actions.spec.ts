import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SERVERS, startRedis } from '../../../test/support/redis/redis-server.js';
import { count, hasChromium, launch, marksOf, noteMoves, openPage } from '../support/browser.js';

const LONG = { timeout: 120_000, interval: 250 };

/** What a card says after its action. */
interface Outcome {
  readonly failed: number;
  readonly calls: number;
  readonly slowest: number;
  readonly waited: number;
  readonly replayed: number;
  readonly requests: number;
}

async function outcomesOf(
  page: Page,
  action: string,
): Promise<{ ours: Outcome; snippet: Outcome }> {
  const table = page.locator('.action', { has: page.locator(`[data-action="${action}"]`) });
  await vi.waitFor(async () => {
    expect(await table.locator('[data-outcome]').getAttribute('data-outcome')).toBe('told');
  }, LONG);
  const outcomeOf = async (who: string): Promise<Outcome> => {
    const cell = async (kind: string) =>
      (await table.locator(`.${kind} .${who}`).textContent())!.replaceAll(/,| ms/g, '');
    const [failed, calls] = (await cell('failed')).split(' of ').map(Number);
    return {
      failed: failed!,
      calls: calls!,
      slowest: Number(await cell('slowest')),
      waited: Number(await cell('waited')),
      replayed: Number(await cell('replayed')),
      requests: Number(await cell('requests')),
    };
  };
  return { ours: await outcomeOf('ours'), snippet: await outcomeOf('snippet') };
}

/** The processes that this one has started. */
async function podsOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').map(Number);
}

function inWords({ failed, calls }: Outcome, of = ''): string {
  const [some, all] = [failed, calls].map((count) => count.toLocaleString('en-GB'));
  return `${some} of ${all}${of}`;
}

/** Presses a button, and gives what came of it. */
async function press(browser: Browser, action: string) {
  await using open = await openPage(browser);
  const { page, complaints } = open;
  await vi.waitFor(async () => {
    expect(await count(page, 'ours', 'calls')).toBeGreaterThan(40);
    expect(await count(page, 'snippet', 'calls')).toBeGreaterThan(40);
  }, LONG);
  const before = await page.textContent(`#before-${action}`);
  expect(before!.length).toBeGreaterThan(50);
  await page.click(`[data-action="${action}"]`);
  const outcomes = await outcomesOf(page, action);
  const log = await page.textContent('#happened');
  const marks = async (name: string) => (await marksOf(page, name)).map((points) => points > 30);
  const marked = { refused: await marks('--mark-refused'), outage: await marks('--mark-outage') };
  expect(await page.textContent('#outcome')).toBe(
    `Last action: nestjs-dokstamp lost ${inWords(outcomes.ours, ' calls')}, the snippet ${inWords(outcomes.snippet)}.`,
  );
  expect(complaints).toEqual([]);
  return { ...outcomes, log, marked };
}

describe.skipIf(!hasChromium).concurrent('a button of the page', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  // Those that take longest come first, as a few go on at a time.
  it('plays the tour: each step in its turn, with a sentence, to its end', async () => {
    await using redis = SERVERS.length > 0 ? await startRedis() : undefined;
    const env: Record<string, string> = redis
      ? { REDIS_URL: `redis://127.0.0.1:${redis.port}` }
      : {};
    await using open = await openPage(browser, { env });
    const { page, complaints } = open;
    await vi.waitFor(async () => expect(await page.isEnabled('#tour')).toBe(true), LONG);
    await page.waitForTimeout(2_000);
    const moves = await noteMoves(page);
    await page.click('#tour');
    const sentences = new Set<string | null>();
    const outcomes = new Set<string | null>();
    await vi.waitFor(
      async () => {
        const text = await page.textContent('#tour-text');
        sentences.add(text);
        outcomes.add(await page.textContent('#outcome'));
        expect(text).toMatch(
          /^That was the tour: nestjs-dokstamp lost calls in 1 of 8 steps, the snippet in [5-8]\.$/,
        );
      },
      { timeout: 300_000, interval: 500 },
    );
    const steps = redis ? 10 : 8;
    const step = new RegExp(`^\\d+ of ${steps}\\. `);
    expect([...sentences].filter((text) => step.test(text ?? ''))).toHaveLength(steps);
    // What came of each stands there for a while.
    expect([...outcomes].filter(Boolean).length).toBeGreaterThanOrEqual(7);
    expect(await moves()).toEqual([]);
    expect((await outcomesOf(page, 'revoke')).ours.failed).toBe(0);
    expect(await count(page, 'snippet', 'failed')).toBeGreaterThan(
      await count(page, 'ours', 'failed'),
    );
    expect(complaints).toEqual([]);
  });

  it('takes the token endpoint away for longer than a token lives: ours fails with few requests, and heals', async () => {
    const { ours, snippet, log } = await press(browser, 'down-long');
    expect(ours.failed).toBeGreaterThan(0);
    expect(ours.requests).toBeLessThanOrEqual(25);
    expect(snippet.requests).toBeGreaterThan(5 * ours.requests);
    expect(log).toContain('Calls of nestjs-dokstamp work again');
  });

  it('revokes all tokens: ours loses no call, the snippet does', async () => {
    const { ours, snippet, log } = await press(browser, 'revoke');
    expect(ours).toMatchObject({ failed: 0, requests: 1 });
    expect(ours.replayed).toBeGreaterThan(0);
    expect(snippet.failed).toBeGreaterThan(0);
    expect(log).toContain('All tokens were revoked.');
  });

  it('rotates the secret and tells the app: ours loses no call, the snippet does', async () => {
    const { ours, snippet } = await press(browser, 'rotate-told');
    expect(ours.failed).toBe(0);
    expect(ours.requests).toBeLessThanOrEqual(3);
    expect(snippet.failed).toBeGreaterThan(100);
  });

  it('rotates the secret and tells nobody: both lose calls, ours asks for few tokens', async () => {
    const { ours, snippet, log, marked } = await press(browser, 'rotate-untold');
    expect(ours.failed).toBeGreaterThan(100);
    expect(ours.requests).toBeLessThanOrEqual(4);
    // A call that fails at once has not waited.
    expect(ours.waited).toBeLessThan(30);
    expect(snippet.failed).toBeGreaterThan(100);
    expect(marked.refused.slice(0, 2)).toEqual([true, true]);
    expect(log).toContain(
      'The client id and secret of nestjs-dokstamp were refused (invalid_client)',
    );
    expect(log).toContain('Calls of nestjs-dokstamp work again');
  });

  it.each(['down', 'slow', 'hanging', 'rate-limited'])(
    'disturbs the token endpoint while a renewal falls into it (%s): ours loses no call',
    async (action) => {
      const { ours, snippet, log, marked } = await press(browser, action);
      expect(ours.failed).toBe(0);
      // A slow endpoint lets nobody fail, but its callers wait.
      if (action === 'slow') {
        expect(snippet.waited).toBeGreaterThan(ours.waited + 3);
        expect(snippet.slowest).toBeGreaterThan(2_000);
        expect(ours.slowest).toBeLessThan(snippet.slowest / 2);
      }
      if (action !== 'slow') expect(snippet.failed).toBeGreaterThan(0);
      expect(ours.calls).toBeGreaterThan(100);
      expect(ours.requests).toBeLessThanOrEqual(7);
      expect(log).toContain('The token endpoint works again.');
      expect(marked.outage).toEqual([true, true, true, true]);
    },
  );

  it('calls with a wrong tenant: nobody else loses a call, and few tokens are asked for', async () => {
    const { ours, snippet, log } = await press(browser, 'wrong-tenant');
    expect([ours.failed, snippet.failed]).toEqual([0, 0]);
    expect(ours.requests).toBeGreaterThan(0);
    expect(ours.requests).toBeLessThanOrEqual(6);
    expect(log).toMatch(/\d+ calls with a wrong tenant were made/);
  });

  it('ends the tour where it is pressed again, and begins it as soon as nothing is under way', async () => {
    await using open = await openPage(browser);
    const { page, complaints } = open;
    const tourText = () => page.textContent('#tour-text');
    await page.click('#tour');
    await vi.waitFor(async () => expect(await tourText()).toMatch(/^1 of 8/), LONG);
    await vi.waitFor(async () => {
      expect(await page.textContent('#under-way')).toContain('“Revoke all tokens” is');
    }, LONG);
    await page.click('#tour');
    await vi.waitFor(async () => {
      expect(await tourText()).toBe('The tour was ended.');
      expect(await page.textContent('#tour')).toBe('Take the tour');
    }, LONG);
    await page.click('#tour');
    expect(await tourText()).toBe('The tour begins as soon as nothing is under way.');
    await vi.waitFor(async () => expect(await tourText()).toMatch(/^1 of 8/), LONG);
    expect(complaints).toEqual([]);
  });

  it('has as many calls as its callers make, and nothing to press where nobody calls', async () => {
    await using open = await openPage(browser);
    const { page, complaints } = open;
    await vi.waitFor(async () => expect(await page.isEnabled('#tour')).toBe(true), LONG);
    const rate = async (client: string) => {
      const text = await page.textContent(`[data-client=${client}] figcaption`);
      return Number(/^Now ([\d.]+) calls per second/.exec(text ?? '')?.[1]);
    };
    for (const [callers, least, most] of [
      [1, 4, 6],
      [8, 35, 45],
      [64, 200, 340],
      [0, 0, 0],
    ] as const) {
      await page.click(`[name=callers][value="${callers}"]`);
      await vi.waitFor(async () => {
        for (const client of ['ours', 'snippet']) {
          expect(await rate(client)).toBeGreaterThanOrEqual(least);
          expect(await rate(client)).toBeLessThanOrEqual(most);
        }
      }, LONG);
    }
    expect(await page.textContent('#under-way')).toBe('Nobody calls: choose callers.');
    expect(await page.getAttribute('[data-action=revoke]', 'aria-disabled')).toBe('true');
    // Somebody else may choose as well.
    await fetch(`${open.url}/live/load`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"callers":8}',
    });
    await vi.waitFor(async () => {
      expect(await page.isChecked('[name=callers][value="8"]')).toBe(true);
    }, LONG);
    expect(complaints).toEqual([]);
  });

  it('gives its stream up where nobody sees it, and is told later what happened meanwhile', async () => {
    await using open = await openPage(browser);
    const { page, url, complaints } = open;
    const isLive = async () => (await page.textContent('#live')) === 'Live';
    await vi.waitFor(async () => expect(await isLive()).toBe(true), LONG);
    const becomes = (hidden: boolean) =>
      page.evaluate(`
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    await becomes(true);
    await vi.waitFor(async () => expect(await isLive()).toBe(false), LONG);
    await fetch(`${url}/live/actions/revoke`, { method: 'POST' });
    await becomes(false);
    await vi.waitFor(async () => {
      expect(await isLive()).toBe(true);
      const lines = await page.locator('#happened li').allTextContents();
      expect(lines.filter((line) => line.endsWith('All tokens were revoked.'))).toHaveLength(1);
      expect(lines.filter((line) => line.endsWith('The app was started.'))).toHaveLength(1);
    }, LONG);
    expect(complaints).toEqual([]);
  });

  it.skipIf(SERVERS.length === 0)(
    'starts four processes that share the token of the app through Redis, and kills one',
    async () => {
      await using redis = await startRedis();
      const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
      await using open = await openPage(browser, { env });
      const { page, complaints } = open;
      await vi.waitFor(async () => {
        expect(await page.getAttribute('[data-fleet=kill]', 'aria-disabled')).toBe('true');
      }, LONG);
      await page.click('[data-fleet=start]');
      const rows = () =>
        page.$$eval('#pods tr', (all) =>
          all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)),
        );
      const working = async (state: string) =>
        (await rows()).filter(([, is, calls]) => is === state && Number(calls) > 5);
      await vi.waitFor(async () => expect(await working('running')).toHaveLength(4), LONG);
      for (const [, , , failed, requests] of await rows()) {
        expect([failed, requests]).toEqual(['0', '0']);
      }
      await page.click('[data-fleet=kill]');
      await vi.waitFor(async () => expect(await working('killed')).toHaveLength(1), LONG);
      const sum = async () =>
        (await rows()).reduce((total, [, , calls]) => total + Number(calls), 0);
      const before = await sum();
      await vi.waitFor(async () => expect(await sum()).toBeGreaterThan(before + 20), LONG);
      for (const [, , , failed] of await rows()) expect(failed).toBe('0');
      expect((await page.textContent('#fleet-outcome'))!.trim()).toMatch(
        /^One was killed\. Since then: [\d,]+ calls, 0 failed, \d token requests?\.$/,
      );
      const again = await fetch(`${open.url}/live/fleet`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"do":"start"}',
      });
      expect(again.status).toBe(409);
      expect(await page.getAttribute('[data-fleet=start]', 'aria-disabled')).toBe('true');
      // One that ends by itself is no one that was killed here.
      const [, pid] = await podsOf(open.sample.child.pid!);
      process.kill(pid!, 'SIGABRT');
      await vi.waitFor(async () => {
        expect(await working('ended by itself (SIGABRT)')).toHaveLength(1);
      }, LONG);
      expect(await page.textContent('#happened')).toMatch(/Process \d ended by itself \(SIGABRT\)/);
      await page.click('[data-fleet=stop]');
      await vi.waitFor(async () => expect(await rows()).toEqual([]), LONG);
      expect(complaints).toEqual([]);
    },
  );
});
