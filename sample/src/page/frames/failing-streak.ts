import type { Happening, Second, Who } from './frame.interface.js';

const NAMES: Record<Who, string> = {
  ours: 'nestjs-dokstamp',
  snippet: 'the snippet',
  both: 'both',
};

/** Tells when the calls of a client begin to fail, and when they work again. */
export class FailingStreak {
  #failedBefore = 0;
  #since: { readonly at: number; readonly failedBefore: number } | undefined;

  constructor(
    private readonly who: Who,
    private readonly tell: (happening: Omit<Happening, 'at'>) => void,
  ) {}

  add({ calls, failed, reason, totals }: Second): void {
    const { who } = this;
    if (failed > 0 && !this.#since) {
      this.#since = { at: performance.now(), failedBefore: this.#failedBefore };
      this.tell({ who, kind: 'failing', text: `Calls of ${NAMES[who]} fail: ${reason}.` });
    } else if (this.#since && failed === 0 && calls > 0) {
      const seconds = Math.max(1, Math.round((performance.now() - this.#since.at) / 1_000));
      const count = totals.failed - this.#since.failedBefore;
      this.#since = undefined;
      const text = `Calls of ${NAMES[who]} work again after ${seconds} s; ${count} failed.`;
      this.tell({ who, kind: 'healed', text });
    }
    this.#failedBefore = totals.failed;
  }
}
