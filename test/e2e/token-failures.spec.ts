import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { optionsFor } from '../support/app.js';
import { json, stubServer } from '../support/stub-server.js';
import { letGoOn, pass, tokenHarness, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';
import { type DokStampError, isDokStampError } from '../../lib/index.js';
import type { DokStampSandbox } from '../../lib/testing/index.js';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';

beforeEach(setUp);
afterEach(tearDown);

// Pauses of no length (chance stands at 0) are let go on; other time is moved by the test.
async function failureOf(call: Promise<unknown>): Promise<DokStampError> {
  try {
    await letGoOn(call);
  } catch (error) {
    if (isDokStampError(error)) return error;
    throw error;
  }
  throw new Error('The call did not fail.');
}

const stub = { clientId: 'id', clientSecret: 'secret-1' };

describe('attempts within one acquisition', () => {
  it('makes up to 3 when somebody waits and the last acquisition had not failed, else one', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.fail({ status: 500 });
    const first = failureOf(harness.tokens.getToken());
    await pass(1_000, 50);
    expect(await first).toMatchObject({
      code: 'token_request_failed',
      attempts: 3,
      retryable: true,
      status: 500,
    });
    expect(sandbox.tokenRequests).toBe(3);
    await pass(1_000);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ attempts: 1 });
    expect(sandbox.tokenRequests).toBe(4);
  });

  it('makes one when nobody waits', async () => {
    sandbox.tokenEndpoint.fail({ status: 500 });
    using harness = await tokenHarness({ ...optionsFor(sandbox), startup: 'background' });
    await until(() => harness.events.length === 1);
    await pass(900, 100);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('waits between them with full jitter from 200 ms, doubled once', async () => {
    vi.spyOn(SYSTEM_CLOCK, 'random').mockReturnValue(0.999);
    using harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.fail({ status: 500 });
    const failure = failureOf(harness.tokens.getToken());
    await until(() => sandbox.tokenRequests === 1);
    await pass(198);
    expect(sandbox.tokenRequests).toBe(1);
    await pass(4);
    await until(() => sandbox.tokenRequests === 2);
    await pass(396);
    expect(sandbox.tokenRequests).toBe(2);
    await pass(8);
    await until(() => sandbox.tokenRequests === 3);
    await failure;
  });

  it('succeeds when a later attempt does', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.fail({ status: 502, times: 2 });
    const token = harness.tokens.getToken();
    await pass(1_000, 50);
    expect(await token).toMatch(/^token_/);
    expect(harness.tokens.status.lastError).toBeUndefined();
  });
});

