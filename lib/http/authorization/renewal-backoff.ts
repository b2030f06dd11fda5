const FIRST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 5_000;

// A token that was refused this often in a row is dead, where no other can be had.
const DEADLY_REFUSALS = 3;

/** A renewal that a 401 caused, until a replay is accepted. */
interface Renewal {
  readonly token: string;
  /** The request that was refused, in words that are the same when the app sends it again. */
  readonly request: string;
  isRefusedToo: boolean;
}

/**
 * Holds renewals back that do not help. A wrong or missing tenant also answers 401, and no new token cures that: after
 * a renewal for a 401 another one is made only 1 s later, doubling to 5 s, until a replay is accepted, ours or the
 * app's own. That is short, so that one endpoint or tenant that is always refused cannot hide a real revocation for long.
 */
export class RenewalBackoff {
  #until = 0;
  #unhelpful = 0;
  #renewal: Renewal | undefined;
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

  /** This token was issued for a 401 to this request; however many waited for it, it counts once. */
  renewed(token: string, request: string): void {
    if (token === this.#renewal?.token) return;
    this.#renewal = { token, request, isRefusedToo: false };
    this.#unhelpful++;
    this.#hold();
  }

  /** Whether this is the request again that the last renewal was made for. */
  isRepeated(request: () => string): boolean {
    return this.#renewal !== undefined && this.#renewal.request === request();
  }

  /** An answer to a request with this token; a 401 only where it is about the token. */
  answered(token: string, status: number, isReplay: boolean): void {
    if (status === 401) return this.#refused(token);
    if (token === this.#lastRefused) this.#refusals = 0;
    if (!isReplay) return;
    this.#renewal = undefined;
    this.#unhelpful = 0;
    this.#until = 0;
  }

  #refused(token: string): void {
    this.#refusals = token === this.#lastRefused ? this.#refusals + 1 : 1;
    this.#lastRefused = token;
    const renewal = this.#renewal;
    if (token !== renewal?.token || renewal.isRefusedToo) return;
    renewal.isRefusedToo = true;
    this.#hold();
  }

  #hold(): void {
    const ms = Math.min(FIRST_HOLD_MS * 2 ** (this.#unhelpful - 1), LONGEST_HOLD_MS);
    this.#until = this.now() + ms;
  }
}
