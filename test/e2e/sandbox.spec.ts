import { request as httpRequest, Agent } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import * as entryPoint from '../../lib/testing/index.js';

interface TokenBody {
  token_type: string;
  expires_in: number;
  access_token: string;
}

const INVALID_CLIENT = {
  error: 'invalid_client',
  error_description: 'Client authentication failed',
  message: 'Client authentication failed',
};
const UNAUTHENTICATED = { success: false, message: 'Unauthenticated.' };

const circle: Record<string, unknown> = {};
circle['self'] = circle;

let sandbox: DokStampSandbox;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
});

afterEach(async () => {
  vi.useRealTimers();
  await sandbox.stop();
});

function requestToken(fields: Record<string, string> = {}, signal?: AbortSignal) {
  const { clientId, clientSecret } = sandbox.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId };
  const body = new URLSearchParams({ ...form, client_secret: clientSecret, ...fields });
  return fetch(`${sandbox.url}/oauth/token`, { method: 'POST', body, signal });
}

async function issueToken(): Promise<TokenBody> {
  const token: TokenBody = JSON.parse(await (await requestToken()).text());
  return token;
}

function get(path: string, token?: string, tenant?: string) {
  return fetch(sandbox.url + path, {
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(tenant === undefined ? {} : { 'X-Tenant': tenant }),
    },
  });
}

async function isAccepted(token: string): Promise<boolean> {
  return (await get('/auth/me', token)).status === 200;
}

describe('the entry point', () => {
  it('exports the sandbox and the rules for a token store, and nothing else', () => {
    expect(Object.keys(entryPoint).toSorted()).toEqual(['DokStampSandbox', 'describeTokenStore']);
  });
});

describe('starting and stopping', () => {
  it('listens on a free loopback port with credentials of its own and a default tenant', async () => {
    await using other = await DokStampSandbox.start();
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(other.url).not.toBe(sandbox.url);
    expect(other.credentials).not.toEqual(sandbox.credentials);
    expect(sandbox.credentials.clientId).not.toBe('');
    expect(sandbox.credentials.clientSecret).not.toBe('');
    expect(sandbox.tenant).toBe('my-university');
  });

  it('takes port, credentials, tenant and lifetime from its options', async () => {
    const port = Number(new URL(sandbox.url).port);
    await sandbox.stop();
    const credentials = { clientId: 'id', clientSecret: 's&cret=+%' };
    sandbox = await DokStampSandbox.start({ port, ...credentials, tenant: 'eu', expiresIn: 90 });
    expect(sandbox.url).toBe(`http://127.0.0.1:${port}`);
    expect(sandbox.credentials).toEqual(credentials);
    expect(sandbox.tenant).toBe('eu');
    const { expires_in, access_token } = await issueToken();
    expect(expires_in).toBe(90);
    expect((await get('/files', access_token, 'eu')).status).toBe(200);
  });

  it('refuses a port that is taken and a lifetime that is none', async () => {
    const port = Number(new URL(sandbox.url).port);
    await expect(DokStampSandbox.start({ port })).rejects.toThrow(/EADDRINUSE/);
    await expect(DokStampSandbox.start({ expiresIn: Number.NaN })).rejects.toThrow(RangeError);
  });

  it('stops as often as it is asked, and drops open, delayed and hung connections at once', async () => {
    sandbox.tokenEndpoint.hang();
    sandbox.api.delay(600_000);
    const pending = Promise.allSettled([requestToken(), get('/auth/me')]);
    await vi.waitFor(() => expect(sandbox.requests).toHaveLength(2));
    await Promise.all([sandbox.stop(), sandbox.stop()]);
    await sandbox.stop();
    expect((await pending).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(get('/auth/me')).rejects.toThrow('fetch failed');
  });

  it('stops at the end of an await using block', async () => {
    let url: string;
    {
      await using scoped = await DokStampSandbox.start();
      url = scoped.url;
      expect((await fetch(url)).status).toBe(404);
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});

describe('the token endpoint', () => {
  it('issues an opaque bearer token for twelve hours, not to be stored', async () => {
    const response = await requestToken();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      token_type: 'Bearer',
      expires_in: 43_200,
      access_token: expect.stringMatching(/^token_1_[0-9a-f]{8}$/),
    });
  });

  it('numbers its tokens, and a new one leaves the earlier ones alive', async () => {
    const [first, second] = [await issueToken(), await issueToken()];
    expect(second.access_token).toMatch(/^token_2_/);
    expect(await isAccepted(first.access_token)).toBe(true);
    expect(await isAccepted(second.access_token)).toBe(true);
  });

  it.each<Record<string, string>>([{ client_id: 'other' }, { client_secret: 'other' }])(
    'refuses a wrong pair with invalid_client: %o',
    async (fields) => {
      const response = await requestToken(fields);
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual(INVALID_CLIENT);
    },
  );

  it.each([
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: '' }, 'invalid_request'],
    [{ client_id: '' }, 'invalid_request'],
    [{ client_secret: '' }, 'invalid_request'],
  ])('answers 400 to the form %o with %s', async (fields, error) => {
    const response = await requestToken(fields);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error, message: expect.any(String) });
  });

  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded2'])(
    'answers 400 invalid_request to a body of type %s',
    async (type) => {
      const response = await fetch(`${sandbox.url}/oauth/token`, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body: JSON.stringify({ grant_type: 'client_credentials' }),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    },
  );

  it('takes a form whose content type has parameters', async () => {
    const { clientId, clientSecret } = sandbox.credentials;
    const response = await fetch(`${sandbox.url}/oauth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`,
    });
    expect(response.status).toBe(200);
  });

  it('answers 405 to a GET, and does not count it', async () => {
    const response = await get('/oauth/token');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(sandbox.tokenRequests).toBe(0);
  });
});

