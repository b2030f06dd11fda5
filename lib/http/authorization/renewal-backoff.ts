const FIRST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 5_000;

// A token that was refused this often in a row is dead, where no other can be had.
const DEADLY_REFUSALS = 3;

/**
 * Holds renewals back that do not help. A wrong or missing tenant also answers 401, and no new token cures that: where
 * a token that was just issued for a 401 is refused too, 401s cause no renewal for 1 s, doubling to 5 s, until a replay
 * is accepted. That is short, so that one endpoint or tenant that is always refused cannot hide a real revocation for
 * long.
 */
export class RenewalBackoff {
  #until = 0;
  #unhelpful = 0;
  // Issued for a 401, and without a verdict yet.
  #onTrial: { readonly token: string; readonly since: number } | undefined;
  #lastRefused: string | undefined;
  #refusals = 0;

  /** @param now monotonic clock, ms */
  constructor(private readonly now: () => number) {}

  /** Whether a 401 may cause no renewal now. */
  get isHolding(): boolean {
    return this.now() < this.#until;
  }

  /** Whether the last three answers with this token were 401, and none with another one came between. */
  isDead(token: string): boolean {
    return token === this.#lastRefused && this.#refusals >= DEADLY_REFUSALS;
  }

  /** This token was issued for a 401. */
  renewed(token: string): void {
    if (token !== this.#onTrial?.token) this.#onTrial = { token, since: this.now() };
  }

  /**
   * An answer to a request with this token.
   * @param status undefined where there was no answer, or a 401 that is not about the token
   * @returns whether it shows that renewals help
   */
  answered(token: string, status: number | undefined, isReplay: boolean): boolean {
    if (status === 401) {
      this.#refused(token);
      return false;
    }
    const isAccepted = status !== undefined && status < 500 && status !== 429;
    if (isAccepted && token === this.#lastRefused) this.#refusals = 0;
    if (!isReplay) return false;
    this.#onTrial = undefined;
    if (!isAccepted) return false;
    this.#unhelpful = 0;
    this.#until = 0;
    return true;
  }

  // What a gateway or a limit answers, or no answer, says nothing of the token, and ends its trial without a verdict. So does time:
  // a token that is refused long after the renewal may have been revoked since.
  #refused(token: string): void {
    this.#refusals = token === this.#lastRefused ? this.#refusals + 1 : 1;
    this.#lastRefused = token;
    const trial = this.#onTrial;
    if (token !== trial?.token) return;
    this.#onTrial = undefined;
    if (this.now() - trial.since > LONGEST_HOLD_MS) return;
    this.#until = this.now() + Math.min(FIRST_HOLD_MS * 2 ** this.#unhelpful, LONGEST_HOLD_MS);
    this.#unhelpful++;
  }
}
