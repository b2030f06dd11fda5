import { beforeEach, describe, expect, it, vi } from 'vitest';
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

beforeEach(startSandbox);

/** A token request with this body. */
function postToken(type: string, body: string): Promise<Response> {
  const headers = { 'Content-Type': type };
  return fetch(`${sandbox.url}/oauth/token`, { method: 'POST', headers, body });
}

describe('POST /oauth/token', () => {
  it('returns an opaque bearer token for twelve hours, which must not be stored', async () => {
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

  it('numbers its tokens, and a new one does not revoke the earlier ones', async () => {
    const [first, second] = [await issueToken(), await issueToken()];
    expect(second.access_token).toMatch(/^token_2_/);
    expect(await isAccepted(first.access_token)).toBe(true);
    expect(await isAccepted(second.access_token)).toBe(true);
  });

  it.each<Record<string, string>>([{ client_id: 'other' }, { client_secret: 'other' }])(
    'answers 401 invalid_client to wrong credentials: %o',
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
  ])('answers 400 to the form %o, with the error %s', async (fields, error) => {
    const response = await requestToken(fields);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error, message: expect.any(String) });
  });

  it.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded2'])(
    'answers 400 invalid_request to a body of type %s',
    async (type) => {
      const response = await postToken(type, JSON.stringify({ grant_type: 'client_credentials' }));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_request' });
    },
  );

  it('accepts a form whose content type has parameters', async () => {
    const { clientId, clientSecret } = sandbox.credentials;
    const response = await postToken(
      'application/x-www-form-urlencoded; charset=utf-8',
      `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`,
    );
    expect(response.status).toBe(200);
  });

  it('answers 405 to a GET, which is not counted', async () => {
    const response = await getWith('/oauth/token');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(sandbox.tokenRequests).toBe(0);
  });
});

describe('an access token', () => {
  it.each([undefined, 'token_1_00000000', ''])('is refused if it is %s', async (token) => {
    const response = await getWith('/auth/me', token);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(UNAUTHENTICATED);
  });

  it('is refused with another scheme than Bearer', async () => {
    const { access_token } = await issueToken();
    const headers = { Authorization: `Basic ${access_token}` };
    expect((await fetch(`${sandbox.url}/auth/me`, { headers })).status).toBe(401);
  });

  it('expires after its lifetime, which expireIn() sets for later tokens', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    sandbox.expireIn(1.5);
    const short = await issueToken();
    sandbox.expireIn(3);
    const long = await issueToken();
    expect([short.expires_in, long.expires_in]).toEqual([1.5, 3]);

    vi.setSystemTime(Date.now() + 1499);
    expect(await isAccepted(short.access_token)).toBe(true);
    vi.setSystemTime(Date.now() + 1);
    expect(await isAccepted(short.access_token)).toBe(false);
    expect(await isAccepted(long.access_token)).toBe(true);
    await issueToken();
    expect(await isAccepted(long.access_token)).toBe(true);
  });

  it('has a lifetime of 0 s or more', () => {
    expect(() => sandbox.expireIn(-1)).toThrow(RangeError);
  });

  it('is refused after revokeTokens(), and the credentials obtain a new one', async () => {
    const { access_token } = await issueToken();
    sandbox.revokeTokens();
    const refused = await getWith('/auth/me', access_token);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual(UNAUTHENTICATED);
    expect(await isAccepted((await issueToken()).access_token)).toBe(true);
  });

  it('is refused after rotateCredentials(), and only the new credentials obtain a new one', async () => {
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
});

describe('sandbox.credentials', () => {
  it('is a copy, so a change of it has no effect', async () => {
    sandbox.credentials.clientSecret = 'other';
    sandbox.rotateCredentials().clientSecret = 'other';
    expect(sandbox.credentials.clientSecret).not.toBe('other');
    expect((await requestToken()).status).toBe(200);
  });
});
