import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { DokStampError, type DokStampCredentials } from '../../../lib/index.js';
import { uncaughtDuring } from '../../support/deferred.js';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { issueToken } from '../../support/stub-server.js';
import { elapse, freezeTime, idle } from '../../support/time.js';
import { answering, failureOf, withoutTime } from '../../support/token-failure.js';
import { type TokenHarness, tokenHarness } from '../../support/token-harness.js';

const PAIR = { clientId: 'client-1', clientSecret: 'secret-of-mine' };

let dokStamp: MemoryDokStamp;
/** The pair of each token request. */
let sent: DokStampCredentials[];

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
  sent = [];
  dokStamp.tokenEndpoint = ({ body }, response) => {
    const form = new URLSearchParams(body.toString());
    sent.push({
      clientId: form.get('client_id') ?? '',
      clientSecret: form.get('client_secret') ?? '',
    });
    issueToken(response, `token_${sent.length}`);
  };
});

/** An account with this function. The function may return anything, as one in JavaScript may. */
function harnessWith(read: () => unknown, tokenTimeout?: number): Promise<TokenHarness> {
  const { baseURL, http } = dokStamp.options;
  const credentials = read as () => DokStampCredentials | Promise<DokStampCredentials>;
  return tokenHarness({ baseURL, http, credentials, tokenTimeout });
}

/** The error of a first call, and all that the library said. */
async function failureWith(read: () => unknown) {
  await using harness = await harnessWith(read);
  const error = await failureOf(harness.tokens.getToken());
  return { error, events: harness.events, log: harness.log };
}

const throwing = (thrown: unknown) => () => {
  throw thrown;
};

