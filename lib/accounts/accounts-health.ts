import type { TokenStatus } from '../token/token-status.js';
import type { AccountsHealth, UnhealthyAccount } from './accounts.interface.js';

const MOST_TOLD = 10;

/** How these accounts are, by the status of each. */
export function healthOf(accounts: Iterable<readonly [key: string, TokenStatus]>): AccountsHealth {
  const counts = { valid: 0, degraded: 0, down: 0, idle: 0 };
  const unhealthy: UnhealthyAccount[] = [];
  for (const [key, status] of accounts) {
    const health = kindOf(status);
    counts[health]++;
    if (health === 'degraded' || health === 'down') unhealthy.push(toldOf(key, health, status));
  }
  return { ...counts, worst: unhealthy.toSorted(byUrgency).slice(0, MOST_TOLD) };
}

function kindOf({ state, lastError }: TokenStatus): 'valid' | 'degraded' | 'down' | 'idle' {
  if (state === 'valid') return lastError ? 'degraded' : 'valid';
  return lastError ? 'down' : 'idle';
}

function toldOf(
  key: string,
  health: UnhealthyAccount['health'],
  { expiresAt, nextRenewalAt, lastError }: TokenStatus,
): UnhealthyAccount {
  return {
    key,
    health,
    ...(expiresAt && { expiresAt }),
    ...(nextRenewalAt && { nextRenewalAt }),
    ...(lastError && { code: lastError.code }),
    ...(lastError?.retryAt && { retryAt: lastError.retryAt }),
  };
}

// Those without a token first, then those whose token ends first.
function byUrgency(one: UnhealthyAccount, other: UnhealthyAccount): number {
  if (one.health !== other.health) return one.health === 'down' ? -1 : 1;
  return Number(one.expiresAt ?? 0) - Number(other.expiresAt ?? 0);
}
