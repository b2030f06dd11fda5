import type { AccessToken } from './access-token.js';
import type { FailureGate } from './failure-gate.js';
import type { TokenStatus } from './token-status.interface.js';

/** What a status is read off. */
export interface StatusSource {
  readonly token: AccessToken | undefined;
  /** Whether the token may still be sent. */
  readonly served: boolean;
  readonly gate: FailureGate;
  readonly nextRenewalAt: Date | undefined;
  readonly closed: boolean;
}

/** The picture of one moment; neither token nor secret is in it. */
export function statusOf(source: StatusSource): TokenStatus {
  const { token, gate, nextRenewalAt } = source;
  const refusal = gate.closedWith;
  return {
    state: stateOf(source, refusal !== undefined),
    ...(token && { issuedAt: token.issuedAt, expiresAt: token.expiresAt }),
    ...(nextRenewalAt && { nextRenewalAt }),
    ...(gate.lastError && { lastError: gate.lastError }),
    ...(refusal?.retryAt && { blockedUntil: refusal.retryAt }),
  };
}

function stateOf({ closed, served, token }: StatusSource, blocked: boolean): TokenStatus['state'] {
  if (closed) return 'closed';
  if (served) return 'valid';
  if (blocked) return 'blocked';
  return token ? 'expired' : 'absent';
}
