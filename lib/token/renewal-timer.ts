import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Clock } from '../async/clock.js';
import { startTimeout } from '../async/long-timeout.js';
import { Moment } from '../async/moment.js';
import { outsideRequest } from '../async/outside-request.js';
import type { AccessToken } from './access-token.js';
import { renewalDueAfter } from './renewal-policy.js';
import type { RequestPause } from './request-pause.js';

// Renewals that no caller waits for start at least this far apart, whatever lifetime the server gives.
const PAUSE_MS = 1_000;

export interface RenewalTimerSetup {
  readonly registry: SchedulerRegistry;
  /** Name of the timeout in the registry. */
  readonly name: string;
  readonly clock: Clock;
  /** Seconds. */
  readonly renewBeforeExpiry: number;
}

/** What renews when the timer fires. */
export interface Renewable {
  renewAhead(): void;
}

/**
 * The planned renewal of one account: a timeout in the `SchedulerRegistry`. It keeps neither the process alive nor the
 * account, because Nest calls no hook of an account whose boot failed or whose module was loaded lazily.
 */
export class RenewalTimer {
  readonly #setup: RenewalTimerSetup;
  #tokenDueAt = 0;
  #startedAt = Number.NEGATIVE_INFINITY;
  #planned: Moment | undefined;
  #stop = () => {};

  constructor(setup: RenewalTimerSetup) {
    this.#setup = setup;
  }

  /** When the renewal runs; undefined if none is planned. */
  get dueAt(): Date | undefined {
    return this.#planned?.date;
  }

  /** Another token is in use: decides when it is due. */
  tokenIssued({ lifetimeMs, sentAt }: AccessToken): void {
    const { clock, renewBeforeExpiry } = this.#setup;
    this.#tokenDueAt =
      sentAt.monotonic + renewalDueAfter(lifetimeMs, renewBeforeExpiry, clock.random());
  }

  /** A renewal that no caller waits for has started. */
  renewalStarted(): void {
    this.#startedAt = this.#setup.clock.monotonic();
  }

  /** Plans the renewal in place of a planned one: when the token is due, or after a failure when the pause is over. */
  plan(account: Renewable, hasToken: boolean, pause: RequestPause): void {
    const now = this.#setup.clock.monotonic();
    const untilDue = hasToken ? this.#tokenDueAt - now : 0;
    const delay = pause.hasFailed ? pause.remainingMs : untilDue;
    // In whole ms, because timers and dates have no fractions.
    this.#start(account, Math.ceil(Math.max(0, delay, this.#startedAt + PAUSE_MS - now)));
  }

  cancel(): void {
    this.#stop();
    this.#planned = undefined;
  }

  #start(account: Renewable, delayMs: number): void {
    this.cancel();
    const { registry, name, clock } = this.#setup;
    const weak = new WeakRef(account);
    let handle: NodeJS.Timeout | undefined;
    const fire = () => {
      unlist(registry, name, handle);
      weak.deref()?.renewAhead();
    };
    const list = (next: NodeJS.Timeout) => {
      // With the timers of jsdom it is a number. Those keep no process alive.
      (next as Partial<NodeJS.Timeout>).unref?.();
      unlist(registry, name, handle);
      handle = next;
      // If the app has a timeout of this name, the renewal runs without being listed.
      if (!registry.doesExist('timeout', name)) registry.addTimeout(name, next);
    };
    const stopTimer = outsideRequest(() => startTimeout(delayMs, fire, list));
    this.#planned = new Moment(clock, delayMs);
    this.#stop = () => {
      stopTimer();
      unlist(registry, name, handle);
    };
  }
}

// The registry keeps a timeout that has fired, and throws for one that it does not have.
function unlist(registry: SchedulerRegistry, name: string, handle?: NodeJS.Timeout): void {
  const isListed = registry.doesExist('timeout', name) && registry.getTimeout(name) === handle;
  if (isListed) registry.deleteTimeout(name);
}
