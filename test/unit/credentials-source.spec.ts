import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { SecretMask } from '../../lib/redaction/secret-mask.js';
import { DokStampError, type DokStampCredentials } from '../../lib/index.js';
import { CredentialsSource } from '../../lib/credentials/credentials-source.js';
import { deferred, uncaughtDuring } from '../support/deferred.js';
import { rejectionOf } from '../support/requests.js';

const PAIR = { clientId: 'client-1', clientSecret: 'secret-of-mine' };
const NEW_ID = { ...PAIR, clientId: 'client-2' };
const NEW_SECRET = { ...PAIR, clientSecret: 'another-of-mine' };

type Read = () => DokStampCredentials | Promise<DokStampCredentials>;

const { signal } = new AbortController();

function source(read: () => unknown, rereadable = true) {
  const mask = new SecretMask();
  return { mask, credentials: new CredentialsSource({ rereadable, read: read as Read }, mask) };
}

/** A function whose answers the test gives, one after the other. */
function slowFunction() {
  const calls: ReturnType<typeof deferred<DokStampCredentials>>[] = [];
  const read = () => {
    const call = deferred<DokStampCredentials>();
    calls.push(call);
    return call.promise;
  };
  return { ...source(read), calls };
}

async function failureOf(read: () => unknown): Promise<DokStampError> {
  const failure = await rejectionOf(source(read).credentials.read(signal));
  if (!(failure instanceof DokStampError)) throw new Error('It did not fail as it should.');
  return failure;
}

/** The failures of a function that throws this, and of one whose promise rejects with it. */
function failuresWith(thrown: unknown): Promise<DokStampError[]> {
  const reads = [
    () => {
      throw thrown;
    },
    () => Promise.reject(thrown),
  ];
  return Promise.all(reads.map(failureOf));
}

describe('the credentials', () => {
  it.each([
    ['at once', () => PAIR],
    ['by a promise', async () => PAIR],
    ['with more beside it', () => ({ ...PAIR, issuedFor: 'the test' })],
  ])('are the pair that the function gives, %s', async (_, read) => {
    expect(await source(read).credentials.read(signal)).toEqual(PAIR);
  });

  it('are read anew each time, one read a call', async () => {
    let reads = 0;
    const { credentials } = source(() => ({ ...PAIR, clientId: `client-${++reads}` }));
    for (const clientId of ['client-1', 'client-2', 'client-3']) {
      expect(await credentials.read(signal)).toMatchObject({ clientId });
    }
    expect(reads).toBe(3);
  });

  it('are looked at once: a getter that gives another value each time gives one', async () => {
    let looks = 0;
    const given = {
      ...PAIR,
      get clientId() {
        return `client-${++looks}`;
      },
    };
    const { credentials } = source(() => given);
    expect((await credentials.read(signal)).clientId).toBe('client-1');
    expect(looks).toBe(1);
  });

  it('are masked from the first read on', async () => {
    const { mask, credentials } = source(() => PAIR);
    expect(mask.text('secret-of-mine')).toBe('secret-of-mine');
    await credentials.read(signal);
    expect(mask.text('secret-of-mine')).toBe('[masked]');
  });

  it('are not shown by what reads them', async () => {
    const { credentials } = source(() => PAIR);
    credentials.refuse(await credentials.read(signal));
    const printed = inspect(credentials, { depth: null, showHidden: true });
    expect(printed + JSON.stringify(credentials)).not.toContain('of-mine');
  });
});

