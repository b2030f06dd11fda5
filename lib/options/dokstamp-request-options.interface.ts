// axios has one set of types for import and another for require; an app may meet either, whichever copy of this package it has.
// An app in one of both worlds lacks the key without the two references.
/* oxlint-disable typescript/triple-slash-reference -- a type import is dropped from the emitted types, and a plain one is loaded at run time; a reference does neither */
/// <reference path="./axios-request-config.mts" preserve="true" />
/// <reference path="./axios-request-config.cts" preserve="true" />
/* oxlint-enable typescript/triple-slash-reference */

/** What one request may say to this package, under the key `dokStamp` of the axios request config. */
export interface DokStampRequestOptions {
  /** `X-Tenant` of this request, in place of the `tenant` option. */
  tenant?: string | undefined;
  /**
   * Sends a plain request: no token, no tenant.
   * @default false
   */
  skipAuth?: boolean | undefined;
  /** Whether a 401 is answered with one replay; overrides `replayOnUnauthorized`. */
  replay?: boolean | undefined;
  /** Makes a new body for each send, so that a stream can be sent again after a 401. Replaces `data`. */
  body?: (() => unknown) | undefined;
}
