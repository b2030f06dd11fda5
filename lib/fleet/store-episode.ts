/** Why the store is of no use to an account, or of less: it is down, its value is garbled, its lease never ends. */
export type StoreFault = 'down' | 'unreadable' | 'stuck';

/** Tells when the store begins to be of no use to an account, and when it is of use again; for all causes, once. */
export class StoreEpisode {
  readonly #faults = new Set<StoreFault>();
  #isTold = false;

  constructor(private readonly publish: (event: 'store-unavailable' | 'store-recovered') => void) {}

  has(fault: StoreFault): boolean {
    return this.#faults.has(fault);
  }

  /** @returns whether that is new */
  set(fault: StoreFault, isSo: boolean): boolean {
    if (isSo === this.#faults.has(fault)) return false;
    if (isSo) this.#faults.add(fault);
    else this.#faults.delete(fault);
    const isUnavailable = this.#faults.size > 0;
    if (isUnavailable !== this.#isTold) {
      this.#isTold = isUnavailable;
      this.publish(isUnavailable ? 'store-unavailable' : 'store-recovered');
    }
    return true;
  }
}
