import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampError } from '../../lib/index.js';
import { rejectionOf } from '../support/requests.js';
import { json, stubServer } from '../support/stub-server.js';
import { letGoOn, pass, tokenHarness, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';

beforeEach(setUp);
afterEach(tearDown);

const OLD = { clientId: 'old', clientSecret: 'old-secret' };

const failureOf = (call: Promise<unknown>) => rejectionOf<DokStampError>(letGoOn(call));

describe('a re-read that gives another pair than the refused one opens the gate', () => {
  it('at the next call, though the read took longer than a call waits for it', async () => {
    let pair = OLD;
    let readMs = 0;
    const credentials = async () => {
      const given = pair;
      if (readMs > 0) await new Promise((resolve) => setTimeout(resolve, readMs));
      return given;
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
    pair = sandbox.credentials;
    readMs = 1_300;
    await pass(1_000);
    const impatient = failureOf(harness.tokens.getToken());
    await pass(1_000, 100);
    expect(await impatient).toMatchObject({ code: 'invalid_client' });
    await pass(300);
    readMs = 0;
    expect(await letGoOn(harness.tokens.getToken())).toMatch(/^token_/);
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('also after several reads of the good pair that nobody could wait for', async () => {
    let pair = OLD;
    const credentials = async () => {
      const given = pair;
      if (given !== OLD) await new Promise((resolve) => setTimeout(resolve, 1_300));
      return given;
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await failureOf(harness.tokens.getToken());
    pair = sandbox.credentials;
    await pass(1_000);
    const calls = [failureOf(harness.tokens.getToken())];
    await pass(1_400, 100);
    expect((await calls[0])?.code).toBe('invalid_client');
    const served = letGoOn(harness.tokens.getToken());
    await pass(1_400, 100);
    expect(await served).toMatch(/^token_/);
  });

  it('waits for it in the one call that causes it; others are rejected at once', async () => {
    let hangs = false;
    let reads = 0;
    const credentials = () => {
      reads++;
      return hangs ? new Promise<never>(() => {}) : OLD;
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await failureOf(harness.tokens.getToken());
    hangs = true;
    const before = reads;
    await pass(1_000);
    const waits = failureOf(harness.tokens.getToken());
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
    await pass(1_000);
    expect(await waits).toMatchObject({ code: 'invalid_client' });
    for (let call = 0; call < 5; call++) {
      await pass(1_500);
      expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
    }
    expect(reads - before).toBe(1);
  });

  it('ends one caller’s wait by its own timeout', async () => {
    let hangs = false;
    const credentials = () => (hangs ? new Promise<never>(() => {}) : OLD);
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await failureOf(harness.tokens.getToken());
    hangs = true;
    await pass(1_000);
    const call = failureOf(harness.tokens.getToken({ timeout: 200 }));
    await pass(200);
    expect(await call).toMatchObject({ code: 'token_wait_timeout' });
  });

  it('reads twice in one attempt at the most', async () => {
    let reads = 0;
    const credentials = () => (++reads === 1 ? OLD : sandbox.credentials);
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await letGoOn(harness.tokens.getToken());
    expect({ reads, requests: sandbox.tokenRequests }).toEqual({ reads: 2, requests: 2 });
  });

  it('opens it after another 4xx too', async () => {
    let pair = OLD;
    sandbox.tokenEndpoint.fail({ status: 403, times: 1 });
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials: () => pair });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({
      code: 'token_request_rejected',
    });
    pair = sandbox.credentials;
    await pass(1_000);
    expect(await letGoOn(harness.tokens.getToken())).toMatch(/^token_/);
  });
});

describe('a refusal stays a refusal when the re-read fails', () => {
  it.each<[string, () => Promise<never>]>([
    ['hangs', () => new Promise(() => {})],
    ['throws', () => Promise.reject(new Error('vault sealed'))],
  ])('because it %s: invalid_client with its gate and its log line', async (_, reread) => {
    const lines: string[] = [];
    Logger.overrideLogger({ log() {}, warn() {}, error: (line: string) => void lines.push(line) });
    let reads = 0;
    const credentials = () => (++reads === 1 ? OLD : reread());
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    const failure = failureOf(harness.tokens.getToken());
    await until(() => reads === 2);
    await pass(1_000, 100);
    const error = await failure;
    expect(error).toMatchObject({ code: 'invalid_client', attempts: 1 });
    expect(Number(error.retryAt) - Date.now()).toBeGreaterThan(28_000);
    expect(lines).toEqual([expect.stringContaining('account manager')]);
    expect(harness.events).toEqual([expect.objectContaining({ type: 'credentials-rejected' })]);
  });

  it('or when tokenTimeout ends it', async () => {
    let reads = 0;
    const credentials = () => (++reads === 1 ? OLD : new Promise<never>(() => {}));
    const options = { baseURL: sandbox.url, credentials, tokenTimeout: 300 };
    using harness = await tokenHarness(options);
    const failure = failureOf(harness.tokens.getToken());
    await until(() => reads === 2);
    await pass(300);
    expect(await failure).toMatchObject({ code: 'invalid_client' });
  });
});

describe('credentials that cannot be had are credentials_unavailable', () => {
  it('when the function hangs until tokenTimeout; it is called once, however many acquisitions follow', async () => {
    let calls = 0;
    let answer: (pair: typeof OLD) => void = () => {};
    const credentials = () => {
      calls++;
      if (calls > 1) return sandbox.credentials;
      return new Promise<typeof OLD>((resolve) => (answer = resolve));
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials, tokenTimeout: 500 });
    for (let call = 0; call < 6; call++) {
      const failure = failureOf(harness.tokens.getToken());
      await pass(500, 100);
      expect(await failure).toMatchObject({ code: 'credentials_unavailable', attempts: 0 });
      await pass(30_000, 500);
    }
    expect(calls).toBe(1);
    answer(sandbox.credentials);
    await pass(30_000, 500);
    await until(() => harness.tokens.status.state === 'valid');
  });

  it.each<[string, unknown]>([
    ['the closed of another account', new DokStampError('closed', 'Another one has shut down.')],
    ['a config error', new DokStampError('config_invalid', 'wrong')],
    [
      'one with a retryAt of its own',
      new DokStampError('credentials_unavailable', 'The vault is sealed.', {
        retryAt: new Date(0),
        attempts: 7,
      }),
    ],
    ['an error whose name cannot be read', brokenError()],
  ])('when it throws %s: gate, event and log as for any other', async (_, thrown) => {
    const lines: string[] = [];
    Logger.overrideLogger({ log() {}, error() {}, warn: (line: string) => void lines.push(line) });
    const credentials = () => Promise.reject(thrown);
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    const startedAt = Date.now();
    const failure = failureOf(harness.tokens.getToken());
    await pass(900, 50);
    const error = await failure;
    expect(error).toMatchObject({
      code: 'credentials_unavailable',
      retryable: true,
      attempts: 0,
    });
    expect(Number(error.retryAt)).toBeGreaterThanOrEqual(startedAt + 1_000);
    expect(harness.events).toEqual([expect.objectContaining({ type: 'renewal-failed' })]);
    expect(lines).toHaveLength(1);
  });
});

function brokenError(): Error {
  return Object.defineProperty(new Error('x'), 'name', {
    get() {
      throw new Error('not to be read');
    },
  });
}

describe('the remedy of invalid_client', () => {
  it('is a restart with the new pair where the pair is constant, and none where it is read anew', async () => {
    using constant = await tokenHarness({ baseURL: sandbox.url, ...OLD });
    expect((await failureOf(constant.tokens.getToken())).message).toMatch(
      /put it where the app reads it, then restart the app/,
    );
    using rotated = await tokenHarness({ baseURL: sandbox.url, credentials: () => OLD });
    expect((await failureOf(rotated.tokens.getToken())).message).toMatch(
      /put it where the app reads it\.$/,
    );
  });
});

describe('the status', () => {
  it('goes into JSON with the code, message and retryAt of its error', async () => {
    using harness = await tokenHarness({ baseURL: sandbox.url, ...OLD });
    const { code, message, retryAt } = await failureOf(harness.tokens.getToken());
    const { lastError } = JSON.parse(JSON.stringify(harness.tokens.status)) as never;
    expect(lastError).toMatchObject({ code, message, retryAt: retryAt?.toISOString() });
  });
});

describe('a secret with a lone surrogate', () => {
  it('does not stand in the way of the error', async () => {
    const clientSecret = 'half of a pair: \ud83d';
    using harness = await tokenHarness({ baseURL: sandbox.url, clientId: 'id', clientSecret });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  });
});

describe('the words of a refusal', () => {
  const clientSecret = 'secret-of-37-characters-0123456789abc';

  it.each([150, 180, 199, 200])(
    'are masked, then cut: a description whose secret begins at character %d shows none of it',
    async (before) => {
      await using server = await stubServer((_, response) =>
        json(response, 401, {
          error: 'invalid_client',
          error_description: `${'x'.repeat(before)}${clientSecret}`,
        }),
      );
      using harness = await tokenHarness({ baseURL: server.url, clientId: 'id', clientSecret });
      const error = await failureOf(harness.tokens.getToken());
      expect(error.errorDescription).toMatch(/^x{150}/);
      expect(error.errorDescription?.length).toBeLessThanOrEqual(200);
      expect(JSON.stringify(error)).not.toContain('secret-of');
      expect(JSON.stringify(error)).not.toMatch(/x[se]/);
    },
  );
});
