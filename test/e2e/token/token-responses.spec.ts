import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { type SeenRequest, json, stubServer } from '../../support/stub-server.js';
import { elapse, freezeTime } from '../../support/time.js';
import { answering, failureOf } from '../../support/token-failure.js';
import { tokenHarness } from '../../support/token-harness.js';

const ACCOUNT = { clientId: 'id', clientSecret: 'secret-1' };
const GRANT = { token_type: 'Bearer', expires_in: 60, access_token: 'token_1' };
const JSON_TYPE = { 'content-type': 'application/json' };
const BOM = '\ufeff';
const LARGEST = 64 * 1_024;

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

const grant = (changes: object = {}) => JSON.stringify({ ...GRANT, ...changes });

describe('the token request', () => {
  it('is a form post with Accept and User-Agent, without X-Tenant, Authorization and headers of the app', async () => {
    const requests: SeenRequest[] = [];
    dokStamp.tokenEndpoint = (request, response) => {
      requests.push(request);
      json(response, 200, GRANT);
    };
    const { http } = dokStamp.options;
    await using harness = await tokenHarness({
      ...dokStamp.options,
      clientId: 'my id',
      clientSecret: 'a+b&c=ü',
      http: { ...http, headers: { 'X-Mine': 'API calls only' } },
    });
    await harness.tokens.getToken();
    const [{ method, url, headers, body } = requests[0]!] = requests;
    expect({ method, url }).toEqual({ method: 'POST', url: '/oauth/token' });
    expect(Object.fromEntries(new URLSearchParams(body.toString()))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'my id',
      client_secret: 'a+b&c=ü',
    });
    expect(headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': expect.stringMatching(/^nestjs-dokstamp\//),
    });
    for (const name of ['x-tenant', 'authorization', 'x-mine']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('goes below the path of baseURL', async () => {
    await using server = await stubServer((_, response) => json(response, 200, GRANT));
    await using harness = await tokenHarness({ ...ACCOUNT, baseURL: `${server.url}/prefix/` });
    await harness.tokens.getToken();
    expect(server.seen.map(({ url }) => url)).toEqual(['/prefix/oauth/token']);
  });

  it('follows no redirect', async () => {
    dokStamp.tokenEndpoint = answering(307, '', { location: 'http://127.0.0.1:1/elsewhere' });
    await using harness = await tokenHarness(dokStamp.options);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({
      code: 'token_request_rejected',
      status: 307,
    });
    expect(dokStamp.seen).toEqual([]);
  });
});

describe('a token response', () => {
  it.each([
    ['HTML', '<html>captive portal</html>', { 'content-type': 'text/html' }],
    ['empty', '', JSON_TYPE],
    ['{}', '{}', JSON_TYPE],
    ['truncated JSON', grant().slice(0, -4), JSON_TYPE],
    ['one with an error', grant({ error: 'server_error' }), JSON_TYPE],
    ['of another token type', grant({ token_type: 'mac' }), JSON_TYPE],
    ['of 5 MB', grant({ access_token: 'x'.repeat(5_000_000) }), JSON_TYPE],
    ['one with CR and LF in the token', grant({ access_token: 'a\r\nX-Evil: 1' }), JSON_TYPE],
    ['one with a token that no header may carry', grant({ access_token: 'a\u2603b' }), JSON_TYPE],
    ['one with an expires_in of zero', grant({ expires_in: 0 }), JSON_TYPE],
    ['one with a negative expires_in', grant({ expires_in: -5 }), JSON_TYPE],
    ['one with words as expires_in', grant({ expires_in: 'soon' }), JSON_TYPE],
    ['plain text that is declared as gzip', grant(), { 'content-encoding': 'gzip' }],
    ['plain text that is declared as br', grant(), { 'content-encoding': 'br' }],
  ])('is invalid if it is %s', async (_, body, headers: Record<string, string>) => {
    dokStamp.tokenEndpoint = answering(200, body, headers);
    await using harness = await tokenHarness(dokStamp.options);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({
      code: 'token_response_invalid',
      status: 200,
      retryable: true,
      attempts: 3,
    });
  });

  it('is invalid if its token has expired when it arrives', async () => {
    dokStamp.tokenEndpoint = (_, response) => setTimeout(() => json(response, 200, GRANT), 60_000);
    await using harness = await tokenHarness({
      ...dokStamp.options,
      startup: 'background',
      tokenTimeout: 100_000,
    });
    await elapse(60_000);
    expect(harness.events).toMatchObject([{ error: { code: 'token_response_invalid' } }]);
    expect(harness.tokens.status.state).toBe('blocked');
  });

  it.each([
    ['a content type that is not JSON', { 'content-type': 'text/html' }, grant(), 60],
    ['its token type in any case', JSON_TYPE, grant({ token_type: 'bEaReR' }), 60],
    ['a numeric string as expires_in', JSON_TYPE, grant({ expires_in: '3600' }), 3_600],
    ['a fraction as expires_in', JSON_TYPE, grant({ expires_in: 1_800.5 }), 1_800.5],
    ['no expires_in', JSON_TYPE, grant({ expires_in: undefined }), 300],
    ['null as expires_in', JSON_TYPE, grant({ expires_in: null }), 300],
    ['null as error', JSON_TYPE, grant({ error: null }), 60],
    ['a byte order mark', JSON_TYPE, BOM + grant(), 60],
    ['64 KiB', JSON_TYPE, grant().padEnd(LARGEST), 60],
  ])('may have %s', async (_, headers, body, seconds) => {
    dokStamp.tokenEndpoint = answering(200, body, headers);
    await using harness = await tokenHarness(dokStamp.options);
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(Number(harness.tokens.status.expiresAt) - Date.now()).toBe(seconds * 1_000);
  });

  it('gives error_description to the error, also after a byte order mark', async () => {
    const body = JSON.stringify({ error: 'invalid_client', error_description: 'Unknown client' });
    dokStamp.tokenEndpoint = answering(401, BOM + body);
    await using harness = await tokenHarness(dokStamp.options);
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({
      code: 'invalid_client',
      errorDescription: 'Unknown client',
    });
  });

  it('has its error_description masked before it is cut to 200 characters', async () => {
    const clientSecret = 'secret-of-37-characters-0123456789abc';
    const error_description = 'x'.repeat(180) + clientSecret;
    dokStamp.tokenEndpoint = answering(401, { error: 'invalid_client', error_description });
    await using harness = await tokenHarness({ ...dokStamp.options, clientSecret });
    const error = await failureOf(harness.tokens.getToken());
    expect(error.errorDescription).toBe(`${'x'.repeat(180)}[masked]`);
    expect(JSON.stringify(error)).not.toContain('secret-of');
  });

  it.each([
    ['of 201', 201, {}, 'token_response_invalid'],
    ['of another type', 200, { token_type: 'mac' }, 'token_response_invalid'],
    ['of 400', 400, { error_description: 'Token a-token-of-this-test' }, 'token_request_rejected'],
  ])(
    '%s is refused, and its token is masked in this error and the later ones',
    async (_, status, changes, code) => {
      const access_token = 'a-token-of-this-test';
      dokStamp.tokenEndpoint = answering(status, { ...GRANT, ...changes, access_token });
      await using harness = await tokenHarness(dokStamp.options);
      harness.tokens.onModuleDestroy();
      const error = await failureOf(harness.tokens.getToken());
      expect(error.code).toBe(code);
      expect(JSON.stringify(error)).not.toContain('a-token-of');
      await elapse(30_000);
      dokStamp.tokenEndpoint = answering(400, { error_description: `Token ${access_token}` });
      const { errorDescription } = await failureOf(harness.tokens.getToken());
      expect(errorDescription).toBe('Token [masked]');
    },
  );

  it('does not fail over a client secret with half a surrogate pair', async () => {
    dokStamp.fail(401);
    const clientSecret = 'half of a pair: \ud83d';
    await using harness = await tokenHarness({ ...dokStamp.options, clientSecret });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code: 'invalid_client' });
  });
});

