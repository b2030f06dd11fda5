import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SERVERS, startRedis } from '../support/redis/redis-server.js';
import { count, hasChromium, launch, openPage } from './support/browser.js';

const LONG = { timeout: 120_000, interval: 250 };

/** What a card says after its action. */
interface Outcome {
  readonly failed: number;
  readonly calls: number;
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
    const cell = async (kind: string) => (await table.locator(`.${kind} .${who}`).textContent())!;
    const [failed, calls] = (await cell('failed')).split(' of ').map(Number);
    return {
      failed: failed!,
      calls: calls!,
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
  expect(complaints).toEqual([]);
  return { ...outcomes, log };
}

describe.skipIf(!hasChromium).concurrent('a button of the page', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(() => browser?.close());

  // Those that take longest come first, as a few go on at a time.
  it('plays the tour: each step in its turn, with a sentence, to its end', async () => {
    await using open = await openPage(browser);
    const { page, complaints } = open;
    await page.click('#tour');
    const sentences = new Set<string | null>();
    await vi.waitFor(
      async () => {
        const text = await page.textContent('.tour-text');
        sentences.add(text);
        expect(text).toMatch(
          /^That was the tour: \d+ calls of nestjs-dokstamp failed, and [\d,]+ of/,
        );
      },
      { timeout: 300_000, interval: 500 },
    );
    const [, ours, snippet] = /: (\S+) calls .* and (\S+) of/.exec([...sentences].at(-1)!)!;
    expect(Number(snippet!.replace(',', ''))).toBeGreaterThan(2 * Number(ours!.replace(',', '')));
    expect([...sentences].filter((text) => /^\d of 8\. /.test(text ?? ''))).toHaveLength(8);
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
    const { ours, snippet, log } = await press(browser, 'rotate-untold');
    expect(ours.failed).toBeGreaterThan(100);
    expect(ours.requests).toBeLessThanOrEqual(4);
    expect(snippet.failed).toBeGreaterThan(100);
    expect(log).toContain('The client id and secret were refused (invalid_client)');
    expect(log).toContain('Calls of nestjs-dokstamp work again');
  });

  it.each(['down', 'slow', 'hanging', 'rate-limited'])(
    'disturbs the token endpoint while a renewal falls into it (%s): ours loses no call',
    async (action) => {
      const { ours, snippet, log } = await press(browser, action);
      expect(ours.failed).toBe(0);
      // A slow endpoint lets nobody fail, but its callers wait.
      if (action === 'slow') expect(snippet.waited).toBeGreaterThan(ours.waited + 3);
      else expect(snippet.failed).toBeGreaterThan(0);
      expect(ours.calls).toBeGreaterThan(100);
      expect(ours.requests).toBeLessThanOrEqual(7);
      expect(log).toContain('The token endpoint works again.');
    },
  );

  it('calls with a wrong tenant: nobody else loses a call, and few tokens are asked for', async () => {
    const { ours, log } = await press(browser, 'wrong-tenant');
    expect(ours.failed).toBe(0);
    expect(ours.requests).toBeLessThanOrEqual(6);
    expect(log).toMatch(/\d+ calls with a wrong tenant were made/);
  });

  it('ends the tour where it is pressed again', async () => {
    await using open = await openPage(browser);
    const { page } = open;
    await page.click('#tour');
    await vi.waitFor(
      async () => expect(await page.textContent('#tour')).toBe('End the tour'),
      LONG,
    );
    await page.click('#tour');
    await vi.waitFor(async () => {
      expect(await page.textContent('.tour-text')).toBe('The tour was ended.');
      expect(await page.textContent('#tour')).toBe('Take the tour');
    }, LONG);
  });

  it.skipIf(SERVERS.length === 0)(
    'starts four processes that share the token of the app through Redis, and kills one',
    async () => {
      await using redis = await startRedis();
      const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
      await using open = await openPage(browser, { env });
      const { page, complaints } = open;
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
