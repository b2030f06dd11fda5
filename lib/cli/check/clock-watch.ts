import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { SYSTEM_CLOCK } from '../../async/clock.js';
import { type StepResult, failed, ok, skipped } from './check-step.interface.js';

// Node.js tells of each answer here when its headers have come.
const ANSWERS = 'http.client.response.finish';

// An HTTP date tells seconds, and the answer was some time on its way.
const TOLERANCE_MS = 60_000;

/** Compares the clock with the Date header of each answer that comes: one that refuses tells the time as well. */
export class ClockWatch {
  #answered = false;
  #offMs: number | undefined;

  constructor() {
    subscribe(ANSWERS, this.#look);
  }

  /** What the last answer said. */
  get result(): StepResult {
    if (!this.#answered) return skipped('clock', 'not checked, as no server answered');
    if (this.#offMs === undefined) {
      return skipped('clock', 'not checked, as the answer has no Date header');
    }
    if (Math.abs(this.#offMs) < TOLERANCE_MS) {
      return ok('clock', 'it agrees with that of the server');
    }
    const minutes = Math.round(Math.abs(this.#offMs) / 60_000);
    return failed(
      'clock',
      `it is ${minutes} min ${this.#offMs > 0 ? 'ahead of' : 'behind'} that of the server`,
      "Set the machine's clock by NTP: certificates, and a token store that is shared, depend on it.",
    );
  }

  end(): void {
    unsubscribe(ANSWERS, this.#look);
  }

  readonly #look = (message: unknown): void => {
    const { response } = message as { response: IncomingMessage };
    this.#answered = true;
    const date = Date.parse(String(response.headers.date));
    if (!Number.isNaN(date)) this.#offMs = SYSTEM_CLOCK.now() - date;
  };
}
