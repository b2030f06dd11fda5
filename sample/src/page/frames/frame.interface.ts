/** How the token of this app is. Neither token nor secret. */
export interface TokenFrame {
  readonly state: 'absent' | 'valid' | 'expired' | 'blocked' | 'closed';
  /** ms since the epoch, like the other times. */
  readonly issuedAt: number | null;
  readonly expiresAt: number | null;
  readonly nextRenewalAt: number | null;
  readonly lastError: string | null;
}

/** Counts since the start. */
export interface Totals {
  calls: number;
  failed: number;
  /** Sent once more with a new token after a 401. */
  replayed: number;
  /** Calls that had to wait for a token. */
  waited: number;
  tokenRequests: number;
}

/** What one client did in the last second, or what the timer made of it. */
export interface Second {
  /** Calls per second that ended, failed ones included. */
  readonly calls: number;
  /** Per second. */
  readonly failed: number;
  /** Why calls failed: the most frequent reason. */
  readonly reason: string | null;
  /** Calls that have not ended yet. */
  readonly underWay: number;
  /** ms; null where no call ended. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly totals: Totals;
}

/** What one client did during an action. */
export interface Counted extends Totals {
  /** The slowest call that ended, in ms. */
  readonly slowest: number;
}

export type Who = 'ours' | 'snippet' | 'both';

/** Something that happened, for the list and as a mark in the plots. */
export interface Happening {
  readonly at: number;
  readonly kind:
    | 'issued'
    | 'renewed'
    | 'revoked'
    | 'refused'
    | 'outage'
    | 'failing'
    | 'healed'
    | 'note'
    | 'outcome';
  readonly who: Who;
  readonly text: string;
  /** Of an outcome: the action that it is of, and what was counted meanwhile. */
  readonly action?: string;
  readonly counted?: { readonly ours: Counted; readonly snippet: Counted };
}

/** The action that is under way. */
export interface RunningAction {
  readonly name: string;
  /** `waiting` for its moment, `running`, or `watching` what comes of it. */
  readonly phase: 'waiting' | 'running' | 'watching';
  /** When this phase ends, at the latest. */
  readonly until: number;
}

/** A process of the fleet. */
export interface PodFrame {
  readonly nth: number;
  /** How it is, in a word: `running`, or how it ended. */
  readonly state: string;
  readonly calls: number;
  readonly failed: number;
  readonly tokenRequests: number;
}

/** What the page is told each second. */
export interface Frame {
  /** Another one after each start of the app. */
  readonly start: string;
  /** Counts up from 1, whatever the clock does. */
  readonly nth: number;
  readonly at: number;
  readonly token: TokenFrame;
  readonly happened: readonly Happening[];
  /** With an account of one's own there is no load, and no button. */
  readonly demonstration?: {
    readonly callers: number;
    readonly action: RunningAction | null;
    readonly ours: Second;
    readonly snippet: Second;
    readonly snippetToken: TokenFrame;
    readonly pods: readonly PodFrame[];
  };
}