describe('a token response of more than 64 KiB', () => {
  it.each([
    { status: 429, retryAfter: '120', code: 'token_rate_limited', attempts: 1, seconds: 120 },
    { status: 503, retryAfter: '120', code: 'token_rate_limited', attempts: 1, seconds: 120 },
    { status: 503, retryAfter: '', code: 'token_request_failed', attempts: 3, seconds: 1 },
    { status: 404, retryAfter: '', code: 'token_request_rejected', attempts: 1, seconds: 30 },
    { status: 401, retryAfter: '', code: 'token_request_rejected', attempts: 1, seconds: 30 },
    { status: 200, retryAfter: '', code: 'token_response_invalid', attempts: 3, seconds: 1 },
  ])(
    'is judged by its status: $status with Retry-After "$retryAfter" is $code',
    async ({ status, retryAfter, code, attempts, seconds }) => {
      const content = status === 200 ? grant() : JSON.stringify({ error: 'invalid_client' });
      const body = content.padEnd(LARGEST + 1);
      dokStamp.tokenEndpoint = answering(
        status,
        body,
        retryAfter ? { 'retry-after': retryAfter } : {},
      );
      await using harness = await tokenHarness(dokStamp.options);
      const error = await failureOf(harness.tokens.getToken());
      expect(error).toMatchObject({ code, status, attempts });
      expect(error).not.toHaveProperty('errorDescription');
      expect(dokStamp.tokenRequests).toBe(attempts);
      expect(Number(error.retryAt) - Date.now()).toBe(seconds * 1_000);
    },
  );

  it.each([200, 401])('is not read to its end, which may never come: %d', async (status) => {
    await using server = await stubServer((_, response) => {
      response.writeHead(status);
      // After the connection is closed, each write fails at once.
      const more = () => response.write('x'.repeat(10_000), (error) => error ?? setImmediate(more));
      more();
    });
    await using harness = await tokenHarness({ ...ACCOUNT, baseURL: server.url });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ status });
  });
});

describe('a token response whose body stops', () => {
  it.each([
    { status: 429, headers: { 'retry-after': '120' }, code: 'token_rate_limited' },
    { status: 401, headers: {}, code: 'token_request_rejected' },
    { status: 500, headers: {}, code: 'token_request_failed' },
  ])('is judged by its status after a second: $status', async ({ status, headers, code }) => {
    dokStamp.tokenEndpoint = (_, response) => {
      response.writeHead(status, headers);
      response.write('{"error": "inv');
    };
    await using harness = await tokenHarness(dokStamp.options);
    harness.tokens.onModuleDestroy();
    const failure = failureOf(harness.tokens.getToken());
    // A second for each attempt.
    await elapse(3_000);
    expect(await failure).toMatchObject({ code, status });
  });

  it.each([
    [429, 'token_rate_limited'],
    [401, 'token_request_rejected'],
    [200, 'token_request_failed'],
  ])('because the connection breaks is judged by its status: %d', async (status, code) => {
    await using server = await stubServer((_, response) => {
      response.writeHead(status, { 'content-length': '100' });
      response.write('{"error": "inv', () => response.destroy());
    });
    await using harness = await tokenHarness({ ...ACCOUNT, baseURL: server.url });
    expect(await failureOf(harness.tokens.getToken())).toMatchObject({ code });
  });
});
