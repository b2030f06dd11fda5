import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { check, environment, sandbox, setUp, tearDown } from '../../support/check-command.js';
import { deferred } from '../../support/deferred.js';
import { json, stubDokStamp, stubServer } from '../../support/stub-server.js';
import { advance, freezeTime, waitUntil } from '../../support/time.js';

const HOUR_MS = 3_600_000;

beforeEach(setUp);
afterEach(tearDown);

/** A Date header that differs by this much from the clock of this machine. */
function dateOff(ms: number): { date: string } {
  return { date: new Date(Date.now() + ms).toUTCString() };
}

/** Freezes time at now, because the Date header of a server is always the real one. */
function freezeNow(): void {
  const now = Date.now();
  freezeTime();
  vi.setSystemTime(now);
}

describe('nestjs-dokstamp check, by the response of the token endpoint', () => {
  it('reports that the secret is wrong, and the next step', async () => {
    const { code, steps } = await check(environment({ DOKSTAMP_CLIENT_SECRET: 'not-the-secret' }));
    expect(code).toBe(1);
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('invalid_client'),
      next: expect.stringContaining('account manager'),
    });
  });

  it('reports HTML in place of JSON', async () => {
    await using server = await stubServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Log in</h1>');
    });
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(steps['connection']?.status).toBe('ok');
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      next: expect.stringContaining('login page'),
    });
  });

  it.each([429, 503])('reports the status %i, and to try again', async (status) => {
    sandbox.tokenEndpoint.fail({ status });
    const { steps } = await check(environment());
    expect(steps['secret']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(String(status)),
      next: expect.stringContaining('Try again'),
    });
  });

  it('reports a response that takes more than 3 s as slow', async () => {
    freezeNow();
    const slow = deferred();
    await using server = await stubServer(async ({ url }, response) => {
      if (url !== '/oauth/token') return json(response, 200, { data: [] });
      await slow.promise;
      json(response, 200, { token_type: 'Bearer', expires_in: 3_600, access_token: 'token_1' });
    });
    const report = check(environment({ DOKSTAMP_BASE_URL: server.url }));
    await waitUntil(() => server.seen.length === 1);
    await advance(3_200);
    slow.resolve();
    const { code, steps } = await report;
    expect(steps['connection']?.message).toMatch(/answered in 3\.2 s, which is slow/);
    expect(code).toBe(0);
  });

  it('reports that no response came within DOKSTAMP_TOKEN_TIMEOUT', async () => {
    freezeNow();
    sandbox.tokenEndpoint.hang();
    const report = check(environment({ DOKSTAMP_TOKEN_TIMEOUT: '300' }));
    await waitUntil(() => sandbox.tokenRequests === 1);
    await advance(300);
    const { code, steps } = await report;
    expect(code).toBe(1);
    expect(steps['connection']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('300 ms'),
    });
  });
});

