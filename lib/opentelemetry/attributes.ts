import type { Attributes } from '@opentelemetry/api';
import { UNNAMED_ACCOUNT } from '../options/observed-name.js';

/** What the messages of all channels may tell. */
export interface Told {
  readonly account: string | undefined;
  readonly outcome?: string;
  readonly code?: string;
  readonly status?: number;
}

/** Attributes of this message, by the semantic conventions where they have a name for it. */
export function attributesOf({ account, outcome, code, status }: Told): Attributes {
  // The conventions' word for a failure that has none of ours: a caller that left, a replay without an answer.
  const errorType = code ?? (outcome === 'failed' ? '_OTHER' : undefined);
  return {
    'dokstamp.account': labelOf(account),
    ...(errorType !== undefined && { 'error.type': errorType }),
    ...(status !== undefined && { 'http.response.status_code': status }),
  };
}

/** The value of `dokstamp.account`. */
export function labelOf(account: string | undefined): string {
  return account ?? UNNAMED_ACCOUNT;
}
