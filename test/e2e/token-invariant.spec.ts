import { Logger } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveOptions } from '../../lib/options/options.resolver.js';
import { createTokenService } from '../../lib/token/token-service.factory.js';
import { optionsFor } from '../support/app.js';
import { rejectionOf } from '../support/requests.js';
import { json, stubServer } from '../support/stub-server.js';
import { letGoOn, pass, tokenHarness, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';

beforeEach(setUp);
afterEach(tearDown);

const stub = { clientId: 'id', clientSecret: 'secret-1' };

/** A token endpoint that gives tokens of this lifetime, each after this time. */
const endpoint = (expiresIn: number, afterMs = 0) =>
  stubServer(async (_, response) => {
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
    json(response, 200, {
      token_type: 'Bearer',
      expires_in: expiresIn,
      access_token: `token_${Math.random()}`,
    });
  });

describe('once a token was wanted, there is one with a planned renewal, a request under way, or a planned next try', () => {
  it('so that an outage at the start heals without a caller, at the time that the log names', async () => {
    const lines: string[] = [];
    Logger.overrideLogger({ log() {}, error() {}, warn: (line: string) => void lines.push(line) });
    sandbox.tokenEndpoint.fail({ status: 503 });
    using harness = await tokenHarness({ ...optionsFor(sandbox), startup: 'background' });
    await until(() => harness.events.length === 1);
    const { status } = harness.tokens;
    expect(status).toMatchObject({ state: 'blocked', nextRenewalAt: status.blockedUntil });
    expect(lines).toEqual([
      expect.stringContaining(`Next try at ${status.nextRenewalAt?.toISOString()}`),
    ]);
    await pass(999);
    expect(sandbox.tokenRequests).toBe(1);
    await pass(1);
    await until(() => harness.events.length === 2);
    expect(sandbox.tokenRequests).toBe(2);
    sandbox.tokenEndpoint.restore();
    await pass(1_500);
    await until(() => harness.tokens.status.state === 'valid');
    expect(harness.events.at(-1)).toMatchObject({ type: 'issued', reason: 'scheduled' });
  });

  it('after a call on a lazy account has failed', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    expect(harness.tokens.status.nextRenewalAt).toBeUndefined();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 7 });
    await rejectionOf(letGoOn(harness.tokens.getToken()));
    expect(harness.tokens.status.nextRenewalAt).toEqual(new Date(Date.now() + 7_000));
    sandbox.tokenEndpoint.restore();
    await pass(7_000, 1_000);
    await until(() => harness.tokens.status.state === 'valid');
  });

  it('after the token was dropped', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    harness.tokens.invalidate(await harness.tokens.getToken());
    expect(harness.tokens.status).toMatchObject({ state: 'absent', nextRenewalAt: new Date() });
    await pass(1);
    await until(() => harness.tokens.status.state === 'valid');
  });

  it('with a valid token and refused credentials, also where renew() reads these anew when the try is due', async () => {
    let pair = sandbox.credentials;
    let hangs = false;
    let answer = () => {};
    const credentials = async () => {
      if (hangs) await new Promise<void>((resolve) => (answer = resolve));
      return pair;
    };
    using harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await harness.tokens.getToken();
    pair = { ...pair, clientSecret: 'refused' };
    await rejectionOf(letGoOn(harness.tokens.renew()));
    expect(harness.tokens.status.nextRenewalAt).toEqual(new Date(Date.now() + 30_000));
    await pass(29_500);
    hangs = true;
    const renewal = rejectionOf(letGoOn(harness.tokens.renew()));
    await pass(600);
    hangs = false;
    answer();
    expect(await renewal).toMatchObject({ code: 'invalid_client' });
    await until(() => harness.events.length === 3);
    expect(harness.tokens.status).toMatchObject({
      state: 'valid',
      nextRenewalAt: harness.tokens.status.blockedUntil,
    });
  });

  it('but none after onModuleDestroy, and the log says so', async () => {
    const lines: string[] = [];
    Logger.overrideLogger({ log() {}, error() {}, warn: (line: string) => void lines.push(line) });
    sandbox.tokenEndpoint.fail({ status: 503 });
    using harness = await tokenHarness(optionsFor(sandbox));
    harness.tokens.onModuleDestroy();
    const failed = rejectionOf(letGoOn(harness.tokens.getToken()));
    await pass(1_000, 50);
    expect(await failed).toMatchObject({ code: 'token_request_failed' });
    expect(harness.tokens.status.nextRenewalAt).toBeUndefined();
    expect(lines).toEqual([expect.stringContaining('No next try is planned')]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('and none after a required start has failed: Nest calls no hook of an app that did not boot', async () => {
    sandbox.tokenEndpoint.fail({ status: 403 });
    await rejectionOf(letGoOn(tokenHarness({ ...optionsFor(sandbox), startup: 'required' })));
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('renewals that nobody waits for start at least 1 s apart', () => {
  it.each([0.001, 0.01, 0.3, 1])('with a lifetime of %s s', async (lifetime) => {
    await using server = await endpoint(lifetime);
    using harness = await tokenHarness({ baseURL: server.url, ...stub, startup: 'background' });
    await until(() => server.seen.length === 1);
    await pass(10_000, 50);
    expect(harness.events.length).toBeGreaterThan(1);
    expect(server.seen.length).toBeLessThanOrEqual(11);
  });

  it('whatever was asked for in between', async () => {
    await using server = await endpoint(0.2);
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    const scheduled: number[] = [];
    harness.tokens.events$.subscribe((event) => {
      if ('reason' in event && event.reason === 'scheduled') scheduled.push(performance.now());
    });
    for (let call = 0; call < 40; call++) {
      await letGoOn(harness.tokens.getToken());
      await pass(130, 10);
    }
    expect(scheduled.length).toBeGreaterThan(1);
    for (const [nth, at] of scheduled.slice(1).entries()) {
      expect(at - (scheduled[nth] ?? 0)).toBeGreaterThanOrEqual(950);
    }
  });
});

describe('a token that is over when its answer arrives', () => {
  it('is not served and counts as token_response_invalid', async () => {
    await using server = await endpoint(0.5, 600);
    using harness = await tokenHarness({ baseURL: server.url, ...stub });
    const failure = rejectionOf(letGoOn(harness.tokens.getToken()));
    await pass(2_000, 50);
    expect(server.seen).toHaveLength(3);
    expect(await failure).toMatchObject({
      code: 'token_response_invalid',
      attempts: 3,
      message: expect.stringContaining('expires_in'),
    });
    expect(harness.tokens.status.state).toBe('blocked');
  });
});

describe('shut down when the answer has come', () => {
  it.each(Array.from({ length: 12 }, (_, ticks) => ticks))(
    'no token is served while the state is closed, %d microtasks after it was issued',
    async (ticks) => {
      const harness = await tokenHarness(optionsFor(sandbox));
      let closed = false;
      let servedWhileClosed = false;
      const close = async () => {
        for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
        harness[Symbol.dispose]();
        closed = true;
      };
      harness.tokens.events$.subscribe(() => void close());
      const call = harness.tokens.getToken().then(
        () => (servedWhileClosed = closed),
        (error: unknown) => expect(error).toMatchObject({ code: 'closed' }),
      );
      await letGoOn(call);
      await setImmediate();
      expect(harness.tokens.status).toEqual({ state: 'closed' });
      // It may have been handed out in the very tick before.
      if (ticks < 4) expect(servedWhileClosed).toBe(false);
    },
  );

  it('a failure leaves nothing in the status', async () => {
    const harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.fail({ status: 403 });
    await rejectionOf(letGoOn(harness.tokens.getToken()));
    expect(harness.tokens.status.blockedUntil).toBeInstanceOf(Date);
    harness[Symbol.dispose]();
    expect(harness.tokens.status).toEqual({ state: 'closed' });
  });

  it('the call that reads refused credentials anew is rejected at once', async () => {
    let hangs = false;
    const credentials = () => (hangs ? new Promise<never>(() => {}) : stub);
    const harness = await tokenHarness({ baseURL: sandbox.url, credentials });
    await rejectionOf(letGoOn(harness.tokens.getToken()));
    hangs = true;
    await pass(1_000);
    const call = rejectionOf(harness.tokens.getToken());
    await pass(10);
    harness[Symbol.dispose]();
    expect(await call).toMatchObject({ code: 'closed' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('any number of waiters', () => {
  it('may share one signal without a warning of a leak', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    using harness = await tokenHarness(optionsFor(sandbox));
    const caller = new AbortController();
    const waiting = Array.from({ length: 50 }, () =>
      rejectionOf(harness.tokens.getToken({ signal: caller.signal })),
    );
    await setImmediate();
    caller.abort(new Error('gone'));
    for (const reason of await Promise.all(waiting)) expect(reason.message).toBe('gone');
    await setImmediate();
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
    expect(await letGoOn(harness.tokens.getToken())).toMatch(/^token_/);
  });
});

describe('invalidate()', () => {
  it('without a token drops nothing, whatever it is given', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    expect(harness.tokens.invalidate(undefined as never)).toBe(false);
    expect(harness.tokens.invalidate('')).toBe(false);
    expect(harness.events).toEqual([]);
  });
});

describe('a tokenTimeout of 2^31 ms and more', () => {
  it.each([2 ** 31, 2 ** 40, Number.MAX_VALUE])('waits: %d ms', async (tokenTimeout) => {
    using harness = await tokenHarness({ ...optionsFor(sandbox), tokenTimeout });
    sandbox.tokenEndpoint.delay(5_000);
    const token = harness.tokens.getToken();
    await until(() => sandbox.tokenRequests === 1);
    await pass(5_000, 1_000);
    expect(await letGoOn(token)).toMatch(/^token_/);
  });
});

describe('a machine that slept while the gate was closed', () => {
  it('answers with a retryAt that is not past', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    sandbox.tokenEndpoint.fail({ status: 403 });
    await rejectionOf(letGoOn(harness.tokens.getToken()));
    vi.setSystemTime(Date.now() + 3_600_000);
    const error = await rejectionOf<{ retryAt: Date }>(letGoOn(harness.tokens.getToken()));
    expect(error.retryAt).toEqual(new Date(Date.now() + 30_000));
    expect(harness.tokens.status).toMatchObject({
      blockedUntil: error.retryAt,
      nextRenewalAt: error.retryAt,
    });
  });
});

describe('a subscriber of events$', () => {
  it('that drops the new token and asks again gets another one', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const again: Promise<string>[] = [];
    const first = harness.tokens.events$.subscribe((event) => {
      if (event.type !== 'issued') return;
      first.unsubscribe();
      harness.tokens.invalidate(harness.tokens.current() ?? '');
      again.push(harness.tokens.getToken());
    });
    const dropped = await letGoOn(harness.tokens.getToken());
    expect(await letGoOn(again[0] ?? Promise.reject(new Error('none')))).not.toBe(dropped);
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('that calls renew() makes a request of its own', async () => {
    using harness = await tokenHarness(optionsFor(sandbox));
    const renewed: Promise<string>[] = [];
    const first = harness.tokens.events$.subscribe(() => {
      first.unsubscribe();
      renewed.push(harness.tokens.renew());
    });
    const token = await letGoOn(harness.tokens.getToken());
    expect(await letGoOn(renewed[0] ?? Promise.reject(new Error('none')))).not.toBe(token);
  });
});

describe('the start', () => {
  it.each(['required', 'background'] as const)(
    'of %s asks for no token where one is at hand, as a provider asked for it while the app was built',
    async (startup) => {
      const resolved = resolveOptions({ ...optionsFor(sandbox), startup });
      const tokens = createTokenService({ options: resolved });
      await letGoOn(tokens.getToken());
      sandbox.tokenEndpoint.fail({ status: 500 });
      await tokens.onModuleInit();
      expect(sandbox.tokenRequests).toBe(1);
      tokens.onApplicationShutdown();
    },
  );
});
