import type { Clock } from '../async/clock.js';
import { startTimeout } from '../async/long-timeout.js';
import type { TokenStore } from '../options/token-store.interface.js';
import { randomId } from './random.js';

const KEY = 'probe';
const PROBE_MS = 1_000;

// At most once a second, and less often the longer it lasts: recovery lags an outage by about a tenth of its length.
const FIRST_PAUSE_MS = 1_000;
const GROWTH = 1.1;
export const LONGEST_PAUSE_MS = 5_000;
const JITTER = 0.1;

// A client that queues gets no more to queue meanwhile, unless what it holds seems lost.
const PATIENCE = 5;

/** Finds out when a store that was down can be read and written again. Its timer keeps no process alive. */
export class StoreProbe {
  #stopTimer: (() => void) | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #unanswered = 0;

  constructor(
    private readonly store: TokenStore,
    private readonly clock: Clock,
    private readonly works: () => void,
  ) {}

  start(): void {
    if (this.#stopTimer) return;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#unanswered = 0;
    this.#plan();
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #plan(): void {
    const pauseMs = this.#pauseMs * (1 + JITTER * this.clock.random());
    this.#stopTimer = startTimeout(
      pauseMs,
      () => this.#due(),
      (handle) => {
        (handle as Partial<NodeJS.Timeout>).unref?.();
      },
    );
    this.#pauseMs = Math.min(this.#pauseMs * GROWTH, LONGEST_PAUSE_MS);
  }

  #due(): void {
    this.#plan();
    if (this.#unanswered === 0 || this.#unanswered % PATIENCE === 0) void this.#ask();
    if (this.#unanswered > 0) this.#unanswered++;
  }

  // All that a store does, since one that refuses a part of it would else be down and back each second.
  async #ask(): Promise<void> {
    const { store } = this;
    const owner = randomId();
    this.#unanswered ||= 1;
    try {
      await store.lease(KEY, owner, PROBE_MS);
      await store.write(KEY, owner, PROBE_MS);
      await store.read(KEY);
      await store.release(KEY, owner);
      if (!this.#stopTimer) return;
      this.stop();
      this.works();
    } catch {
      this.#unanswered = 0;
    }
  }
}
