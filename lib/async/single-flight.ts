/** At most one piece of work at a time. A failure that nobody waits for is nobody's unhandled rejection. */
export class SingleFlight<T> {
  #result: Promise<T> | undefined;

  get isUnderWay(): boolean {
    return this.#result !== undefined;
  }

  /** Joins the work that is under way, or starts this one in a microtask. */
  run(work: () => T | Promise<T>): Promise<T> {
    this.#result ??= this.#start(work);
    return this.#result;
  }

  #start(work: () => T | Promise<T>): Promise<T> {
    const result = Promise.resolve()
      .then(work)
      .finally(() => {
        this.#result = undefined;
      });
    result.catch(() => {});
    return result;
  }
}
