import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { DokStampConfigError, DokStampError, isDokStampError } from '../../lib/index.js';
import { withDetails } from '../../lib/errors/dokstamp.error.js';

describe('a DokStampError', () => {
  it('is an Error with a code, a message and whether it may be tried again', () => {
    const error = new DokStampError('token_request_failed', 'It failed.', { retryable: true });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'token_request_failed', message: 'It failed.' });
    expect(error.retryable).toBe(true);
    expect(error.name).toBe('DokStampError');
    expect(String(error)).toBe('DokStampError: It failed.');
    expect(error.stack).toContain('It failed.');
  });

  it('is not to be tried again unless it says so', () => {
    expect(new DokStampError('invalid_client', 'No.').retryable).toBe(false);
  });

  it('has no more properties than it was told', () => {
    const error = new DokStampError('closed', 'Over.');
    expect(Object.keys(error).toSorted()).toEqual(['code', 'retryable']);
    expect('cause' in error).toBe(false);
    expect(error.retryAt).toBeUndefined();
  });

  it('tells what it was told', () => {
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

  it('goes into JSON with what a log needs, without stack and cause', () => {
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

describe('the same failure with more said about it', () => {
  const cause = new Error('below');
  const first = new DokStampError('token_request_failed', 'It failed.', {
    retryable: true,
    status: 503,
    cause,
  });

  it('is another error; the first stays as it was', () => {
    const retryAt = new Date('2026-01-01T00:00:30Z');
    const second = withDetails(first, { retryAt, attempts: 3 });
    expect(second).not.toBe(first);
    expect(second).toMatchObject({ retryAt, attempts: 3 });
    expect(first.retryAt).toBeUndefined();
    expect(first.attempts).toBeUndefined();
  });

  it('keeps code, message and what is not said anew', () => {
    const second = withDetails(first, { status: 500 });
    expect(second).toMatchObject({ code: 'token_request_failed', message: 'It failed.' });
    expect(second).toMatchObject({ retryable: true, status: 500, cause });
  });
});

describe('a DokStampConfigError', () => {
  it('is a DokStampError that lists the faults and tells them in its message', () => {
    const error = new DokStampConfigError(['one is wrong', 'two is wrong']);
    expect(error).toBeInstanceOf(DokStampError);
    expect(isDokStampError(error)).toBe(true);
    expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
    expect(error.faults).toEqual(['one is wrong', 'two is wrong']);
    expect(error.message).toMatch(/wrong:\n {2}- one is wrong\n {2}- two is wrong$/);
  });

  it('names the account', () => {
    expect(new DokStampConfigError(['x'], 'eu').message).toContain('of account "eu"');
    expect(new DokStampConfigError(['x']).message).not.toContain('account');
  });
});

describe('isDokStampError', () => {
  it('knows the errors of this copy', () => {
    expect(isDokStampError(new DokStampError('closed', 'Over.'))).toBe(true);
    expect(isDokStampError(new DokStampConfigError([]))).toBe(true);
  });

  it('knows the errors of another copy, where instanceof says no', async () => {
    vi.resetModules();
    const other = await import('../../lib/errors/dokstamp.error.js');
    const config = await import('../../lib/errors/dokstamp-config.error.js');
    expect(other.DokStampError).not.toBe(DokStampError);
    for (const foreign of [
      new other.DokStampError('closed', 'Over.'),
      new config.DokStampConfigError(['x']),
    ]) {
      expect(foreign).not.toBeInstanceOf(DokStampError);
      expect(isDokStampError(foreign)).toBe(true);
    }
    expect(other.isDokStampError(new DokStampError('closed', 'Over.'))).toBe(true);
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
  ])('says no to %j', (other) => {
    expect(isDokStampError(other)).toBe(false);
  });
});
