/** The calls of the app's `resolve`: for one key one at a time. */
export class ResolveCalls<T> {
  readonly #underWay = new Map<string, Promise<T>>();
  readonly #next = new Map<string, Promise<T>>();

  constructor(private readonly resolve: (key: string) => T | Promise<T>) {}

  /**
   * What `resolve` gives for this key from now on. A call that is under way may have looked already: its end is waited
   * for, and the next one is for all who ask meanwhile.
   */
  call(key: string): Promise<T> {
    const next = this.#next.get(key);
    if (next) return next;
    const underWay = this.#underWay.get(key);
    return underWay ? this.#startAfter(key, underWay) : this.#start(key);
  }

  #start(key: string): Promise<T> {
    // Called when it is listed, as it may itself ask for this key.
    const call = Promise.resolve()
      .then(() => this.resolve(key))
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, call);
    return call;
  }

  #startAfter(key: string, underWay: Promise<T>): Promise<T> {
    const start = () => {
      this.#next.delete(key);
      return this.#start(key);
    };
    const next = underWay.then(start, start);
    this.#next.set(key, next);
    return next;
  }
}
