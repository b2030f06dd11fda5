import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { type DokStampHttpService, DokStampModule, getDokStampHttpToken } from '../../lib/index.js';
import { type TestApp, boot, bootAccount, optionsFor } from '../support/app.js';

type Told = Record<string, unknown>;

const CHANNELS = ['dokstamp:token.wait', 'dokstamp:request.replay', 'dokstamp:gate'] as const;

let sandbox: DokStampSandbox;
let told: Record<string, Told[]>;
let stop: (() => void)[];

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  told = {};
  stop = [];
});

afterEach(async () => {
  stop.forEach((end) => end());
  await sandbox.stop();
});

/** Listens to everything, and keeps a copy of each message as it is told. */
function listen(): void {
  const keep = (name: string) => (message: unknown) => {
    (told[name] ??= []).push({ ...(message as Told) });
  };
  for (const name of CHANNELS) {
    const listener = keep(name);
    subscribe(name, listener);
    stop.push(() => unsubscribe(name, listener));
  }
  const tracing = tracingChannel('dokstamp:token.request');
  const handlers = {
    start: keep('start'),
    end: keep('end'),
    asyncStart: keep('asyncStart'),
    asyncEnd: keep('asyncEnd'),
    error: keep('error'),
  };
  tracing.subscribe(handlers);
  stop.push(() => tracing.unsubscribe(handlers));
}

/** An account at the sandbox that asks for nothing by itself. */
function account(options: object = {}): Promise<TestApp> {
  return bootAccount({ ...optionsFor(sandbox), startup: 'lazy', ...options });
}

describe('dokstamp:token.request', () => {
  it('tells the address of a server, without the brackets that a URL has around it', async () => {
    listen();
    await using app = await account({ baseURL: 'http://[::1]:9', tokenTimeout: 200 });
    await app.tokens.getToken().catch(() => {});
    expect(told['start']?.[0]).toMatchObject({ server: { address: '::1', port: 9 } });
  });

  it('tells of each token request: account, reason, attempt, outcome, status and duration', async () => {
    listen();
    await using app = await account();
    await app.tokens.getToken();
    const { hostname, port } = new URL(sandbox.url);
    const about = {
      account: undefined,
      reason: 'demand',
      attempt: 1,
      server: { address: hostname, port: Number(port) },
    };
    expect(told['start']).toEqual([about]);
    const outcome = { outcome: 'issued', status: 200, durationMs: expect.any(Number) as number };
    expect(told['asyncEnd']).toEqual([{ ...about, ...outcome, result: undefined }]);
    expect(told['error']).toBeUndefined();
  });

  it('tells the code and status of a failure', async () => {
    listen();
    sandbox.tokenEndpoint.fail({ status: 503 });
    await using app = await account();
    await app.tokens.getToken().catch(() => {});
    expect(
      told['asyncEnd']?.map(({ attempt, outcome, code, status }) => ({
        attempt,
        outcome,
        code,
        status,
      })),
    ).toEqual(
      [1, 2, 3].map((attempt) => ({
        attempt,
        outcome: 'failed',
        code: 'token_request_failed',
        status: 503,
      })),
    );
  });
});

describe('the error of a failed token request', () => {
  it("has code and status, and none of the server's words", async () => {
    listen();
    const { clientId } = sandbox.credentials;
    const description = `client ${clientId} is unknown here`;
    const body = { error: 'invalid_client', error_description: description };
    sandbox.tokenEndpoint.fail({ status: 401, body });
    await using app = await account();
    await expect(app.tokens.getToken()).rejects.toMatchObject({
      code: 'invalid_client',
      errorDescription: description,
    });
    const { error } = told['error']?.[0] ?? {};
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'invalid_client', status: 401 });
    const shown = inspect(told, { depth: null, showHidden: true });
    for (const words of [clientId, 'is unknown here']) expect(shown).not.toContain(words);
  });
});

describe('dokstamp:token.wait', () => {
  it('tells of each caller that could not be served at once', async () => {
    listen();
    await using app = await account();
    await Promise.all([app.tokens.getToken(), app.http.axiosRef.get('/certificates')]);
    await app.tokens.getToken();
    const one = {
      account: undefined,
      reason: 'demand',
      outcome: 'served',
      durationMs: expect.any(Number) as number,
    };
    expect(told['dokstamp:token.wait']).toEqual([one, one]);
  });

  it('tells the code of a wait that failed', async () => {
    listen();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await using app = await account();
    await app.tokens.getToken().catch(() => {});
    expect(told['dokstamp:token.wait']).toMatchObject([
      { outcome: 'failed', code: 'token_rate_limited' },
    ]);
  });
});