describe('a credentials function', () => {
  it.each<[string, () => unknown]>([
    ['returns the pair', () => PAIR],
    ['resolves with the pair', async () => PAIR],
    ['returns more than the pair', () => ({ ...PAIR, issuedFor: 'this test' })],
  ])('that %s gives the credentials of the token request', async (_, read) => {
    await using harness = await harnessWith(read);
    expect(await harness.tokens.getToken()).toBe('token_1');
    expect(sent).toEqual([PAIR]);
  });

  it('is called once before each token request', async () => {
    let calls = 0;
    await using harness = await harnessWith(() => ({ ...PAIR, clientId: `client-${++calls}` }));
    await harness.tokens.getToken();
    await Promise.all([harness.tokens.renew(), harness.tokens.renew()]);
    await harness.tokens.renew();
    expect(sent.map(({ clientId }) => clientId)).toEqual(['client-1', 'client-2', 'client-3']);
    expect(calls).toBe(3);
  });

  it('runs outside the async context of the caller, which keeps its own', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    await using harness = await harnessWith(async () => {
      seen.push(storage.getStore());
      await new Promise((resolve) => setTimeout(resolve, 0));
      seen.push(storage.getStore());
      return PAIR;
    });
    await storage.run('a request', async () => {
      await withoutTime(harness.tokens.getToken());
      seen.push(storage.getStore());
    });
    expect(seen).toEqual([undefined, undefined, 'a request']);
  });

  it('has its secret masked in errors, and hidden in the service', async () => {
    dokStamp.tokenEndpoint = answering(403, {
      error_description: `${PAIR.clientSecret} is not allowed`,
    });
    await using harness = await harnessWith(() => PAIR);
    const error = await failureOf(harness.tokens.getToken());
    expect(error.errorDescription).toBe('[masked] is not allowed');
    const shown = inspect([harness, error], { depth: null, showHidden: true });
    expect(shown).not.toContain('of-mine');
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['no pair', {}],
    ['no secret', { clientId: 'client-1' }],
    ['no id', { clientSecret: 'secret-of-mine' }],
    ['an empty id', { ...PAIR, clientId: '' }],
    ['a blank secret', { ...PAIR, clientSecret: ' \n' }],
    ['numbers', { clientId: 1, clientSecret: 2 }],
    ['text', 'secret-of-mine'],
  ])('that returns %s fails with credentials_unavailable', async (_, given) => {
    for (const read of [() => given, async () => given]) {
      const { error } = await failureWith(read);
      expect(error).toMatchObject({ code: 'credentials_unavailable', retryable: true });
      expect(error.message).toMatch(/returned a blank client(Id|Secret)/);
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('of-mine');
    }
  });

  it.each([
    ['an Error', new Error('the vault is sealed'), 'failed with Error'],
    ['a TypeError', new TypeError('no'), 'failed with TypeError'],
    [
      'a system error',
      Object.assign(new Error('no'), { code: 'ECONNREFUSED' }),
      'failed with Error (ECONNREFUSED)',
    ],
    ['a DokStampError of another account', new DokStampError('closed', 'It is closed.'), 'failed'],
    ['text', 'no', 'failed'],
    ['undefined', undefined, 'failed'],
  ])('that throws %s fails with credentials_unavailable', async (_, thrown, reason) => {
    for (const read of [throwing(thrown), () => Promise.reject(thrown)]) {
      const { error, events, log } = await failureWith(read);
      expect(error).toMatchObject({
        code: 'credentials_unavailable',
        retryable: true,
        attempts: 0,
      });
      expect(error.message).toContain(reason);
      expect(Number(error.retryAt) - Date.now()).toBe(1_000);
      expect(events).toEqual([{ type: 'renewal-failed', error, retryAt: error.retryAt }]);
      expect(log).toEqual([{ level: 'error', message: expect.stringContaining(reason) }]);
    }
  });

  it('that throws its own credentials_unavailable keeps its message, not its retryAt', async () => {
    const details = { retryAt: new Date(0), attempts: 7, retryable: false };
    const thrown = new DokStampError('credentials_unavailable', 'The vault is sealed.', details);
    const { error } = await failureWith(throwing(thrown));
    expect(error).toMatchObject({ message: 'The vault is sealed.', retryable: true, attempts: 0 });
    expect(Number(error.retryAt) - Date.now()).toBe(1_000);
  });

  it('that throws an error with a secret shows no secret that was read before', async () => {
    let isSealed = false;
    await using harness = await harnessWith(() => {
      if (!isSealed) return PAIR;
      throw Object.assign(new Error(`no ${PAIR.clientSecret}`), { code: PAIR.clientSecret });
    });
    await harness.tokens.getToken();
    isSealed = true;
    const error = await failureOf(harness.tokens.renew());
    expect(error.message).toContain('failed with Error');
    expect(inspect([error, harness.log], { depth: null, showHidden: true })).not.toContain(
      'of-mine',
    );
  });

  it('is called 3 times for a waiting caller, and again after each pause', async () => {
    let calls = 0;
    let isSealed = true;
    await using harness = await harnessWith(() => {
      calls++;
      if (isSealed) throw new Error('The vault is sealed.');
      return PAIR;
    });
    const { attempts } = await failureOf(harness.tokens.getToken());
    expect({ attempts, calls }).toEqual({ attempts: 0, calls: 3 });
    await elapse(1_000);
    expect(calls).toBe(4);
    isSealed = false;
    await elapse(1_500);
    expect(harness.tokens.status.state).toBe('valid');
    expect(sent).toEqual([PAIR]);
  });

  it('that does not answer fails with credentials_unavailable at tokenTimeout', async () => {
    await using harness = await harnessWith(() => new Promise(() => {}), 500);
    const failure = failureOf(harness.tokens.getToken());
    await elapse(499);
    expect(harness.events).toEqual([]);
    await elapse(1);
    expect(await failure).toMatchObject({ code: 'credentials_unavailable', attempts: 0 });
    expect(dokStamp.tokenRequests).toBe(0);
  });

  it('that answers again after it did not gets the account a token by itself', async () => {
    let answer: (pair: DokStampCredentials) => void = () => {};
    let hangs = true;
    await using harness = await harnessWith(() => {
      return hangs ? new Promise<DokStampCredentials>((resolve) => (answer = resolve)) : PAIR;
    }, 500);
    const failure = failureOf(harness.tokens.getToken());
    await elapse(500);
    await failure;
    hangs = false;
    answer({ ...PAIR, clientId: 'too late' });
    await elapse(1_000);
    expect(harness.tokens.status.state).toBe('valid');
    expect(sent).toEqual([PAIR]);
  });

  it('that rejects after tokenTimeout causes no unhandled rejection', async () => {
    let reject: (reason: Error) => void = () => {};
    const uncaught = await uncaughtDuring(async () => {
      const read = () => new Promise<never>((_, rejected) => (reject = rejected));
      await using harness = await harnessWith(read, 500);
      harness.tokens.onModuleDestroy();
      const failure = failureOf(harness.tokens.getToken());
      await elapse(500);
      await failure;
      reject(new Error('too late'));
      await idle();
    });
    expect(uncaught).toEqual([]);
  });
});
