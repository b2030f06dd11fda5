import { beforeEach, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import * as entryPoint from '../../../lib/testing/index.js';
import {
  INSTITUTION,
  authenticate,
  create,
  getWith,
  headers,
  isAccepted,
  issueToken,
  list,
  requestToken,
  sandbox,
  startSandbox,
} from '../../support/sandbox-client.js';
import { waitUntil } from '../../support/time.js';

beforeEach(startSandbox);

describe('nestjs-dokstamp/testing', () => {
  it('exports the sandbox and the rules of a token store', () => {
    expect(Object.keys(entryPoint).toSorted()).toEqual(['DokStampSandbox', 'describeTokenStore']);
  });
});

describe('DokStampSandbox.start()', () => {
  it('listens on a free loopback port, with credentials of its own and a default tenant', async () => {
    await using other = await DokStampSandbox.start();
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(other.url).not.toBe(sandbox.url);
    expect(other.credentials).not.toEqual(sandbox.credentials);
    expect(sandbox.credentials.clientId).not.toBe('');
    expect(sandbox.credentials.clientSecret).not.toBe('');
    expect(sandbox.tenant).toBe('my-university');
  });

  it('takes the port, the credentials, the tenant and the lifetime of tokens', async () => {
    const port = Number(new URL(sandbox.url).port);
    await sandbox.stop();
    const credentials = { clientId: 'id', clientSecret: 's&cret=+%' };
    await using own = await DokStampSandbox.start({
      port,
      ...credentials,
      tenant: 'eu',
      expiresIn: 90,
    });
    expect(own.url).toBe(`http://127.0.0.1:${port}`);
    expect(own.credentials).toEqual(credentials);
    expect(own.tenant).toBe('eu');
    const { clientId: client_id, clientSecret: client_secret } = credentials;
    const response = await requestToken({ client_id, client_secret });
    const { expires_in, access_token }: Awaited<ReturnType<typeof issueToken>> = JSON.parse(
      await response.text(),
    );
    expect(expires_in).toBe(90);
    expect((await getWith('/files', access_token, 'eu')).status).toBe(200);
  });

  it('rejects for a port that is in use', async () => {
    const port = Number(new URL(sandbox.url).port);
    await expect(DokStampSandbox.start({ port })).rejects.toThrow(/EADDRINUSE/);
  });

  it.each([-1, Number.NaN, Infinity])('rejects for a lifetime of %d s', async (expiresIn) => {
    await expect(DokStampSandbox.start({ expiresIn })).rejects.toThrow(RangeError);
  });
});

describe('sandbox.stop()', () => {
  it('may be called several times, and closes delayed and hung connections at once', async () => {
    sandbox.tokenEndpoint.hang();
    sandbox.api.delay(600_000);
    const pending = Promise.allSettled([requestToken(), getWith('/auth/me')]);
    await waitUntil(() => sandbox.requests.length === 2);
    await Promise.all([sandbox.stop(), sandbox.stop()]);
    await sandbox.stop();
    expect((await pending).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(getWith('/auth/me')).rejects.toThrow('fetch failed');
  });

  it('is called at the end of an await using block', async () => {
    let url: string;
    {
      await using scoped = await DokStampSandbox.start();
      url = scoped.url;
      expect((await fetch(url)).status).toBe(404);
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});

describe('sandbox.reset()', () => {
  it('restores the first credentials and lifetime, and removes data, tokens, counts and faults', async () => {
    const { url, credentials, requests } = sandbox;
    await authenticate();
    await create('/institutions', INSTITUTION);
    const token = headers['Authorization']!.replace('Bearer ', '');
    sandbox.expireIn(1);
    sandbox.rotateCredentials();
    sandbox.tokenEndpoint.fail({ status: 500 });
    sandbox.api.fail({ status: 500 });

    sandbox.reset();
    expect(sandbox.url).toBe(url);
    expect(sandbox.credentials).toEqual(credentials);
    expect(sandbox.tokenRequests).toBe(0);
    expect(requests).toEqual([]);
    expect(await isAccepted(token)).toBe(false);
    const fresh = await issueToken();
    expect(fresh.expires_in).toBe(43_200);
    expect(fresh.access_token).not.toBe(token);
    await authenticate();
    expect(await list('/institutions')).toEqual([]);
  });

  it('closes the connections of hung requests', async () => {
    sandbox.tokenEndpoint.hang();
    const pending = Promise.allSettled([requestToken()]);
    await waitUntil(() => sandbox.tokenRequests === 1);
    sandbox.reset();
    expect(await pending).toMatchObject([{ status: 'rejected' }]);
  });
});