describe('the gate', () => {
  const closings: {
    kind: string;
    fault: Parameters<DokStampSandbox['tokenEndpoint']['fail']>[0];
    code: string;
    seconds: number[];
  }[] = [
    {
      kind: '5xx',
      fault: { status: 503 },
      code: 'token_request_failed',
      seconds: [1, 1.5, 2.25, 3.375],
    },
    {
      kind: 'a malformed 200',
      fault: { status: 200, body: '{}' },
      code: 'token_response_invalid',
      seconds: [1, 1.5],
    },
    { kind: '429', fault: { status: 429 }, code: 'token_rate_limited', seconds: [1, 1.5, 2.25] },
    {
      kind: '429 with seconds',
      fault: { status: 429, retryAfter: 7 },
      code: 'token_rate_limited',
      seconds: [7, 7],
    },
    {
      kind: '503 with seconds',
      fault: { status: 503, retryAfter: 7 },
      code: 'token_rate_limited',
      seconds: [7],
    },
    {
      kind: '429 with zero',
      fault: { status: 429, retryAfter: 0 },
      code: 'token_rate_limited',
      seconds: [1],
    },
    {
      kind: '429 with garbage',
      fault: { status: 429, retryAfter: 'soon' },
      code: 'token_rate_limited',
      seconds: [1],
    },
    {
      kind: '429 with a date',
      fault: { status: 429, retryAfter: 'Thu, 01 Jan 2026 00:00:20 GMT' },
      code: 'token_rate_limited',
      seconds: [20],
    },
    {
      kind: '429 with years',
      fault: { status: 429, retryAfter: 1e9 },
      code: 'token_rate_limited',
      seconds: [300],
    },
    {
      kind: 'invalid_client',
      fault: { status: 401 },
      code: 'invalid_client',
      seconds: [30, 60, 120, 240, 300, 300],
    },
    {
      kind: 'invalid_client with 400',
      fault: { status: 400, body: { error: 'invalid_client' } },
      code: 'invalid_client',
      seconds: [30],
    },
    {
      kind: '403 without a body',
      fault: { status: 403, body: '' },
      code: 'token_request_rejected',
      seconds: [30, 60],
    },
    {
      kind: '400 with an OAuth body',
      fault: { status: 400, body: { error: 'invalid_scope' } },
      code: 'token_request_rejected',
      seconds: [30],
    },
    {
      kind: 'a redirect',
      fault: { status: 307, body: '' },
      code: 'token_request_rejected',
      seconds: [30],
    },
  ];

  it.each(closings)(
    'closes after $kind with $code for $seconds s',
    async ({ fault, code, seconds }) => {
      using harness = await tokenHarness(optionsFor(sandbox));
      // Nothing is planned from here on, so that only calls ask.
      harness.tokens.onModuleDestroy();
      sandbox.tokenEndpoint.fail(fault);
      for (const closedFor of seconds) {
        const error = await failureOf(harness.tokens.getToken());
        expect(error.code).toBe(code);
        expect(Number(error.retryAt)).toBeCloseTo(Date.now() + closedFor * 1_000, -1);
        expect(harness.tokens.status).toMatchObject({
          state: 'blocked',
          blockedUntil: error.retryAt,
          lastError: error,
        });
        const asked = sandbox.tokenRequests;
        await pass(closedFor * 1_000 - 10);
        const { code: again, message, retryAt } = await failureOf(harness.tokens.getToken());
        expect({ again, message, retryAt }).toEqual({
          again: code,
          message: error.message,
          retryAt: error.retryAt,
        });
        expect(sandbox.tokenRequests).toBe(asked);
        await pass(10);
      }
      sandbox.tokenEndpoint.restore();
      await harness.tokens.getToken();
      expect(harness.tokens.status).toMatchObject({ state: 'valid' });
      expect(harness.tokens.status.lastError).toBeUndefined();
    },
  );

  it('closes for at most 30 s in an outage', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    harness.tokens.onModuleDestroy();
    sandbox.tokenEndpoint.fail({ status: 503 });
    let last = 0;
    for (let round = 0; round < 14; round++) {
      last = Number((await failureOf(harness.tokens.getToken())).retryAt) - Date.now();
      await pass(last);
    }
    expect(last).toBe(30_000);
  });

  it('rejects 1,000 calls in a row against a refused secret at once, after one token request', async () => {
    using harness = await tokenHarness({ ...optionsFor(sandbox), clientSecret: 'not-the-one' });
    for (let call = 0; call < 1_000; call++) {
      const error = await failureOf(harness.tokens.getToken());
      expect(error).toMatchObject({ code: 'invalid_client', retryable: false, status: 401 });
      expect(error.retryAt).toBeInstanceOf(Date);
    }
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('forgets every failure at a success', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.fail({ status: 401, times: 1 });
    await failureOf(harness.tokens.getToken());
    await pass(30_000);
    await harness.tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 401, times: 1 });
    const error = await failureOf(harness.tokens.renew());
    expect(Number(error.retryAt) - Date.now()).toBe(30_000);
  });

  it('lets renew() ask nothing of the server while it is closed', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const token = await harness.tokens.getToken();
    sandbox.tokenEndpoint.fail({ status: 401 });
    const error = await failureOf(harness.tokens.renew());
    const { code, retryAt } = await failureOf(harness.tokens.renew());
    expect({ code, retryAt }).toEqual({ code: 'invalid_client', retryAt: error.retryAt });
    expect(sandbox.tokenRequests).toBe(2);
    expect(await harness.tokens.getToken()).toBe(token);
  });
});

