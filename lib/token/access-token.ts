import type { Clock } from '../async/clock.js';
import { servedFor } from './renewal-policy.js';

// The last moment that a Date can hold.
const LATEST = 8.64e15;

/** When a token request was sent, on both clocks. The lifetime runs from here. */
export interface SentAt {
  readonly wall: number;
  readonly monotonic: number;
}

/**
 * An access token and its lifetime, which is over when either clock says so: one of them may stand still while a machine
 * sleeps. The value is in a private field, so that printing does not show it.
 */
export class AccessToken {
  readonly lifetimeMs: number;
  readonly sentAt: SentAt;
  readonly #value: string;
  readonly #servedFor: number;

  constructor(value: string, lifetimeMs: number, sentAt: SentAt) {
    this.#value = value;
    this.#servedFor = servedFor(lifetimeMs);
    this.lifetimeMs = lifetimeMs;
    this.sentAt = sentAt;
  }

  get value(): string {
    return this.#value;
  }

  get issuedAt(): Date {
    return new Date(this.sentAt.wall);
  }

  get expiresAt(): Date {
    return new Date(Math.min(this.sentAt.wall + this.lifetimeMs, LATEST));
  }

  /** Whether the token may still be sent. */
  isServed(clock: Clock): boolean {
    return (
      clock.monotonic() - this.sentAt.monotonic < this.#servedFor &&
      clock.now() - this.sentAt.wall < this.#servedFor
    );
  }

  /** Until the real end of the lifetime, in ms, by the clock that is further on. */
  remainingMs(clock: Clock): number {
    const age = Math.max(clock.monotonic() - this.sentAt.monotonic, clock.now() - this.sentAt.wall);
    return Math.max(0, this.lifetimeMs - age);
  }
}

/** Now, on both clocks. */
export function sentNow(clock: Clock): SentAt {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}
