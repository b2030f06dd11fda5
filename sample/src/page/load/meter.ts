import { createHistogram } from 'node:perf_hooks';
import type { Counted, Second, Totals } from '../frames/frame.interface.js';

/** Counts the calls of one client, and how long they take. */
export class Meter {
  readonly totals: Totals = { calls: 0, failed: 0, replayed: 0, waited: 0, tokenRequests: 0 };
  // In microseconds, of the calls of the present second.
  readonly #latency = createHistogram();
  #failures: string[] = [];
  #underWay = 0;
  #slowest = 0;
  #since = performance.now();

  /** @param reasonOf why a call failed, in a word or two */
  constructor(private readonly reasonOf: (error: unknown) => string) {}

  /** Makes a call. It never rejects; a call that was given up counts as none. */
  async measure(call: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    this.#underWay += 1;
    let failure: string | undefined;
    try {
      await call();
    } catch (error) {
      failure = this.reasonOf(error);
    }
    this.#underWay -= 1;
    if (signal.aborted) return;
    const tookMs = performance.now() - startedAt;
    this.#latency.record(Math.max(1, Math.round(tookMs * 1_000)));
    this.#slowest = Math.max(this.#slowest, tookMs);
    this.totals.calls += 1;
    if (failure === undefined) return;
    this.totals.failed += 1;
    this.#failures.push(failure);
  }

  /** Begins to count what an action does. @returns what it has done, up to the moment of asking */
  begin(): () => Counted {
    const before = { ...this.totals };
    this.#slowest = 0;
    return () => {
      const of = (count: keyof Totals) => this.totals[count] - before[count];
      return {
        calls: of('calls'),
        failed: of('failed'),
        replayed: of('replayed'),
        waited: of('waited'),
        tokenRequests: of('tokenRequests'),
        slowest: Math.round(this.#slowest),
      };
    };
  }

  /** The second that is over, and begins the next. A timer may be late, so its length is measured. */
  take(): Second {
    const histogram = this.#latency;
    const now = performance.now();
    const seconds = (now - this.#since) / 1_000;
    this.#since = now;
    const perSecond = (count: number) => Math.round((count / seconds) * 10) / 10;
    const percentile = (nth: number) =>
      histogram.count > 0 ? histogram.percentile(nth) / 1_000 : null;
    const second: Second = {
      calls: perSecond(histogram.count),
      failed: perSecond(this.#failures.length),
      reason: mostFrequent(this.#failures),
      underWay: this.#underWay,
      p50: percentile(50),
      p99: percentile(99),
      totals: { ...this.totals },
    };
    histogram.reset();
    this.#failures = [];
    return second;
  }
}

function mostFrequent(texts: string[]): string | null {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a);
  return first?.[0] ?? null;
}
