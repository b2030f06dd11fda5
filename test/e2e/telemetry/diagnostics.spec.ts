import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import {
  type DokStampHttpService,
  DokStampModule,
  getDokStampHttpToken,
} from '../../../lib/index.js';
import { type TestApp, boot, bootAccount, optionsFor } from '../../support/app.js';
import { freezeTime, settle, waitUntil } from '../../support/time.js';

type Message = Record<string, unknown>;

const CHANNELS = ['dokstamp:token.wait', 'dokstamp:request.replay', 'dokstamp:gate'] as const;

let sandbox: DokStampSandbox;
let messages: Record<string, Message[]>;
let stop: (() => void)[];

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  messages = {};
  stop = [];
});

afterEach(async () => {
  stop.forEach((end) => end());
  await sandbox.stop();
});

/** Subscribes to every channel, and copies each message when it is published. */
function listen(): void {
  const keep = (name: string) => (message: unknown) => {
    (messages[name] ??= []).push({ ...(message as Message) });
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

/** An account at the sandbox, whose first token is requested at its first use. */
function account(options: object = {}): Promise<TestApp> {
  return bootAccount({ ...optionsFor(sandbox), startup: 'lazy', ...options });
}

describe('dokstamp:token.request', () => {
  it('has the address of an IPv6 server without the brackets of its URL', async () => {
    listen();
    await using app = await account({ baseURL: 'http://[::1]:9' });
    app.tokens.getToken().catch(() => {});
    await waitUntil(() => messages['start'] !== undefined);
    expect(messages['start']?.[0]).toMatchObject({ server: { address: '::1', port: 9 } });
  });

  it('has the account, reason, attempt, outcome, status and duration of each token request', async () => {
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
    expect(messages['start']).toEqual([about]);
    const outcome = { outcome: 'issued', status: 200, durationMs: expect.any(Number) as number };
    expect(messages['asyncEnd']).toEqual([{ ...about, ...outcome, result: undefined }]);
    expect(messages['error']).toBeUndefined();
  });

  it('has the code and status of each attempt that fails', async () => {
    freezeTime();
    listen();
    sandbox.tokenEndpoint.fail({ status: 503 });
    await using app = await account();
    await settle(app.tokens.getToken().catch(() => {}));
    expect(
      messages['asyncEnd']?.map(({ attempt, outcome, code, status }) => ({
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
  it("has the code and status, but not the server's text", async () => {
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
    const { error } = messages['error']?.[0] ?? {};
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'invalid_client', status: 401 });
    const shown = inspect(messages, { depth: null, showHidden: true });
    for (const text of [clientId, 'is unknown here']) expect(shown).not.toContain(text);
  });
});

describe('dokstamp:token.wait', () => {
  it('has a message for each caller that had to wait', async () => {
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
    expect(messages['dokstamp:token.wait']).toEqual([one, one]);
  });

  it('has the code of a wait that failed', async () => {
    listen();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    await using app = await account();
    await app.tokens.getToken().catch(() => {});
    expect(messages['dokstamp:token.wait']).toMatchObject([
      { outcome: 'failed', code: 'token_rate_limited' },
    ]);
  });
});

describe('dokstamp:request.replay', () => {
  it('has the outcome of an accepted replay', async () => {
    await using app = await account();
    await app.tokens.getToken();
    sandbox.revokeTokens();
    listen();
    await app.http.axiosRef.get('/certificates');
    expect(messages['dokstamp:request.replay']).toEqual([
      { account: undefined, outcome: 'accepted', status: 200 },
    ]);
  });

  it('has the outcome of a rejected replay', async () => {
    await using app = await account({ tenant: 'elsewhere' });
    listen();
    await app.http.axiosRef.get('/certificates').catch(() => {});
    expect(messages['dokstamp:request.replay']).toEqual([
      { account: undefined, outcome: 'refused', status: 401 },
    ]);
  });

  it.each([
    ['replay: false', { dokStamp: { replay: false } }],
    ['a stream', { data: Readable.from(['%PDF']), method: 'post' }],
  ])('reports a request that was not sent again: %s', async (_, config) => {
    await using app = await account();
    await app.tokens.getToken();
    sandbox.revokeTokens();
    listen();
    await app.http.axiosRef.request({ url: '/certificates', ...config }).catch(() => {});
    expect(messages['dokstamp:request.replay']).toMatchObject([{ outcome: 'not_sent' }]);
  });
});

describe('dokstamp:gate', () => {
  it('is open with a token, until its end', async () => {
    listen();
    await using app = await account();
    await app.tokens.getToken();
    const { expiresAt } = app.tokens.status;
    expect(messages['dokstamp:gate']).toEqual([{ account: undefined, state: 'open', expiresAt }]);
  });

  it('is closed after a failure, with its code and end', async () => {
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 60 });
    listen();
    await using app = await account();
    await app.tokens.getToken().catch(() => {});
    const { blockedUntil } = app.tokens.status;
    expect(messages['dokstamp:gate']).toEqual([
      { account: undefined, state: 'closed', code: 'token_rate_limited', retryAt: blockedUntil },
    ]);
  });

  it('is open without an end when the token is invalidated', async () => {
    await using app = await account();
    const token = await app.tokens.getToken();
    listen();
    app.tokens.invalidate(token);
    expect(messages['dokstamp:gate']).toEqual([{ account: undefined, state: 'open' }]);
  });
});

describe('the channels', () => {
  it('contain no token, secret, header or id', async () => {
    listen();
    await using app = await account();
    const token = await app.tokens.getToken();
    sandbox.revokeTokens();
    await app.http.axiosRef.get('/certificates');
    const next = await app.tokens.getToken();
    const { clientId, clientSecret } = sandbox.credentials;
    sandbox.rotateCredentials();
    await app.http.axiosRef.get('/certificates').catch(() => {});
    const shown = inspect(messages, { depth: null, showHidden: true });
    expect(Object.keys(messages)).toEqual(expect.arrayContaining(['start', 'error', ...CHANNELS]));
    for (const secret of [token, next, clientId, clientSecret, 'Bearer']) {
      expect(shown).not.toContain(secret);
    }
  });

  it('do not affect the token request if a listener changes a message', async () => {
    const freeze = (message: unknown) => void Object.freeze(message);
    subscribe('tracing:dokstamp:token.request:start', freeze);
    stop.push(() => unsubscribe('tracing:dokstamp:token.request:start', freeze));
    await using app = await account();
    expect(await app.tokens.getToken()).toMatch(/^token_1/);
  });

  it('have the name of the account', async () => {
    listen();
    const options = { ...optionsFor(sandbox), name: 'eu', startup: 'lazy' } as const;
    await using app = await boot({ imports: [DokStampModule.forRoot(options)] });
    const http = app.get<DokStampHttpService>(getDokStampHttpToken('eu'));
    await http.axiosRef.get('/certificates');
    sandbox.revokeTokens();
    await http.axiosRef.get('/certificates');
    const accounts = Object.values(messages)
      .flat()
      .map((message) => message['account']);
    expect(new Set(accounts)).toEqual(new Set(['eu']));
  });
});