describe('rotated credentials', () => {
  it('are used within the same acquisition when re-reading gives another pair', async () => {
    let read = 0;
    const old = sandbox.credentials;
    sandbox.rotateCredentials();
    const credentials = () => (read++ === 0 ? old : sandbox.credentials);
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await harness.tokens.getToken();
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('open the gate within a second, with at most one re-read a second and no request until then', async () => {
    let pair = { clientId: 'old', clientSecret: 'old-secret' };
    let reads = 0;
    const credentials = () => {
      reads++;
      return pair;
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await failureOf(harness.tokens.getToken());
    expect(sandbox.tokenRequests).toBe(1);
    const before = reads;
    for (let tenth = 0; tenth < 50; tenth++) {
      expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
      await pass(100);
    }
    expect(reads - before).toBeLessThanOrEqual(6);
    expect(sandbox.tokenRequests).toBe(1);
    pair = sandbox.credentials;
    await pass(1_000);
    await harness.tokens.getToken();
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('that cannot be read anew leave the remembered error standing', async () => {
    let fails = false;
    const credentials = () => {
      if (fails) throw new Error('vault sealed');
      return { clientId: 'old', clientSecret: 'old-secret' };
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await failureOf(harness.tokens.getToken());
    fails = true;
    await pass(2_000);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  });

  it('that take long to read do not hold up a call for more than a second', async () => {
    let slow = false;
    const credentials = async () => {
      if (slow) await new Promise(() => {});
      return { clientId: 'old', clientSecret: 'old-secret' };
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await failureOf(harness.tokens.getToken());
    slow = true;
    await pass(1_000);
    const refused = failureOf(harness.tokens.getToken());
    await pass(1_000);
    expect(await refused).toMatchObject({ code: 'invalid_client' });
  });
});

describe('credentials that cannot be had', () => {
  it.each([
    ['throws', () => Promise.reject(new Error('the secret is hunter22'))],
    ['gives a blank', () => ({ clientId: 'id', clientSecret: '  ' })],
    ['gives nothing', () => undefined as never],
  ])(
    'reject with credentials_unavailable when the function %s, without its words',
    async (_, credentials) => {
      using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
      const failure = failureOf(harness.tokens.getToken());
      await pass(1_000, 50);
      const error = await failure;
      expect(error).toMatchObject({
        code: 'credentials_unavailable',
        retryable: true,
        attempts: 0,
      });
      expect(error.message).not.toContain('hunter22');
      expect(Number(error.retryAt)).toBeGreaterThan(Date.now() - 1_000);
      expect(sandbox.tokenRequests).toBe(0);
    },
  );

  it('reject at tokenTimeout when the function hangs', async () => {
    using harness = await tokenHarness({
      baseURL: sandbox.url,
      credentials: () => new Promise(() => {}),
      tokenTimeout: 500,
    });
    const failure = failureOf(harness.tokens.getToken());
    await pass(500);
    expect(await failure).toMatchObject({ code: 'credentials_unavailable' });
  });
});

describe('answers that lie', () => {
  const big = JSON.stringify({
    token_type: 'Bearer',
    expires_in: 60,
    access_token: 'x'.repeat(5_000_000),
  });
  const good = { token_type: 'Bearer', expires_in: 60, access_token: 'token_1' };
  it.each([
    ['HTML with 200', '<html>captive portal</html>', 'text/html'],
    ['an empty body', '', 'application/json'],
    ['{}', '{}', 'application/json'],
    ['an error member', JSON.stringify({ ...good, error: 'server_error' }), 'application/json'],
    ['another token_type', JSON.stringify({ ...good, token_type: 'mac' }), 'application/json'],
    ['a 5 MB body', big, 'application/json'],
    [
      'a token with CR/LF',
      JSON.stringify({ ...good, access_token: 'a\r\nX-Evil: 1' }),
      'application/json',
    ],
    [
      'a token no header may carry',
      JSON.stringify({ ...good, access_token: 'a\u2603b' }),
      'application/json',
    ],
    ['truncated JSON', JSON.stringify(good).slice(0, -4), 'application/json'],
    ['expires_in zero', JSON.stringify({ ...good, expires_in: 0 }), 'application/json'],
    ['expires_in negative', JSON.stringify({ ...good, expires_in: -5 }), 'application/json'],
    [
      'expires_in that is no number',
      JSON.stringify({ ...good, expires_in: 'soon' }),
      'application/json',
    ],
  ])('are token_response_invalid: %s', async (_, body, type) => {
    await using server = await stubServer((__, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(body);
    });
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    const failure = failureOf(harness.tokens.getToken());
    await pass(1_000, 50);
    expect(await failure).toMatchObject({
      code: 'token_response_invalid',
      retryable: true,
      attempts: 3,
    });
  });

  it.each([
    ['a wrong content type', 'text/html', 3_600, 3_600],
    ['a numeric string', 'application/json', '3600', 3_600],
    ['a fraction', 'application/json', 1_800.5, 1_800.5],
    ['no expires_in', 'application/json', undefined, 300],
    ['null', 'application/json', null, 300],
  ])('are accepted where they are good JSON: %s', async (_, type, expiresIn, lifetime) => {
    await using server = await stubServer((__, response) => {
      response.writeHead(200, { 'content-type': type });
      response.end(
        JSON.stringify({ token_type: 'bEaReR', expires_in: expiresIn, access_token: 'token_1' }),
      );
    });
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(Number(harness.tokens.status.expiresAt) - Date.now()).toBe(lifetime * 1_000);
  });

  it.each(['gzip', 'br'])(
    'are token_response_invalid: plain text that calls itself %s',
    async (encoding) => {
      await using server = await stubServer((_, response) => {
        response.writeHead(200, { 'content-encoding': encoding });
        response.end(JSON.stringify(good));
      });
      using harness = await tokenHarness({ baseURL: server.url, ...stub });
      const failure = failureOf(harness.tokens.getToken());
      await pass(1_000, 50);
      expect(await failure).toMatchObject({ code: 'token_response_invalid', status: 200 });
    },
  );

  it.each([
    { status: 201, access_token: 'a-token-of-201' },
    { status: 200, access_token: 'a-token-of-mac', token_type: 'mac' },
    { status: 400, access_token: 'a-token-of-400', error_description: 'tok a-token-of-400' },
  ])('are masked also where they are refused: $access_token', async ({ status, ...answer }) => {
    await using server = await stubServer((_, response) =>
      server.seen.length === 1
        ? json(response, status, { ...good, ...answer })
        : json(response, 400, { error_description: `tok ${answer.access_token}` }),
    );
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    for (let call = 0; call < 2; call++) {
      const failure = failureOf(harness.tokens.getToken());
      await pass(1_000, 50);
      expect(JSON.stringify(await failure)).not.toContain('a-token-of');
      await pass(31_000, 1_000);
    }
  });

  it('are accepted with an "error" of null', async () => {
    await using server = await stubServer((_, response) =>
      json(response, 200, { ...good, error: null }),
    );
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    expect(await harness.tokens.getToken()).toBe('token_1');
  });

  it('are not followed to another host by a redirect, and nothing is sent there', async () => {
    await using other = await stubServer((_, response) => json(response, 200, {}));
    await using server = await stubServer((_, response) => {
      response.writeHead(307, { location: `${other.url}/oauth/token` });
      response.end();
    });
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({
      code: 'token_request_rejected',
      status: 307,
    });
    expect(other.seen).toEqual([]);
  });
});

describe('an answer of more than 64 KiB', () => {
  const page = `<html>${'x'.repeat(70_000)}</html>`;

  it.each([
    { status: 429, retryAfter: 120, code: 'token_rate_limited', requests: 1, seconds: 120 },
    { status: 503, retryAfter: 120, code: 'token_rate_limited', requests: 1, seconds: 120 },
    { status: 503, retryAfter: undefined, code: 'token_request_failed', requests: 3, seconds: 1 },
    {
      status: 404,
      retryAfter: undefined,
      code: 'token_request_rejected',
      requests: 1,
      seconds: 30,
    },
    {
      status: 401,
      retryAfter: undefined,
      code: 'token_request_rejected',
      requests: 1,
      seconds: 30,
    },
    { status: 200, retryAfter: undefined, code: 'token_response_invalid', requests: 3, seconds: 1 },
  ])(
    'is judged by its status alone: $status with Retry-After $retryAfter is $code',
    async ({ status, retryAfter, code, requests, seconds }) => {
      using harness = await tokenHarness(optionsFor(sandbox));
      const header = retryAfter === undefined ? {} : { retryAfter };
      sandbox.tokenEndpoint.fail({ status, body: page, ...header });
      const error = await failureOf(harness.tokens.getToken());
      expect(error).toMatchObject({ code, status, attempts: requests });
      expect(sandbox.tokenRequests).toBe(requests);
      expect(Number(error.retryAt) - Date.now()).toBe(seconds * 1_000);
    },
  );

  it.each([200, 401])('that never ends is cut off too: %d', async (status) => {
    await using server = await stubServer((_, response) => {
      response.writeHead(status);
      // Where the connection is gone, each write is over at once, with an error.
      const more = () => response.write('x'.repeat(10_000), (error) => error ?? setImmediate(more));
      more();
    });
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ status });
  });
});

describe('an answer whose body stops', () => {
  it.each([
    { status: 429, headers: { 'retry-after': '120' }, code: 'token_rate_limited' },
    { status: 401, headers: {}, code: 'token_request_rejected' },
    { status: 500, headers: {}, code: 'token_request_failed' },
  ])('is judged by its status within a second: $status', async ({ status, headers, code }) => {
    await using server = await stubServer((_, response) => {
      response.writeHead(status, headers);
      response.write('{"error": "inv');
    });
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    harness.tokens.onModuleDestroy();
    const failure = failureOf(harness.tokens.getToken());
    await until(() => server.seen.length === 1);
    await pass(3_900, 50);
    expect(await failure).toMatchObject({ code, status });
  });

  it.each([429, 401, 200])(
    'because the connection breaks is judged likewise: %d',
    async (status) => {
      await using server = await stubServer((_, response) => {
        response.writeHead(status, { 'content-length': '100' });
        response.write('{"error": "inv', () => response.destroy());
      });
      using harness = await tokenHarness({ baseURL: server.url, ...stub });
      const codes = { 429: 'token_rate_limited', 401: 'token_request_rejected' } as const;
      const code = codes[status as 429] ?? 'token_request_failed';
      expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code });
    },
  );
});

describe('the token request', () => {
  it('is a form post with Accept and User-Agent, without X-Tenant or Authorization', async () => {
    await using server = await stubServer((_, response) =>
      json(response, 200, { token_type: 'Bearer', expires_in: 60, access_token: 'token_1' }),
    );
    using harness = await tokenHarness({
      baseURL: `${server.url}/prefix/`,
      clientId: 'my id',
      clientSecret: 'a+b&c=ü',
      tenant: 'uni',
      http: { headers: { 'X-Mine': 'api only' } },
    });
    await harness.tokens.getToken();
    const [request] = server.seen;
    expect(request).toMatchObject({ method: 'POST', url: '/prefix/oauth/token' });
    expect(Object.fromEntries(new URLSearchParams(request?.body.toString()))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'my id',
      client_secret: 'a+b&c=ü',
    });
    expect(request?.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': expect.stringMatching(/^nestjs-dokstamp\//),
    });
    expect(request?.headers).not.toHaveProperty('x-tenant');
    expect(request?.headers).not.toHaveProperty('authorization');
    expect(request?.headers).not.toHaveProperty('x-mine');
  });
});

describe('log lines', () => {
  const lines: string[] = [];

  beforeEach(() => {
    lines.length = 0;
    const collect =
      (level: string) =>
      (message: string, ...rest: unknown[]): void =>
        void lines.push(`${level} ${String(rest.at(-1))} ${message}`);
    Logger.overrideLogger({
      debug: collect('debug'),
      log: collect('log'),
      warn: collect('warn'),
      error: collect('error'),
    });
  });

  afterEach(() => Logger.overrideLogger(false));

  it('tell the first token at debug level, and no later one', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    await harness.tokens.renew();
    expect(lines).toEqual([
      expect.stringMatching(/^debug DokStamp First token obtained; valid until 20/),
    ]);
  });

  it('warn once when renewal begins to fail, with the reason and the time left, and once when it is over', async () => {
    sandbox.expireIn(300);
    using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    lines.length = 0;
    sandbox.tokenEndpoint.fail({ status: 503 });
    await pass(245_000, 500);
    sandbox.tokenEndpoint.restore();
    await pass(5_000, 500);
    expect(lines).toEqual([
      expect.stringMatching(
        /^warn DokStamp .*failing \(token_request_failed\).*503.*lasts another 60 s/,
      ),
      expect.stringMatching(/^warn DokStamp .*works again/),
    ]);
  });

  it('tell invalid_client once an episode at error level, with the remedy', async () => {
    using harness = await tokenHarness({ ...optionsFor(sandbox), clientSecret: 'not-the-one' });
    for (let round = 0; round < 3; round++) {
      await failureOf(harness.tokens.getToken());
      await pass(300_000);
    }
    expect(lines).toEqual([
      expect.stringMatching(
        /^error DokStamp .*account manager for a new pair.*where the app reads it/,
      ),
    ]);
    expect(lines.join()).not.toContain('not-the-one');
  });

  it('warn once when an answer tells no lifetime', async () => {
    await using server = await stubServer((_, response) =>
      json(response, 200, { token_type: 'Bearer', access_token: 'token_1' }),
    );
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    await harness.tokens.getToken();
    await harness.tokens.renew();
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringContaining('no expires_in; 300 s are assumed'),
    ]);
  });
});
