import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Clock } from './clock.js';

// setTimeout takes no longer delay; what lies beyond is waited for in parts.
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * One planned renewal, listed in the `SchedulerRegistry` under a name while it is pending.
 * Never keeps the process alive.
 */
export class RenewalTimer {
  #dueAt: Date | undefined;
  #handle: NodeJS.Timeout | undefined;

  constructor(
    private readonly registry: SchedulerRegistry,
    private readonly name: string,
    private readonly clock: Clock,
  ) {}

  /** When the renewal is due; undefined when none is planned. */
  get dueAt(): Date | undefined {
    return this.#dueAt;
  }

  /** Plans the renewal in `delayMs`, in place of whatever was planned. */
  plan(delayMs: number, renew: () => void): void {
    this.cancel();
    // A Date ends in the year 275760; a lifetime may be longer.
    this.#dueAt = new Date(Math.min(this.clock.now() + delayMs, 8.64e15));
    this.#waitFor(delayMs, renew);
  }

  cancel(): void {
    this.#dueAt = undefined;
    this.#stop();
  }

  #waitFor(delayMs: number, renew: () => void): void {
    const part = Math.min(delayMs, LONGEST_DELAY);
    const handle = setTimeout(() => {
      this.#stop();
      if (delayMs > part) return this.#waitFor(delayMs - part, renew);
      this.#dueAt = undefined;
      renew();
    }, part);
    handle.unref();
    this.#handle = handle;
    // A timeout of the app's own under our name stays the app's; ours then runs unlisted.
    if (!this.registry.doesExist('timeout', this.name)) this.registry.addTimeout(this.name, handle);
  }

  #stop(): void {
    clearTimeout(this.#handle);
    // The registry does not forget a timeout that has fired, and throws for one that the host has deleted.
    if (this.registry.doesExist('timeout', this.name) && this.#listed()) {
      this.registry.deleteTimeout(this.name);
    }
    this.#handle = undefined;
  }

  #listed(): boolean {
    return this.registry.getTimeout(this.name) === this.#handle;
  }
}
