import type { Attributes } from '@opentelemetry/api';

/** What the messages of all channels may tell. */
interface Told {
  readonly account: string | undefined;
  readonly code?: string;
  readonly status?: number;
}

/** Attributes of this message, by the semantic conventions where they have a name for it. */
export function attributesOf({ account, code, status }: Told): Attributes {
  return {
    'dokstamp.account': labelOf(account),
    ...(code !== undefined && { 'error.type': code }),
    ...(status !== undefined && { 'http.response.status_code': status }),
  };
}

/** The value of `dokstamp.account`. */
export function labelOf(account: string | undefined): string {
  return account ?? 'default';
}
