import type { Clock } from '../async/clock.js';
import type { FoundToken } from './token-search.js';
import { AccessToken, sentNow } from '../token/access-token.js';
import type { AcquireParams } from '../token/token-provider.interface.js';

// renew() asks for a token of now; what another process has got in these moments is one.
const JUST_NOW_MS = 10_000;

/** The grant whose token is in use, as it was told in the store. */
export interface KnownGrant {
  readonly accessToken: string;
  /** By the wall clock of the process that sent the token request, ms. */
  readonly issuedAt: number;
}

/** A token of another process, on the clocks of this one. */
export function adopted({ accessToken, lifetimeMs, ageMs }: FoundToken, clock: Clock): AccessToken {
  const { wall, monotonic } = sentNow(clock);
  return new AccessToken(accessToken, lifetimeMs, {
    wall: wall - ageMs,
    monotonic: monotonic - ageMs,
  });
}

/**
 * Whether a token of another process is what is wanted: it is still served, was not refused in this one, and is newer
 * than the last one unless any would do. One that is handed out again is newer where it lives longer.
 */
export function isWanted(
  found: FoundToken,
  { reason, latest }: Pick<AcquireParams, 'reason' | 'latest'>,
  refused: Pick<ReadonlySet<string>, 'has'>,
  clock: Clock,
  known?: KnownGrant,
): boolean {
  const token = adopted(found, clock);
  if (refused.has(found.accessToken) || !token.isServed(clock)) return false;
  if (reason === 'manual' && !found.hasAppeared && found.ageMs > JUST_NOW_MS) return false;
  if (!latest) return true;
  if (found.accessToken === latest.value) {
    // The grant that is in use already is no news, however young it looks by another clock.
    if (found.accessToken === known?.accessToken && found.issuedAt === known.issuedAt) return false;
    return token.remainingMs(clock) > latest.remainingMs(clock) + 1_000;
  }
  const anyWillDo = (reason === 'demand' || reason === 'startup') && !latest.isServed(clock);
  return anyWillDo || token.sentAt.wall > latest.sentAt.wall;
}