describe('dokstamp:request.replay', () => {
  it('tells that a replay was accepted', async () => {
    await using app = await account();
    await app.tokens.getToken();
    sandbox.revokeTokens();
    listen();
    await app.http.axiosRef.get('/certificates');
    expect(told['dokstamp:request.replay']).toEqual([
      { account: undefined, outcome: 'accepted', status: 200 },
    ]);
  });

  it('tells that a replay was refused', async () => {
    await using app = await account({ tenant: 'elsewhere' });
    listen();
    await app.http.axiosRef.get('/certificates').catch(() => {});
    expect(told['dokstamp:request.replay']).toEqual([
      { account: undefined, outcome: 'refused', status: 401 },
    ]);
  });

  it.each([
    ['replay: false', { dokStamp: { replay: false } }],
    ['a stream', { data: Readable.from(['%PDF']), method: 'post' }],
  ])('tells that a request was not sent again: %s', async (_, config) => {
    await using app = await account();
    await app.tokens.getToken();
    sandbox.revokeTokens();
    listen();
    await app.http.axiosRef.request({ url: '/certificates', ...config }).catch(() => {});
    expect(told['dokstamp:request.replay']).toMatchObject([{ outcome: 'not_sent' }]);
  });
});

describe('dokstamp:gate', () => {
  it('tells that it is open with a token, and until when that is good', async () => {
    listen();
    await using app = await account();
    await app.tokens.getToken();
    const { expiresAt } = app.tokens.status;
    expect(told['dokstamp:gate']).toEqual([{ account: undefined, state: 'open', expiresAt }]);
  });

  it('tells that it is closed, why and until when', async () => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    listen();
    await using app = await account();
    await app.tokens.getToken().catch(() => {});
    const { blockedUntil } = app.tokens.status;
    expect(told['dokstamp:gate']).toEqual([
      { account: undefined, state: 'closed', code: 'token_rate_limited', retryAt: blockedUntil },
    ]);
  });

  it('tells that a token was dropped', async () => {
    await using app = await account();
    const token = await app.tokens.getToken();
    listen();
    app.tokens.invalidate(token);
    expect(told['dokstamp:gate']).toEqual([{ account: undefined, state: 'open' }]);
  });
});

describe('all channels', () => {
  it('carry neither token nor secret, header nor id', async () => {
    listen();
    await using app = await account();
    const token = await app.tokens.getToken();
    sandbox.revokeTokens();
    await app.http.axiosRef.get('/certificates');
    const next = await app.tokens.getToken();
    const { clientId, clientSecret } = sandbox.credentials;
    sandbox.rotateCredentials();
    await app.http.axiosRef.get('/certificates').catch(() => {});
    const shown = inspect(told, { depth: null, showHidden: true });
    expect(Object.keys(told)).toEqual(expect.arrayContaining(['start', 'error', ...CHANNELS]));
    for (const secret of [token, next, clientId, clientSecret, 'Bearer']) {
      expect(shown).not.toContain(secret);
    }
  });

  it('cost nobody a token, whatever a listener does to a message', async () => {
    const freeze = (message: unknown) => void Object.freeze(message);
    subscribe('tracing:dokstamp:token.request:start', freeze);
    stop.push(() => unsubscribe('tracing:dokstamp:token.request:start', freeze));
    await using app = await account();
    expect(await app.tokens.getToken()).toMatch(/^token_1/);
  });

  it('name the account', async () => {
    listen();
    const options = { ...optionsFor(sandbox), name: 'eu', startup: 'lazy' } as const;
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    const http = app.get<DokStampHttpService>(getDokStampHttpToken('eu'));
    await http.axiosRef.get('/certificates');
    sandbox.revokeTokens();
    await http.axiosRef.get('/certificates');
    const accounts = Object.values(told).flatMap((messages) =>
      messages.map(({ account }) => account),
    );
    expect(new Set(accounts)).toEqual(new Set(['eu']));
  });
});
