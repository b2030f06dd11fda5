import { AsyncLocalStorage } from 'node:async_hooks';

// Of no request: this package is loaded before there are any.
const outside = AsyncLocalStorage.snapshot();

/**
 * At most one piece of work at a time. It is done for all, so in the async context of none of them: no caller's trace or
 * `nestjs-cls` store is seen by it, or held by its timers. A failure that nobody waits for is nobody's unhandled rejection.
 */
export class SingleFlight<T> {
  #result: Promise<T> | undefined;

  get isUnderWay(): boolean {
    return this.#result !== undefined;
  }

  /**
   * Joins the work that is under way, or starts this one in a microtask.
   * @param work is over for those who come later when it calls `end`, at the latest when it settles
   */
  run(work: (end: () => void) => T | Promise<T>): Promise<T> {
    this.#result ??= this.#start(work);
    return this.#result;
  }

  #start(work: (end: () => void) => T | Promise<T>): Promise<T> {
    const end = () => {
      if (this.#result === result) this.#result = undefined;
    };
    const result = Promise.resolve()
      .then(() => outside(work, end))
      .finally(end);
    result.catch(() => {});
    return result;
  }
}
