import { beforeEach, describe, expect, it } from 'vitest';
import {
  INVALID_CLIENT,
  UNAUTHENTICATED,
  getWith,
  isAccepted,
  issueToken,
  requestToken,
  sandbox,
  startSandbox,
} from '../../support/sandbox-client.js';
import { advance, freezeTime, waitUntil } from '../../support/time.js';

const circle: Record<string, unknown> = {};
circle['self'] = circle;

beforeEach(startSandbox);

describe('tokenEndpoint.fail()', () => {
  it.each([
    [401, INVALID_CLIENT],
    [429, { success: false, message: 'Too Many Attempts.' }],
    [500, { success: false, message: 'Server Error' }],
    [503, { success: false, message: 'Server Error' }],
    [400, { success: false, message: 'Bad Request' }],
  ])('answers with %i as DokStamp does, until restore()', async (status, body) => {
    sandbox.tokenEndpoint.fail({ status });
    for (const response of [await requestToken(), await requestToken()]) {
      expect(response.status).toBe(status);
      expect(response.headers.has('retry-after')).toBe(false);
      expect(await response.json()).toEqual(body);
    }
    sandbox.tokenEndpoint.restore();
    expect((await requestToken()).status).toBe(200);
  });

  it('ends after `times` requests', async () => {
    sandbox.tokenEndpoint.fail({ status: 500, times: 2 });
    const statuses = [];
    for (let requests = 0; requests < 3; requests++) statuses.push((await requestToken()).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  it.each([
    [7, '7'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
  ])('sends the Retry-After %s', async (retryAfter, header) => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter });
    expect((await requestToken()).headers.get('retry-after')).toBe(header);
  });

  it('sends an object as JSON, and a string as a page', async () => {
    sandbox.tokenEndpoint.fail({ status: 200, body: { token_type: 'mac' } });
    expect(await (await requestToken()).json()).toEqual({ token_type: 'mac' });
    sandbox.tokenEndpoint.fail({ status: 502, body: '<h1>Bad Gateway</h1>' });
    const page = await requestToken();
    expect(page.status).toBe(502);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toBe('<h1>Bad Gateway</h1>');
  });

  it('sends no body with 204', async () => {
    sandbox.tokenEndpoint.fail({ status: 204 });
    expect(await (await requestToken()).text()).toBe('');
  });

  it('sends the body as it was when fail() was called', async () => {
    const body: Record<string, unknown> = { error: 'invalid_scope' };
    sandbox.tokenEndpoint.fail({ status: 400, body });
    body['circle'] = circle;
    expect(await (await requestToken()).json()).toEqual({ error: 'invalid_scope' });
  });

  it('throws for a status or a number of times that is not valid', () => {
    expect(() => sandbox.tokenEndpoint.fail({ status: 42 })).toThrow(RangeError);
    expect(() => sandbox.tokenEndpoint.fail({ status: 500, times: 0 })).toThrow(RangeError);
  });

  it.each<unknown>([
    'später',
    'a\r\nSet-Cookie: b',
    '\0',
    Number.NaN,
    Infinity,
    -1,
    {},
    null,
    true,
  ])('throws for a retryAfter that no header may carry: %j', async (retryAfter) => {
    const fault = { status: 429, retryAfter };
    // @ts-expect-error JavaScript callers may pass any value.
    expect(() => sandbox.tokenEndpoint.fail(fault)).toThrow(/^fail\(\) needs a retryAfter /);
    // @ts-expect-error JavaScript callers may pass any value.
    expect(() => sandbox.api.fail(fault)).toThrow(TypeError);
    expect((await requestToken()).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['a circle', circle],
    ['a BigInt', { expires_in: 1n }],
    ['an object without JSON', { toJSON: () => undefined }],
    ['a number', 5],
    ['a function', () => 'body'],
  ])('throws for a body that cannot be sent: %s', async (_, body) => {
    const fault = { status: 500, body };
    // @ts-expect-error JavaScript callers may pass any value.
    expect(() => sandbox.tokenEndpoint.fail(fault)).toThrow(/^fail\(\) needs a body /);
    // @ts-expect-error JavaScript callers may pass any value.
    expect(() => sandbox.api.fail(fault)).toThrow(TypeError);
    expect((await requestToken()).status).toBe(200);
  });

  it('replaces an earlier hang()', async () => {
    sandbox.tokenEndpoint.hang();
    sandbox.tokenEndpoint.fail({ status: 503 });
    expect((await requestToken()).status).toBe(503);
  });
});

describe('tokenEndpoint.hang()', () => {
  it('leaves requests without an answer, until restore() closes their connections', async () => {
    sandbox.tokenEndpoint.fail({ status: 503 });
    sandbox.tokenEndpoint.hang();
    const pending = Promise.allSettled([requestToken()]);
    await waitUntil(() => sandbox.tokenRequests === 1);
    sandbox.tokenEndpoint.restore();
    expect(await pending).toMatchObject([{ status: 'rejected' }]);
    expect(sandbox.requests[0]?.status).toBeUndefined();
    expect((await requestToken()).status).toBe(200);
  });

  it('does not affect the resources', async () => {
    const { access_token } = await issueToken();
    sandbox.tokenEndpoint.hang();
    expect(await isAccepted(access_token)).toBe(true);
  });
});

describe('delay()', () => {
  it('answers a request after the given time, and those that were sent later before it', async () => {
    freezeTime();
    sandbox.tokenEndpoint.delay(30);
    const delayed = requestToken();
    await waitUntil(() => sandbox.tokenRequests === 1);
    await advance(29);
    expect((await getWith('/nowhere')).status).toBe(404);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([undefined, 404]);
    await advance(1);
    expect((await delayed).status).toBe(200);
  });

  it('ends with restore(), which answers delayed requests at once', async () => {
    const { access_token } = await issueToken();
    freezeTime();
    sandbox.tokenEndpoint.delay(600_000);
    sandbox.api.delay(600_000);
    const delayed = [requestToken(), getWith('/auth/me', access_token)];
    await waitUntil(() => sandbox.requests.length === 3);
    sandbox.tokenEndpoint.restore();
    sandbox.api.restore();
    expect((await Promise.all(delayed)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each([-1, Number.NaN, Infinity, 2 ** 31])('throws for %s ms, which no timer holds', (ms) => {
    expect(() => sandbox.tokenEndpoint.delay(ms)).toThrow(/^delay\(\) needs .*2147483647/);
    expect(() => sandbox.api.delay(ms)).toThrow(RangeError);
  });
});

describe('api.fail()', () => {
  it.each([
    [401, UNAUTHENTICATED],
    [429, { success: false, message: 'Too Many Attempts.' }],
    [500, { success: false, message: 'Server Error' }],
  ])('answers with %i as DokStamp does, but not to token requests', async (status, body) => {
    const { access_token } = await issueToken();
    sandbox.api.fail({ status, retryAfter: 3, times: 1 });
    expect((await requestToken()).status).toBe(200);
    const response = await getWith('/auth/me', access_token);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe('3');
    expect(await response.json()).toEqual(body);
    expect(await isAccepted(access_token)).toBe(true);
  });
});
