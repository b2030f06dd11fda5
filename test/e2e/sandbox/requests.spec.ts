import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { DokStampSandbox, type SandboxRequest } from '../../../lib/testing/index.js';
import {
  NOT_FOUND,
  UNAUTHENTICATED,
  UUID,
  call,
  dataOf,
  getWith,
  isAccepted,
  issueToken,
  requestToken,
  sandbox,
  startSandbox,
} from '../../support/sandbox-client.js';
import { waitUntil } from '../../support/time.js';

beforeEach(startSandbox);

describe('sandbox.requests', () => {
  it('lists method, path with query, headers and status in the order of arrival', async () => {
    const { access_token } = await issueToken();
    await getWith('/students?where[email]=a%40b.example', access_token, 'my-university');
    await getWith('/nowhere');
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

  it('includes refused token requests, which tokenRequests counts too', async () => {
    await requestToken({ client_secret: 'other' });
    sandbox.tokenEndpoint.fail({ status: 500 });
    await requestToken();
    expect(sandbox.tokenRequests).toBe(2);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([401, 500]);
  });

  it.each([0, 2])('keeps the last %i if keepRequests says so', async (keepRequests) => {
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
  });

  it.each([-1, NaN])('does not take %d for keepRequests', async (keepRequests) => {
    await expect(DokStampSandbox.start({ keepRequests })).rejects.toThrow(
      new RangeError(`keepRequests is a number of 0 or more, not ${keepRequests}.`),
    );
  });
});

describe('onAnswer', () => {
  it('is called with each request that has ended, and an aborted one has no status', async () => {
    const ended: SandboxRequest[] = [];
    await using own = await DokStampSandbox.start({ onAnswer: (request) => ended.push(request) });
    own.tokenEndpoint.delay(600_000);
    const abort = new AbortController();
    const url = `${own.url}/oauth/token`;
    const aborted = fetch(url, { method: 'POST', signal: abort.signal });
    await waitUntil(() => own.tokenRequests === 1);
    abort.abort();
    await expect(aborted).rejects.toThrow('aborted');
    await waitUntil(() => ended.length === 1);
    own.tokenEndpoint.restore();
    await fetch(url, { method: 'POST' });
    await waitUntil(() => ended.length === 2);
    expect(ended).toMatchObject([{ status: undefined }, { status: 400 }]);
    expect(own.requests).toEqual(ended);
  });
});

describe('a request to the sandbox', () => {
  it('that breaks off in its body has no status, and other requests are answered', async () => {
    const { access_token } = await issueToken();
    const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1');
    socket.write(
      'POST /students HTTP/1.1\r\nHost: x\r\nX-Tenant: my-university\r\n' +
        `Authorization: Bearer ${access_token}\r\nContent-Length: 1000\r\n\r\n{"name":`,
    );
    await waitUntil(() => sandbox.requests.length === 2);
    socket.destroy();
    expect(await isAccepted(access_token)).toBe(true);
    expect(sandbox.requests[1]?.status).toBeUndefined();
  });

  it('is answered beside a hundred others', async () => {
    const { access_token } = await issueToken();
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => (await getWith('/auth/me', access_token)).status),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('is refused after its whole body was read, so the connection can be used again', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (chunks: number) =>
      new Promise<{ status?: number; reused: boolean }>((resolve, reject) => {
        const request = httpRequest(`${sandbox.url}/files`, { method: 'POST', agent });
        request.on('error', reject);
        request.on('response', (response) => {
          response.resume();
          response.on('end', () =>
            resolve({ status: response.statusCode, reused: request.reusedSocket }),
          );
        });
        for (let sent = 0; sent < chunks; sent++) request.write(Buffer.alloc(65_536));
        request.end();
      });
    // More than the buffers of the sockets hold.
    expect(await send(64)).toEqual({ status: 401, reused: false });
    expect(await send(1)).toEqual({ status: 401, reused: true });
    agent.destroy();
  });

  it.each([
    ['/certificates', 401, UNAUTHENTICATED],
    ['/files', 401, UNAUTHENTICATED],
    ['/students', 404, NOT_FOUND],
    ['/courses', 404, NOT_FOUND],
    ['/institutions', 404, NOT_FOUND],
  ])(
    'to %s without the tenant, or with another one, is answered with %i',
    async (path, status, body) => {
      const { access_token } = await issueToken();
      for (const tenant of [undefined, 'another']) {
        const response = await getWith(path, access_token, tenant);
        expect(response.status).toBe(status);
        expect(await response.json()).toEqual(body);
      }
    },
  );

  it('without token and tenant is answered with 401', async () => {
    const response = await getWith('/students');
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(UNAUTHENTICATED);
  });

  it('to /auth/me needs a token and no tenant', async () => {
    const response = await getWith('/auth/me', (await issueToken()).access_token);
    expect(await dataOf(response)).toEqual({
      uuid: expect.stringMatching(UUID),
      name: expect.any(String),
      email: expect.any(String),
      tenant: {
        uuid: expect.stringMatching(UUID),
        name: expect.any(String),
        domain: 'my-university',
      },
    });
  });

  it('to an unknown path is answered with 404, and one with a wrong method with 405', async () => {
    const unknown = await call('GET', '/nowhere');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toEqual(NOT_FOUND);
    const wrong = await call('DELETE', '/students');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, POST');
  });
});
