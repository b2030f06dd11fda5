import type { ServerResponse } from 'node:http';
import { forcedReply } from './forced-reply.js';
import type { Reply } from './replies.js';
import type { SandboxFault, SandboxTokenEndpointControl } from './sandbox.interface.js';

// Node.js fires a timer that is set for longer at once.
const LONGEST_DELAY = 2 ** 31 - 1;

/** `proceed`: answer as usual. `unanswered`: hung, or the client is gone. */
export type Interception = Reply | 'proceed' | 'unanswered';

/** Holds what was asked of one part of the sandbox, and applies it to each request there. */
export class FaultControl implements SandboxTokenEndpointControl {
  readonly #unauthorized: object | undefined;
  readonly #delayed = new Set<() => void>();
  readonly #hung = new Set<ServerResponse>();
  #forced: Reply | undefined;
  #left = 0;
  #hanging = false;
  #delay = 0;

  constructor(unauthorized?: object) {
    this.#unauthorized = unauthorized;
  }

  fail(fault: SandboxFault): void {
    const { status, times = Infinity } = fault;
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`fail() needs a whole status from 200 to 599, not ${status}.`);
    }
    if (!(times >= 1)) throw new RangeError(`fail() needs times of 1 or more, not ${times}.`);
    this.#forced = forcedReply(fault, this.#unauthorized);
    this.#left = times;
    this.#hanging = false;
  }

  delay(ms: number): void {
    if (!(ms >= 0 && ms <= LONGEST_DELAY)) {
      throw new RangeError(`delay() needs milliseconds from 0 to ${LONGEST_DELAY}, not ${ms}.`);
    }
    this.#delay = ms;
  }

  hang(): void {
    this.#hanging = true;
    this.#forced = undefined;
  }

  restore(): void {
    this.#forced = undefined;
    this.#hanging = false;
    this.#delay = 0;
    for (const goOn of this.#delayed) goOn();
    for (const response of this.#hung) response.destroy();
  }

  async intercept(response: ServerResponse): Promise<Interception> {
    if (this.#delay > 0) await this.#wait(response, this.#delay);
    if (response.destroyed) return 'unanswered';
    if (this.#hanging) {
      this.#hung.add(response);
      response.once('close', () => this.#hung.delete(response));
      return 'unanswered';
    }
    return this.#takeForced() ?? 'proceed';
  }

  #takeForced(): Reply | undefined {
    const reply = this.#forced;
    this.#left -= 1;
    if (this.#left < 1) this.#forced = undefined;
    return reply;
  }

  #wait(response: ServerResponse, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const goOn = () => {
        clearTimeout(timer);
        this.#delayed.delete(goOn);
        response.off('close', goOn);
        resolve();
      };
      const timer = setTimeout(goOn, ms);
      this.#delayed.add(goOn);
      response.once('close', goOn);
    });
  }
}
