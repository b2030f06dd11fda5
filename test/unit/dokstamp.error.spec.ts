import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DokStampConfigError, DokStampError, isDokStampError } from '../../lib/index.js';

describe('a DokStampError', () => {
  it('is an Error with a code, a message and `retryable`', () => {
    const error = new DokStampError('token_request_failed', 'It failed.', { retryable: true });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'token_request_failed', message: 'It failed.' });
    expect(error.retryable).toBe(true);
    expect(error.name).toBe('DokStampError');
    expect(String(error)).toBe('DokStampError: It failed.');
    expect(error.stack).toContain('It failed.');
  });

  it('is not retryable by default', () => {
    expect(new DokStampError('invalid_client', 'No.').retryable).toBe(false);
  });

  it('has only the properties that it was given', () => {
    const error = new DokStampError('closed', 'Over.');
    expect(Object.keys(error).toSorted()).toEqual(['code', 'retryable']);
    expect('cause' in error).toBe(false);
    expect(error.retryAt).toBeUndefined();
  });

  it('has all the details that it was given', () => {
    const details = {
      retryable: true,
      retryAt: new Date('2026-01-01T00:00:30Z'),
      status: 429,
      errorDescription: 'Slow down',
      attempts: 2,
      cause: new Error('below'),
    };
    expect(new DokStampError('token_rate_limited', 'Wait.', details)).toMatchObject(details);
  });

  it('has neither stack nor cause in JSON', () => {
    const error = new DokStampError('token_rate_limited', 'Wait.', {
      retryable: true,
      retryAt: new Date('2026-01-01T00:00:30Z'),
      status: 429,
      attempts: 1,
      cause: new Error('below'),
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'DokStampError',
      message: 'Wait.',
      code: 'token_rate_limited',
      retryable: true,
      retryAt: '2026-01-01T00:00:30.000Z',
      status: 429,
      attempts: 1,
    });
  });

  it('keeps its cause as Error does', () => {
    const cause = new Error('below');
    const error = new DokStampError('token_request_failed', 'It failed.', { cause });
    expect(error.cause).toBe(cause);
    expect(Object.keys(error)).not.toContain('cause');
    expect(inspect(error)).toContain('below');
  });
});

describe('a DokStampConfigError', () => {
  it('is a DokStampError that lists the faults, also in its message', () => {
    const error = new DokStampConfigError(['one is wrong', 'two is wrong']);
    expect(error).toBeInstanceOf(DokStampError);
    expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
    expect(error.faults).toEqual(['one is wrong', 'two is wrong']);
    expect(error.message).toMatch(/one is wrong\n.*two is wrong$/);
  });

  it('names the account, if it has a name', () => {
    expect(new DokStampConfigError(['x'], 'eu').message).toContain('"eu"');
    expect(new DokStampConfigError(['x']).message).not.toContain('account');
  });
});

describe('isDokStampError', () => {
  it('accepts the errors of this package', () => {
    expect(isDokStampError(new DokStampError('closed', 'Over.'))).toBe(true);
    expect(isDokStampError(new DokStampConfigError([]))).toBe(true);
  });

  it.each([
    [undefined],
    [null],
    ['closed'],
    [0],
    [{}],
    [{ code: 'closed', name: 'DokStampError' }],
    [new Error('closed')],
    [Object.assign(new Error('closed'), { name: 'DokStampError', code: 'closed' })],
    [() => {}],
  ])('rejects %j', (other) => {
    expect(isDokStampError(other)).toBe(false);
  });
});
