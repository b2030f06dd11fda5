const FIRST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 5_000;

/**
 * Holds renewals back that do not help. A wrong or missing tenant also answers 401, and no new token cures that:
 * after a replay with a newly issued token is refused again, 401s cause no renewal for 1 s, doubling to 5 s,
 * until a replay helps.
 */
export class RenewalHoldback {
  #until = 0;
  #useless = 0;
  #struck: string | undefined;
  #untried: string | undefined;

  /** @param now monotonic clock, ms */
  constructor(private readonly now: () => number) {}

  /** Whether a 401 may cause no renewal now. */
  get isHolding(): boolean {
    return this.#useless > 0 && this.now() < this.#until;
  }

  /** Whether the last renewal did not help, so that a 401 is no proof against the token. */
  get isDoubtful(): boolean {
    return this.#useless > 0;
  }

  /** This newly issued token goes into no replay: the first request that carries it shows whether it helps. */
  untried(token: string): void {
    this.#untried = token;
  }

  /** The answer to a request with this token was no 401. */
  accepted(token: string): void {
    if (token === this.#untried) this.#untried = undefined;
  }

  /** The answer to a request, no replay, with this token was a 401. */
  refused(token: string): void {
    if (token === this.#untried) this.refusedAgain(token);
  }

  /** A replay with this newly issued token was refused again; counts once for each token. */
  refusedAgain(token: string): void {
    if (token === this.#struck) return;
    this.#struck = token;
    this.#until = this.now() + Math.min(FIRST_HOLD_MS * 2 ** this.#useless, LONGEST_HOLD_MS);
    this.#useless++;
  }

  /** A replay was accepted. */
  helped(): void {
    this.#useless = 0;
  }
}
