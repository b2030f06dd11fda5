import type { Meter, ObservableResult } from '@opentelemetry/api';
import { type GateMessage, RUNTIME_ACCOUNT } from '../diagnostics/messages.js';
import { attributesOf } from './attributes.js';

/** The last word of each account's gate, told when the metrics are read. */
export class TokenGauges {
  readonly #gates = new Map<string | undefined, GateMessage>();
  readonly #stop: () => void;

  constructor(meter: Meter) {
    const timeToExpiry = meter.createObservableGauge('dokstamp.token.time_to_expiry', {
      unit: 's',
      description: 'How long the present token lasts; 0 when it is over.',
    });
    const blocked = meter.createObservableGauge('dokstamp.token.blocked', {
      description: '1 while there is no valid token and no token request may be made, else 0.',
    });
    const observeExpiry = (result: ObservableResult) => {
      for (const gate of this.#gates.values()) {
        if (gate.expiresAt) result.observe(secondsLeft(gate), accountOf(gate));
      }
    };
    const observeBlocked = (result: ObservableResult) => {
      for (const gate of this.#gates.values()) {
        result.observe(isBlocked(gate) ? 1 : 0, accountOf(gate));
      }
    };
    timeToExpiry.addCallback(observeExpiry);
    blocked.addCallback(observeBlocked);
    this.#stop = () => {
      timeToExpiry.removeCallback(observeExpiry);
      blocked.removeCallback(observeBlocked);
    };
  }

  told(gate: GateMessage): void {
    // One value for a thousand accounts would tell nothing.
    if (gate.account !== RUNTIME_ACCOUNT) this.#gates.set(gate.account, gate);
  }

  stop(): void {
    this.#stop();
  }
}

function secondsLeft({ expiresAt }: GateMessage): number {
  return Math.max(0, Number(expiresAt) - Date.now()) / 1_000;
}

function isBlocked(gate: GateMessage): boolean {
  const isClosed = gate.state === 'closed' && Number(gate.retryAt) > Date.now();
  return isClosed && !(gate.expiresAt && secondsLeft(gate) > 0);
}

function accountOf({ account }: GateMessage) {
  return attributesOf({ account });
}
