import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Clock } from '../async/clock.js';
import { startTimeout } from '../async/long-timeout.js';
import { Moment } from '../async/moment.js';

/**
 * One planned renewal, listed in the `SchedulerRegistry` under a name while it is pending.
 * Never keeps the process alive.
 */
export class RenewalTimer {
  #due: Moment | undefined;
  #stop: (() => void) | undefined;
  #handle: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: SchedulerRegistry,
    private readonly name: string,
    private readonly clock: Clock,
    private readonly renew: () => void,
  ) {}

  /** When the renewal is due; undefined when none is planned. */
  get dueAt(): Date | undefined {
    return this.#due?.date;
  }

  /** Plans the renewal in `delayMs`, in place of whatever was planned. */
  plan(delayMs: number): void {
    this.cancel();
    this.#due = new Moment(this.clock, delayMs);
    const fire = () => {
      this.cancel();
      this.renew();
    };
    this.#stop = startTimeout(delayMs, fire, (handle) => this.#list(handle));
  }

  cancel(): void {
    this.#due = undefined;
    this.#stop?.();
    this.#unlist();
  }

  #list(handle: NodeJS.Timeout): void {
    // A number where the timers are those of a browser, as in jsdom: there no process is kept alive.
    (handle as Partial<NodeJS.Timeout>).unref?.();
    this.#unlist();
    this.#handle = handle;
    // A timeout of the app's own under our name stays the app's; ours then runs unlisted.
    if (!this.#isListed) this.registry.addTimeout(this.name, handle);
  }

  // The registry does not forget a timeout that has fired, and throws for one that the host has deleted.
  #unlist(): void {
    const isOurs = this.#isListed && this.registry.getTimeout(this.name) === this.#handle;
    if (isOurs) this.registry.deleteTimeout(this.name);
    this.#handle = undefined;
  }

  get #isListed(): boolean {
    return this.registry.doesExist('timeout', this.name);
  }
}