describe('one read at a time', () => {
  it('is joined by all who want the pair', async () => {
    const { credentials, calls } = slowFunction();
    const waiting = [credentials.read(signal), credentials.read(signal)];
    await Promise.resolve();
    waiting.push(credentials.read(signal));
    expect(calls).toHaveLength(1);
    calls[0]?.resolve(PAIR);
    expect(await Promise.all(waiting)).toEqual([PAIR, PAIR, PAIR]);
  });

  it('fails for all who have joined it; the next call reads anew', async () => {
    const { credentials, calls } = slowFunction();
    const waiting = [credentials.read(signal), credentials.read(signal)].map((read) =>
      rejectionOf(read),
    );
    await Promise.resolve();
    calls[0]?.reject(new Error('down'));
    for (const failure of await Promise.all(waiting)) {
      expect(failure).toMatchObject({ code: 'credentials_unavailable' });
    }
    const next = credentials.read(signal);
    await Promise.resolve();
    expect(calls).toHaveLength(2);
    calls[1]?.resolve(PAIR);
    expect(await next).toEqual(PAIR);
  });

  it('is left by one whose signal is aborted, with credentials_unavailable; the others wait on', async () => {
    const { credentials, calls } = slowFunction();
    const patient = credentials.read(signal);
    const controller = new AbortController();
    const leaving = rejectionOf(credentials.read(controller.signal));
    controller.abort(new Error('own reason'));
    expect(await leaving).toMatchObject({
      code: 'credentials_unavailable',
      retryable: true,
      message: expect.stringContaining('has not answered in time'),
    });
    calls[0]?.resolve(PAIR);
    expect(await patient).toEqual(PAIR);
  });

  it('is not begun anew while it hangs, when all who waited for it have left', async () => {
    const { credentials, calls } = slowFunction();
    for (let waiter = 0; waiter < 5; waiter++) {
      const controller = new AbortController();
      const leaving = rejectionOf(credentials.read(controller.signal));
      await Promise.resolve();
      controller.abort();
      await leaving;
    }
    await rejectionOf(credentials.read(AbortSignal.abort()));
    expect(calls).toHaveLength(1);
  });

  it('that answers after all have left is known, and the next call reads anew', async () => {
    const { credentials, calls } = slowFunction();
    const controller = new AbortController();
    const leaving = rejectionOf(credentials.read(controller.signal));
    controller.abort();
    await leaving;
    calls[0]?.resolve(PAIR);
    await vi.waitFor(() => expect(credentials.other).toEqual(PAIR));
    void credentials.read(signal);
    await Promise.resolve();
    expect(calls).toHaveLength(2);
  });

  it('that fails after all have left is no unhandled rejection', async () => {
    const uncaught = await uncaughtDuring(async () => {
      const { credentials, calls } = slowFunction();
      const controller = new AbortController();
      const leaving = rejectionOf(credentials.read(controller.signal));
      controller.abort();
      await leaving;
      calls[0]?.reject(new Error('too late'));
    });
    expect(uncaught).toEqual([]);
  });
});

describe('whether a read now may give another pair', () => {
  it.each([true, false])('is told by where the pair comes from: %s', (rereadable) => {
    expect(source(() => PAIR, rereadable).credentials.isRereadable).toBe(rereadable);
  });

  it('is denied while a read is under way, which may hang', async () => {
    const { credentials, calls } = slowFunction();
    const reading = credentials.read(signal);
    expect(credentials.isRereadable).toBe(false);
    await Promise.resolve();
    calls[0]?.resolve(PAIR);
    await reading;
    expect(credentials.isRereadable).toBe(true);
  });
});

describe('another pair than the one that was refused', () => {
  it('is none before anything was read', () => {
    expect(source(() => PAIR).credentials.other).toBeUndefined();
  });

  it.each([
    ['the same pair', { ...PAIR }, undefined],
    ['another id', NEW_ID, NEW_ID],
    ['another secret', NEW_SECRET, NEW_SECRET],
  ])('is looked for in the pair that was read last: %s', async (_, second, other) => {
    const pairs = [PAIR, second];
    const { credentials } = source(() => pairs.shift());
    credentials.refuse(await credentials.read(signal));
    expect(credentials.other).toBeUndefined();
    await credentials.read(signal);
    expect(credentials.other).toEqual(other);
  });

  it('is there at once where it was read while the refused one was still asked with', async () => {
    const pairs = [PAIR, NEW_SECRET];
    const { credentials } = source(() => pairs.shift());
    const sent = await credentials.read(signal);
    await credentials.read(signal);
    credentials.refuse(sent);
    expect(credentials.other).toEqual(NEW_SECRET);
  });

  it('is refused in its turn', async () => {
    const pairs = [PAIR, NEW_SECRET];
    const { credentials } = source(() => pairs.shift());
    credentials.refuse(await credentials.read(signal));
    credentials.refuse(await credentials.read(signal));
    expect(credentials.other).toBeUndefined();
  });

  it('is not made by a read that fails: the pair that was read last stays what is known', async () => {
    const reads = [
      () => PAIR,
      () => ({ ...NEW_SECRET, clientId: '' }),
      () => Promise.reject(new Error('down')),
    ];
    const { credentials } = source(() => reads.shift()?.());
    credentials.refuse(await credentials.read(signal));
    for (const _ of [1, 2]) {
      await rejectionOf(credentials.read(signal));
      expect(credentials.other).toBeUndefined();
    }
  });
});

