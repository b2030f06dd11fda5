import type { DokStampErrorCode } from '../errors/dokstamp.error.js';

/** What every message has. None carries a token, a secret, a header or an id. */
interface Message {
  /**
   * The account's name; undefined for the one without a name, `runtime` for those of run time. One that was named
   * `default` or `runtime` is `default (named)` or `runtime (named)`.
   */
  readonly account: string | undefined;
}

/** `dokstamp:token.request`, a tracing channel: one token request, from its sending to what came of it. */
export interface TokenRequestMessage extends Message {
  readonly reason: string;
  /** Which request of its acquisition it is, from 1. */
  readonly attempt: number;
  /** Host and port of the token endpoint. */
  readonly server: { readonly address: string; readonly port: number };
  /** What came of it; from `asyncStart` on. */
  outcome?: 'issued' | 'failed';
  code?: DokStampErrorCode;
  /** The HTTP status, where there was an answer. */
  status?: number;
  durationMs?: number;
}

/** `dokstamp:token.wait`: a caller that could not be served at once has a token, or has none. */
export interface TokenWaitMessage extends Message {
  readonly reason: string;
  readonly outcome: 'served' | 'failed';
  readonly code?: DokStampErrorCode;
  readonly durationMs: number;
}

/** `dokstamp:request.replay`: what became of a request whose token was refused by a 401. */
export interface RequestReplayMessage extends Message {
  /**
   * `accepted` and `refused`: it was sent once more, and the second answer was another one, or a 401 again. `failed`: it
   * was sent once more and got no answer. `not_sent`: it was not sent again, or no new token could be had.
   */
  readonly outcome: 'accepted' | 'refused' | 'failed' | 'not_sent';
  /** Of the last answer. */
  readonly status?: number;
}

/**
 * `dokstamp:gate`: the gate of an account, each time that a token came, or could not be had, or was dropped, and at the
 * account's end, when it is open and without a token.
 */
export interface GateMessage extends Message {
  /** `closed`: no token request is made before `retryAt`. */
  readonly state: 'open' | 'closed';
  /** Of the last try to get a token, where that failed. */
  readonly code?: DokStampErrorCode;
  readonly retryAt?: Date;
  /** When the present token ends; undefined without one. */
  readonly expiresAt?: Date;
}