describe('the life of a token', () => {
  it.each([undefined, 'token_1_00000000', ''])('refuses the bearer %s', async (token) => {
    const response = await get('/auth/me', token);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(UNAUTHENTICATED);
  });

  it('refuses another scheme than Bearer', async () => {
    const { access_token } = await issueToken();
    const headers = { Authorization: `Basic ${access_token}` };
    expect((await fetch(`${sandbox.url}/auth/me`, { headers })).status).toBe(401);
  });

  it('ends when its seconds are over, and expireIn is for the next tokens only', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const long = await issueToken();
    sandbox.expireIn(1.5);
    const short = await issueToken();
    expect(short.expires_in).toBe(1.5);

    vi.setSystemTime(Date.now() + 1499);
    expect(await isAccepted(short.access_token)).toBe(true);
    vi.setSystemTime(Date.now() + 1);
    expect(await isAccepted(short.access_token)).toBe(false);
    expect(await isAccepted(long.access_token)).toBe(true);
  });

  it('ends when the tokens are revoked, and the credentials get a new one', async () => {
    const { access_token } = await issueToken();
    sandbox.revokeTokens();
    const refused = await get('/auth/me', access_token);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual(UNAUTHENTICATED);
    expect(await isAccepted((await issueToken()).access_token)).toBe(true);
  });

  it('ends with a rotation, after which only the new pair is known', async () => {
    const old = sandbox.credentials;
    const { access_token } = await issueToken();
    const rotated = sandbox.rotateCredentials();
    expect(rotated).toEqual(sandbox.credentials);
    expect(rotated.clientId).not.toBe(old.clientId);
    expect(rotated.clientSecret).not.toBe(old.clientSecret);
    expect(await isAccepted(access_token)).toBe(false);

    const { clientId: client_id, clientSecret: client_secret } = old;
    const refused = await requestToken({ client_id, client_secret });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual(INVALID_CLIENT);
    expect((await requestToken()).status).toBe(200);
  });

  it('keeps its account to itself: changing what was handed out changes nothing', async () => {
    sandbox.credentials.clientSecret = 'other';
    sandbox.rotateCredentials().clientSecret = 'other';
    expect(sandbox.credentials.clientSecret).not.toBe('other');
    expect((await requestToken()).status).toBe(200);
  });
});

