// axios has one set of types for import and another for require; an app may meet either, whichever copy of this package it has.
// Only references of this kind are kept in the emitted types; without the two, an app in one of both worlds lacks the key.
/* oxlint-disable typescript/triple-slash-reference */
/// <reference path="./axios-request-config.mts" preserve="true" />
/// <reference path="./axios-request-config.cts" preserve="true" />
/* oxlint-enable typescript/triple-slash-reference */

/** What one request may say to this package, under the key `dokStamp` of the axios request config. */
export interface DokStampRequestOptions {
  /** `X-Tenant` of this request, in place of the `tenant` option. */
  tenant?: string;
  /**
   * Sends a plain request: no token, no tenant.
   * @default false
   */
  skipAuth?: boolean;
  /** Whether a 401 is answered with one replay; overrides `replayOnUnauthorized`. */
  replay?: boolean;
  /** Makes the body anew for each send, so that a stream can be sent again after a 401. Takes the place of `data`. */
  body?: () => unknown;
}
