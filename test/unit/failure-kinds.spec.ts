import { describe, expect, it } from 'vitest';
import {
  FAILURE_KINDS,
  type TokenFailure,
  isTokenFailure,
  kindOf,
  tokenFailure,
} from '../../lib/errors/failure-kinds.js';
import { withDetails } from '../../lib/errors/dokstamp.error.js';
import { DokStampError, type DokStampErrorCode } from '../../lib/index.js';

type Code = TokenFailure['code'];

const OUTAGE = { firstMs: 1_000, factor: 1.5, longestMs: 30_000, isRefusal: false };
const REFUSAL = { firstMs: 30_000, factor: 2, longestMs: 300_000, isRefusal: true };

/** The table of the contract, "When a token request fails", row by row. */
const TABLE = [
  // Network error, timeout, 5xx, malformed 200.
  ['token_request_failed', 3, OUTAGE, 'retryable', 'warn', 'renewal-failed'],
  ['token_response_invalid', 3, OUTAGE, 'retryable', 'warn', 'renewal-failed'],
  // 429, or 5xx with a Retry-After.
  ['token_rate_limited', 1, OUTAGE, 'retryable', 'warn', 'renewal-failed'],
  // 401/400 invalid_client.
  ['invalid_client', 1, REFUSAL, 'final', 'error', 'credentials-rejected'],
  // Another 4xx, a redirect.
  ['token_request_rejected', 1, REFUSAL, 'final', 'warn', 'renewal-failed'],
  // The credentials function or file.
  ['credentials_unavailable', 3, OUTAGE, 'retryable', 'warn', 'renewal-failed'],
] as const;

const codes = TABLE.map(([code]) => code);

describe('what follows from a failure to get a token', () => {
  it.each(TABLE)(
    '%s: %d attempts, the gate closed as %j, %s, logged at level %s, the event %s',
    (code, attempts, closing, retryable, logLevel, event) => {
      expect(kindOf(tokenFailure(code, 'It failed.'))).toEqual({
        attempts,
        closing,
        retryable: retryable === 'retryable',
        logLevel,
        event,
      });
    },
  );

  it('is told for every kind, and for no other', () => {
    expect(Object.keys(FAILURE_KINDS).toSorted()).toEqual(codes.toSorted());
  });
});

describe('a failure to get a token', () => {
  it.each(codes)('of the kind %s is made with the retryable of its kind', (code) => {
    const failure = tokenFailure(code, 'It failed.', { status: 503, retryable: false });
    expect(failure).toBeInstanceOf(DokStampError);
    expect(failure).toMatchObject({ code, message: 'It failed.', status: 503 });
    expect(failure.retryable).toBe(FAILURE_KINDS[code].retryable);
  });

  it.each<[DokStampErrorCode, boolean]>([
    ...codes.map((code): [Code, boolean] => [code, true]),
    ['config_invalid', false],
    ['token_wait_timeout', false],
    ['tenant_missing', false],
    ['tenant_invalid', false],
    ['body_not_replayable', false],
    ['closed', false],
    // What comes of another copy, or of a hand-made error, is looked up in the table alone.
    ['toString' as DokStampErrorCode, false],
    ['__proto__' as DokStampErrorCode, false],
  ])('is known by its code: %s is one: %s', (code, isOne) => {
    expect(isTokenFailure(new DokStampError(code, 'It failed.'))).toBe(isOne);
  });

  it.each(codes)('stays one with more said about it: %s', (code) => {
    const retryAt = new Date('2026-01-01T00:00:30Z');
    const failure: TokenFailure = withDetails(tokenFailure(code, 'It failed.'), {
      retryAt,
    });
    expect(isTokenFailure(failure)).toBe(true);
    expect(failure).toMatchObject({ code, retryAt, retryable: FAILURE_KINDS[code].retryable });
  });
});
