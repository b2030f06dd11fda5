import type { Meter, ObservableResult } from '@opentelemetry/api';
import type { GateMessage } from '../diagnostics/messages.js';
import { RUNTIME_ACCOUNT } from '../options/observed-name.js';
import { attributesOf } from './attributes.js';

/** The last word of each account's gate, told when the metrics are read. */
export class TokenGauges {
  readonly #gates = new Map<string | undefined, GateMessage>();
  readonly #stop: () => void;

  constructor(meter: Meter) {
    const timeToExpiry = meter.createObservableGauge('dokstamp.token.time_to_expiry', {
      unit: 's',
      description: 'How long the present token lasts; 0 without one.',
    });
    const blocked = meter.createObservableGauge('dokstamp.token.blocked', {
      description:
        '1 while there is no valid token and the last try to get one has failed, else 0.',
    });
    const observeExpiry = (result: ObservableResult) => {
      for (const gate of this.#gates.values()) {
        result.observe(secondsLeft(gate), accountOf(gate));
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

// Told at each reading, also as 0: an SDK goes on with the last value of a series that nothing is told of.
function secondsLeft({ expiresAt }: GateMessage): number {
  return expiresAt ? Math.max(0, expiresAt.getTime() - Date.now()) / 1_000 : 0;
}

// Whether the gate is closed is another question: it opens for each try, and callers get no token by that.
function isBlocked(gate: GateMessage): boolean {
  return gate.code !== undefined && secondsLeft(gate) === 0;
}

function accountOf({ account }: GateMessage) {
  return attributesOf({ account });
}