describe('credentials_unavailable', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['nothing in it', {}],
    ['no secret', { clientId: 'client-1' }],
    ['no id', { clientSecret: 'secret-of-mine' }],
    ['an empty id', { ...PAIR, clientId: '' }],
    ['a blank secret', { ...PAIR, clientSecret: ' \n' }],
    ['numbers', { clientId: 1, clientSecret: 2 }],
    ['text', 'secret-of-mine'],
  ])('is what a function gets that gives %s', async (_, given) => {
    for (const read of [() => given, async () => given]) {
      const failure = await failureOf(read);
      expect(failure).toMatchObject({ code: 'credentials_unavailable', retryable: true });
      expect(failure.message).toContain('blank clientId or clientSecret');
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('of-mine');
    }
  });

  it.each([
    [
      'a pair whose secret cannot be looked at',
      {
        clientId: 'client-1',
        get clientSecret(): string {
          throw new TypeError('secret-of-mine');
        },
      },
      'failed with TypeError',
    ],
    [
      'a Proxy that lets nobody look',
      new Proxy(
        {},
        {
          get: () => {
            throw new RangeError('secret-of-mine');
          },
        },
      ),
      'failed with RangeError',
    ],
    ['a Proxy that was revoked', revokedProxy(), 'failed with TypeError'],
  ])('is what a function gets that gives %s', async (_, given, told) => {
    const failure = await failureOf(() => given);
    expect(failure).toMatchObject({ code: 'credentials_unavailable', retryable: true });
    expect(failure.message).toContain(told);
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('of-mine');
  });

  it.each([
    ['an Error', new Error('vault says secret-of-mine'), 'failed with Error'],
    ['a TypeError', new TypeError('secret-of-mine'), 'failed with TypeError'],
    [
      'a system error',
      Object.assign(new Error('secret-of-mine'), { code: 'ECONNREFUSED' }),
      'failed with Error (ECONNREFUSED)',
    ],
    [
      'an error whose code tells too much',
      Object.assign(new Error('x'), { code: 'secret-of-mine' }),
      'failed with Error.',
    ],
    [
      'an error whose code is a number',
      Object.assign(new Error('x'), { code: 500 }),
      'failed with Error.',
    ],
    [
      'an error that holds everything',
      Object.assign(new Error('x', { cause: 'secret-of-mine' }), { response: PAIR }),
      'failed with Error.',
    ],
    ['an Error with a name that is no word', named('secret-of-mine: no'), 'failed with Error.'],
    ['an Error with a name beyond all measure', named('of'.repeat(1_000)), 'failed with Error.'],
    [
      'an Error with a name that is no text',
      named({ deep: 'secret-of-mine' }),
      'failed with Error.',
    ],
    ['an Error without a name', named(undefined), 'failed with'],
    ['an Error whose name is a symbol', named(Symbol('secret-of-mine')), 'failed with Error.'],
    [
      'a DokStampError of another kind',
      new DokStampError('closed', 'secret-of-mine'),
      'failed with DokStampError.',
    ],
    ['text', 'secret-of-mine', 'a thrown value that is no Error'],
    ['an object', PAIR, 'a thrown value that is no Error'],
    ['a function', () => PAIR, 'a thrown value that is no Error'],
    ['undefined', undefined, 'a thrown value that is no Error'],
    ['null', null, 'a thrown value that is no Error'],
  ])('is what a function gets that throws %s; only its kind is told', async (_, thrown, told) => {
    for (const failure of await failuresWith(thrown)) {
      expect(failure).toMatchObject({ code: 'credentials_unavailable', retryable: true });
      expect(failure.message).toContain(told);
      expect(failure.message).toContain('Let it give clientId and clientSecret');
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('of-mine');
      expect(failure.stack).not.toContain('of-mine');
    }
  });

  it.each([
    [
      'an Error with a name that throws',
      Object.defineProperty(new Error('secret-of-mine'), 'name', thrower()),
    ],
    [
      'an Error with a code that throws',
      Object.defineProperty(new Error('secret-of-mine'), 'code', thrower()),
    ],
    ['an Error whose name cannot be made text', named({ toString: thrower().get })],
    [
      'a Proxy that lets nobody look',
      new Proxy({}, { has: thrower().get, get: thrower().get, getPrototypeOf: thrower().get }),
    ],
    ['a Proxy that was revoked', revokedProxy()],
    [
      'a DokStampError that cannot tell its code',
      Object.defineProperty(new DokStampError('closed', 'x'), 'code', thrower()),
    ],
  ])('is what a function gets that throws %s', async (_, thrown) => {
    for (const failure of await failuresWith(thrown)) {
      expect(failure).toMatchObject({ code: 'credentials_unavailable', retryable: true });
      expect(failure.message).toContain('failed with a value that cannot be read');
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('of-mine');
    }
  });

  it('is told in its own words where the function says so itself, and is an error of ours all the same', async () => {
    const own = new DokStampError('credentials_unavailable', 'The vault is sealed.', {
      retryable: false,
      cause: 'secret-of-mine',
      retryAt: new Date(0),
    });
    for (const failure of await failuresWith(own)) {
      expect(failure).not.toBe(own);
      expect(failure).toMatchObject({ message: 'The vault is sealed.', retryable: true });
      expect(failure.retryAt).toBeUndefined();
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('of-mine');
    }
  });
});

function thrower() {
  return {
    get: (): never => {
      throw new Error('secret-of-mine');
    },
  };
}

function named(name: unknown): Error {
  return Object.assign(new Error('secret-of-mine'), { name });
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
