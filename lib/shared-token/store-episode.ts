/** Tells when the store begins to be of no use to an account, and when it is of use again; for two causes, once. */
export class StoreEpisode {
  #isDown = false;
  #isUnreadable = false;
  #isTold = false;

  constructor(private readonly tell: (event: 'store-unavailable' | 'store-recovered') => void) {}

  /** The store itself cannot be used, or can. */
  down(isDown: boolean): void {
    this.#isDown = isDown;
    this.#changed();
  }

  /** What it holds for the account cannot be read, or can. @returns whether that is new */
  unreadable(isUnreadable: boolean): boolean {
    if (isUnreadable === this.#isUnreadable) return false;
    this.#isUnreadable = isUnreadable;
    this.#changed();
    return true;
  }

  #changed(): void {
    const isUnavailable = this.#isDown || this.#isUnreadable;
    if (isUnavailable === this.#isTold) return;
    this.#isTold = isUnavailable;
    this.tell(isUnavailable ? 'store-unavailable' : 'store-recovered');
  }
}