describe('the log of requests', () => {
  it('tells method, path with query, headers and status in order of arrival', async () => {
    const { access_token } = await issueToken();
    await get('/students?where[email]=a%40b.example', access_token, 'my-university');
    await get('/nowhere');
    expect(sandbox.requests).toMatchObject([
      { method: 'POST', path: '/oauth/token', status: 200 },
      {
        method: 'GET',
        path: '/students?where[email]=a%40b.example',
        headers: { authorization: `Bearer ${access_token}`, 'x-tenant': 'my-university' },
        status: 200,
      },
      { method: 'GET', path: '/nowhere', status: 404 },
    ]);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('counts refused token requests too', async () => {
    await requestToken({ client_secret: 'other' });
    sandbox.tokenEndpoint.fail({ status: 500 });
    await requestToken();
    expect(sandbox.tokenRequests).toBe(2);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([401, 500]);
  });

  it('leaves the status of an aborted request open', async () => {
    sandbox.tokenEndpoint.delay(600_000);
    const abort = new AbortController();
    const pending = requestToken({}, abort.signal);
    await vi.waitFor(() => expect(sandbox.tokenRequests).toBe(1));
    abort.abort();
    await expect(pending).rejects.toThrow('aborted');
    // Later requests that were answered show that the broken connection was noticed.
    for (let i = 0; i < 5; i += 1) await get('/nowhere');
    sandbox.tokenEndpoint.restore();
    expect((await requestToken()).status).toBe(200);
    expect(sandbox.requests[0]?.status).toBeUndefined();
  });

  it('outlives a client that breaks off in the middle of a body', async () => {
    const { access_token } = await issueToken();
    const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
    socket.write(
      'POST /students HTTP/1.1\r\nHost: x\r\nX-Tenant: my-university\r\n' +
        `Authorization: Bearer ${access_token}\r\nContent-Length: 1000\r\n\r\n{"name":`,
    );
    await vi.waitFor(() => expect(sandbox.requests).toHaveLength(2));
    socket.destroy();
    expect(await isAccepted(access_token)).toBe(true);
    expect(sandbox.requests[1]?.status).toBeUndefined();
  });

  it.each([0, 2])(
    'keeps the last %i requests where keepRequests says so, and counts all',
    async (keepRequests) => {
      await using brief = await DokStampSandbox.start({ keepRequests });
      for (const path of ['/a', '/b', '/c', '/oauth/token']) {
        await fetch(brief.url + path, { method: 'POST' });
      }
      expect(brief.requests.map(({ path, status }) => [path, status])).toEqual(
        [
          ['/c', 404],
          ['/oauth/token', 400],
        ].slice(2 - keepRequests),
      );
      expect(brief.tokenRequests).toBe(1);
    },
  );

  it.each([-1, NaN])('refuses to keep %d requests', async (keepRequests) => {
    await expect(DokStampSandbox.start({ keepRequests })).rejects.toThrow(
      new RangeError(`keepRequests is a number of 0 or more, not ${keepRequests}.`),
    );
  });
});

describe('disturbances of the token endpoint', () => {
  it.each([
    [401, INVALID_CLIENT],
    [429, { success: false, message: 'Too Many Attempts.' }],
    [500, { success: false, message: 'Server Error' }],
    [503, { success: false, message: 'Server Error' }],
    [400, { success: false, message: 'Bad Request' }],
  ])('fail(%i) answers as DokStamp would until it is restored', async (status, body) => {
    sandbox.tokenEndpoint.fail({ status });
    for (const response of [await requestToken(), await requestToken()]) {
      expect(response.status).toBe(status);
      expect(response.headers.has('retry-after')).toBe(false);
      expect(await response.json()).toEqual(body);
    }
    sandbox.tokenEndpoint.restore();
    expect((await requestToken()).status).toBe(200);
  });

  it('fail() ends by itself after the given number of times', async () => {
    sandbox.tokenEndpoint.fail({ status: 500, times: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await requestToken()).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  it.each([
    [7, '7'],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 'Wed, 21 Oct 2026 07:28:00 GMT'],
  ])('fail() sends Retry-After: %s', async (retryAfter, header) => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter });
    expect((await requestToken()).headers.get('retry-after')).toBe(header);
  });

  it('fail() sends an object as JSON and a string as a page', async () => {
    sandbox.tokenEndpoint.fail({ status: 200, body: { token_type: 'mac' } });
    expect(await (await requestToken()).json()).toEqual({ token_type: 'mac' });
    sandbox.tokenEndpoint.fail({ status: 502, body: '<h1>Bad Gateway</h1>' });
    const page = await requestToken();
    expect(page.status).toBe(502);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toBe('<h1>Bad Gateway</h1>');
  });

  it('fail() sends no body with 204', async () => {
    sandbox.tokenEndpoint.fail({ status: 204 });
    expect(await (await requestToken()).text()).toBe('');
  });

  it('fail() and delay() refuse what cannot be meant', () => {
    expect(() => sandbox.tokenEndpoint.fail({ status: 42 })).toThrow(RangeError);
    expect(() => sandbox.tokenEndpoint.fail({ status: 500, times: 0 })).toThrow(RangeError);
    expect(() => sandbox.expireIn(-1)).toThrow(RangeError);
  });

  it.each([-1, Number.NaN, Infinity, 2 ** 31])('delay() refuses what no timer holds: %s', (ms) => {
    expect(() => sandbox.tokenEndpoint.delay(ms)).toThrow(/^delay\(\) needs .*2147483647/);
    expect(() => sandbox.api.delay(ms)).toThrow(RangeError);
  });

  it.each(['später', 'a\r\nSet-Cookie: b', '\0', Number.NaN, Infinity, -1, {}, null, true])(
    'fail() refuses a retryAfter that is no header: %j',
    async (retryAfter) => {
      const fault = { status: 429, retryAfter: retryAfter as string };
      expect(() => sandbox.tokenEndpoint.fail(fault)).toThrow(/^fail\(\) needs a retryAfter /);
      expect(() => sandbox.api.fail(fault)).toThrow(TypeError);
      expect((await requestToken()).status).toBe(200);
    },
  );

  it.each([
    ['a circle', circle],
    ['a BigInt', { expires_in: 1n }],
    ['nothing as JSON', { toJSON: () => undefined }],
    ['a number', 5],
    ['a function', () => 'body'],
  ])('fail() refuses a body that cannot be sent: %s', async (_, body) => {
    const fault = { status: 500, body: body as object };
    expect(() => sandbox.tokenEndpoint.fail(fault)).toThrow(/^fail\(\) needs a body /);
    expect(() => sandbox.api.fail(fault)).toThrow(TypeError);
    expect((await requestToken()).status).toBe(200);
  });

  it('fail() answers with what its body was when it was called', async () => {
    const body: Record<string, unknown> = { error: 'invalid_scope' };
    sandbox.tokenEndpoint.fail({ status: 400, body });
    body['circle'] = circle;
    expect(await (await requestToken()).json()).toEqual({ error: 'invalid_scope' });
  });

  it('delay() makes requests wait, and restore() lets them go on at once', async () => {
    sandbox.tokenEndpoint.delay(30);
    const start = performance.now();
    expect((await requestToken()).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(25);

    sandbox.tokenEndpoint.delay(600_000);
    const pending = requestToken();
    await vi.waitFor(() => expect(sandbox.tokenRequests).toBe(2));
    sandbox.tokenEndpoint.restore();
    expect((await pending).status).toBe(200);
  });

  it('hang() never answers, and restore() breaks the connection', async () => {
    sandbox.tokenEndpoint.hang();
    const pending = requestToken();
    pending.catch(() => undefined);
    await vi.waitFor(() => expect(sandbox.tokenRequests).toBe(1));
    sandbox.tokenEndpoint.restore();
    await expect(pending).rejects.toThrow('fetch failed');
    expect(sandbox.requests[0]?.status).toBeUndefined();
    expect((await requestToken()).status).toBe(200);
  });

  it('of hang() and fail() the later call counts', async () => {
    sandbox.tokenEndpoint.hang();
    sandbox.tokenEndpoint.fail({ status: 503 });
    expect((await requestToken()).status).toBe(503);
  });

  it('leave the resources alone', async () => {
    const { access_token } = await issueToken();
    sandbox.tokenEndpoint.hang();
    expect(await isAccepted(access_token)).toBe(true);
  });
});

describe('disturbances of the resources', () => {
  it.each([
    [401, UNAUTHENTICATED],
    [429, { success: false, message: 'Too Many Attempts.' }],
    [500, { success: false, message: 'Server Error' }],
  ])(
    'fail(%i) answers as DokStamp would and leaves the token endpoint alone',
    async (status, body) => {
      const { access_token } = await issueToken();
      sandbox.api.fail({ status, retryAfter: 3, times: 1 });
      expect((await requestToken()).status).toBe(200);
      const response = await get('/auth/me', access_token);
      expect(response.status).toBe(status);
      expect(response.headers.get('retry-after')).toBe('3');
      expect(await response.json()).toEqual(body);
      expect(await isAccepted(access_token)).toBe(true);
    },
  );

  it('delay() and restore() work as on the token endpoint', async () => {
    const { access_token } = await issueToken();
    sandbox.api.delay(600_000);
    const pending = get('/auth/me', access_token);
    await vi.waitFor(() => expect(sandbox.requests).toHaveLength(2));
    sandbox.api.restore();
    expect((await pending).status).toBe(200);
  });
});

describe('reset', () => {
  it('goes back to the first credentials, lifetime and counts, without data, tokens or disturbance', async () => {
    const { url, credentials } = sandbox;
    const { access_token } = await issueToken();
    const institution = await fetch(`${url}/institutions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${access_token}`, 'X-Tenant': sandbox.tenant },
      body: JSON.stringify({ name: 'A', country: 'BR' }),
    });
    expect(institution.status).toBe(201);
    sandbox.expireIn(1);
    sandbox.rotateCredentials();
    sandbox.tokenEndpoint.fail({ status: 500 });
    sandbox.api.fail({ status: 500 });

    const { requests } = sandbox;
    sandbox.reset();
    expect(sandbox.url).toBe(url);
    expect(sandbox.credentials).toEqual(credentials);
    expect(sandbox.tokenRequests).toBe(0);
    expect(requests).toEqual([]);
    expect(await isAccepted(access_token)).toBe(false);
    const fresh = await issueToken();
    expect(fresh.expires_in).toBe(43_200);
    expect(fresh.access_token).not.toBe(access_token);
    const list = await get('/institutions', fresh.access_token, sandbox.tenant);
    expect(await list.json()).toMatchObject({ data: [], meta: { total: 0 } });
  });

  it('drops hung requests', async () => {
    sandbox.tokenEndpoint.hang();
    const pending = requestToken();
    pending.catch(() => undefined);
    await vi.waitFor(() => expect(sandbox.tokenRequests).toBe(1));
    sandbox.reset();
    await expect(pending).rejects.toThrow('fetch failed');
  });
});

describe('under load', () => {
  it('answers hundreds of requests at once', async () => {
    const { access_token } = await issueToken();
    const statuses = await Promise.all(
      Array.from({ length: 500 }, async () => (await get('/auth/me', access_token)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('refuses a large chunked upload and keeps the connection usable', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (size: number) =>
      new Promise<{ status?: number; reused: boolean }>((resolve, reject) => {
        const request = httpRequest(`${sandbox.url}/files`, { method: 'POST', agent });
        request.on('error', reject);
        request.on('response', (response) => {
          response.resume();
          response.on('end', () =>
            resolve({ status: response.statusCode, reused: request.reusedSocket }),
          );
        });
        for (let sent = 0; sent < size; sent += 65_536) request.write(Buffer.alloc(65_536));
        request.end();
      });
    expect(await send(20 * 1024 * 1024)).toEqual({ status: 401, reused: false });
    expect(await send(1)).toEqual({ status: 401, reused: true });
    agent.destroy();
  });
});