describe('nestjs-dokstamp check, by the response of the API', () => {
  it('reports that the tenant is wrong, and names it', async () => {
    const { code, steps } = await check(environment({ DOKSTAMP_TENANT: 'elsewhere' }));
    expect(code).toBe(1);
    expect(steps['secret']?.status).toBe('ok');
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('"elsewhere"'),
      next: expect.stringContaining('DOKSTAMP_TENANT'),
    });
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('reports that the tenant is missing', async () => {
    const { steps } = await check(environment({ DOKSTAMP_TENANT: '' }));
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      next: expect.stringContaining('DOKSTAMP_TENANT'),
    });
  });

  it.each([
    [404, 'DOKSTAMP_TENANT'],
    [500, 'Try again later'],
  ])('reports the status %i, and the next step', async (status, next) => {
    await using server = await stubDokStamp((_, response) => json(response, status, {}));
    const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(code).toBe(1);
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(`answers ${status}`),
      next: expect.stringContaining(next),
    });
  });

  it.each(['drips without an end', 'hangs after its beginning'])(
    'reports a response that %s after DOKSTAMP_TOKEN_TIMEOUT',
    async (how) => {
      freezeNow();
      await using server = await stubDokStamp(async (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{');
        while (how.startsWith('drips') && !response.destroyed) {
          response.write(' ');
          await setImmediate();
        }
      });
      const env = { DOKSTAMP_BASE_URL: server.url, DOKSTAMP_TOKEN_TIMEOUT: '600' };
      const report = check(environment(env));
      await waitUntil(() => server.seen.length === 2);
      await advance(599, 100);
      await advance(1);
      const { code, steps } = await report;
      expect(code).toBe(1);
      expect(steps['tenant']).toMatchObject({
        status: 'failed',
        message: expect.stringContaining('within 600 ms'),
        next: expect.stringContaining('DOKSTAMP_TOKEN_TIMEOUT'),
      });
    },
  );

  it('reports that no response came within DOKSTAMP_TOKEN_TIMEOUT', async () => {
    freezeNow();
    await using server = await stubDokStamp(() => {});
    const env = { DOKSTAMP_BASE_URL: server.url, DOKSTAMP_TOKEN_TIMEOUT: '600' };
    const report = check(environment(env));
    await waitUntil(() => server.seen.length === 2);
    await advance(600);
    const { code, steps } = await report;
    expect(code).toBe(1);
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: 'GET /certificates got no answer within 600 ms',
      next: expect.stringContaining('the token endpoint did answer'),
    });
  });

  it('reports a connection that is closed without a response', async () => {
    await using server = await stubDokStamp((_, response) => response.destroy());
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: 'GET /certificates got no answer (ECONNRESET)',
    });
  });

  it('reports a response that is cut off', async () => {
    await using server = await stubDokStamp((_, response) => {
      response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy());
    });
    const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(code).toBe(1);
    expect(steps['tenant']).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('cannot be read to its end'),
      next: expect.stringContaining('Check the network'),
    });
  });

  it.each(['<h1>Log in</h1>', '"fine"', ''])(
    'reports that %j with status 200 is not a response of the API',
    async (body) => {
      await using server = await stubDokStamp((_, response) => response.end(body));
      const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
      expect(code).toBe(1);
      expect(steps['tenant']).toMatchObject({
        status: 'failed',
        next: expect.stringContaining('login page'),
      });
    },
  );

  it.each([
    [302, 'https://login.example/?state=hidden', 'a redirect (302) to login.example'],
    [304, undefined, 'a redirect (304)'],
  ])(
    'reports the redirect %i to %s by its host, and does not follow it',
    async (status, location, shown) => {
      await using server = await stubDokStamp((_, response) =>
        response.writeHead(status, location === undefined ? {} : { location }).end(),
      );
      const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
      expect(code).toBe(1);
      expect(server.seen).toHaveLength(2);
      expect(steps['tenant']).toMatchObject({
        status: 'failed',
        message: `GET /certificates answers with ${shown}`,
        next: expect.stringContaining('DOKSTAMP_BASE_URL'),
      });
    },
  );
});

describe('nestjs-dokstamp check, by the Date header', () => {
  it.each([
    ['ahead of', -HOUR_MS],
    ['behind', HOUR_MS],
  ])('reports that the clock is an hour %s that of the server', async (word, offMs) => {
    await using server = await stubDokStamp((_, response) =>
      json(response, 200, { data: [] }, dateOff(offMs)),
    );
    const { code, steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(code).toBe(1);
    expect(steps['clock']).toMatchObject({
      status: 'failed',
      message: `it is 60 min ${word} that of the server`,
    });
    expect(steps['tenant']?.status).toBe('ok');
  });

  it('reports that the clock is off if the token request is rejected too', async () => {
    await using server = await stubServer((_, response) =>
      json(response, 401, { error: 'invalid_client' }, dateOff(HOUR_MS)),
    );
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(steps['secret']?.status).toBe('failed');
    expect(steps['clock']?.message).toBe('it is 60 min behind that of the server');
    expect(steps['tenant']?.status).toBe('skipped');
  });

  it('skips the clock if the response has no Date header', async () => {
    await using server = await stubServer((_, response) => {
      response.sendDate = false;
      json(response, 401, { error: 'invalid_client' });
    });
    const { steps } = await check(environment({ DOKSTAMP_BASE_URL: server.url }));
    expect(steps['clock']?.status).toBe('skipped');
  });
});
