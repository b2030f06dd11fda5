import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../lib/errors/secret-mask.js';
import { DokStampError, type DokStampCredentials } from '../../lib/index.js';
import { CredentialsSource } from '../../lib/token/credentials-source.js';

const PAIR = { clientId: 'client-1', clientSecret: 'secret-of-mine' };

type Read = () => DokStampCredentials | Promise<DokStampCredentials>;

function source(read: () => unknown, rereadable = true) {
  const mask = new SecretMask();
  return { mask, credentials: new CredentialsSource({ rereadable, read: read as Read }, mask) };
}

async function failureOf(read: () => unknown): Promise<DokStampError> {
  const failure: unknown = await source(read)
    .credentials.read()
    .catch((error: unknown) => error);
  if (!(failure instanceof DokStampError)) throw new Error('It did not fail as it should.');
  return failure;
}

describe('the credentials', () => {
  it.each([
    ['at once', () => PAIR],
    ['by a promise', async () => PAIR],
    ['with more beside it', () => ({ ...PAIR, issuedFor: 'the test' })],
  ])('are the pair that the function gives, %s', async (_, read) => {
    expect(await source(read).credentials.read()).toMatchObject({ pair: PAIR });
  });

  it('are read anew each time, one read a call', async () => {
    let reads = 0;
    const { credentials } = source(() => ({ ...PAIR, clientId: `client-${++reads}` }));
    for (const clientId of ['client-1', 'client-2', 'client-3']) {
      expect((await credentials.read()).pair.clientId).toBe(clientId);
    }
    expect(reads).toBe(3);
  });

  it('are changed when id or secret differs from the read before, or there was none', async () => {
    const pairs = [
      PAIR,
      PAIR,
      { ...PAIR, clientId: 'client-2' },
      { ...PAIR, clientId: 'client-2' },
      { clientId: 'client-2', clientSecret: 'another secret' },
      PAIR,
    ];
    const { credentials } = source(() => pairs.shift());
    const changed: boolean[] = [];
    while (pairs.length > 0) changed.push((await credentials.read()).changed);
    expect(changed).toEqual([true, false, true, false, true, true]);
  });

  it('are compared with the last good read; a failure in between changes nothing', async () => {
    const reads = [
      () => PAIR,
      () => {
        throw new Error('down');
      },
      () => PAIR,
    ];
    const { credentials } = source(() => reads.shift()!());
    await credentials.read();
    await expect(credentials.read()).rejects.toThrow();
    expect((await credentials.read()).changed).toBe(false);
  });

  it.each([true, false])('tell whether another read may differ: %s', (rereadable) => {
    expect(source(() => PAIR, rereadable).credentials.rereadable).toBe(rereadable);
  });

  it('are masked from the first read on', async () => {
    const { mask, credentials } = source(() => PAIR);
    expect(mask.text('secret-of-mine')).toBe('secret-of-mine');
    await credentials.read();
    expect(mask.text('secret-of-mine')).toBe('[masked]');
  });

  it('are not shown by what reads them', async () => {
    const { credentials } = source(() => PAIR);
    await credentials.read();
    const printed = inspect(credentials, { depth: null, showHidden: true });
    expect(printed + JSON.stringify(credentials)).not.toContain('of-mine');
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
      'an error that holds everything',
      Object.assign(new Error('x', { cause: 'secret-of-mine' }), { response: PAIR }),
      'failed with Error.',
    ],
    ['text', 'secret-of-mine', 'a thrown value that is no Error'],
    ['an object', PAIR, 'a thrown value that is no Error'],
    ['nothing', undefined, 'a thrown value that is no Error'],
  ])('is what a function gets that throws %s; only its kind is told', async (_, thrown, told) => {
    const reads = [
      () => {
        throw thrown;
      },
      () => Promise.reject(thrown),
    ];
    for (const read of reads) {
      const failure = await failureOf(read);
      expect(failure).toMatchObject({ code: 'credentials_unavailable', retryable: true });
      expect(failure.message).toContain(told);
      expect(inspect(failure, { depth: null, showHidden: true })).not.toContain('of-mine');
      expect(failure.stack).not.toContain('of-mine');
    }
  });

  it('stays what it is when the function says so itself', async () => {
    const own = new DokStampError('credentials_unavailable', 'The vault is sealed.');
    expect(await failureOf(() => Promise.reject(own))).toBe(own);
  });
});
