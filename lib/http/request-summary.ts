import type { SecretMask } from '../errors/secret-mask.js';

/** What stays of a `ClientRequest` in an error: the request itself holds the header block as it was sent. */
export interface RequestSummary {
  readonly method?: string;
  readonly protocol?: string;
  readonly host?: string;
  readonly path?: string;
}

export function summaryOf(request: unknown, mask: SecretMask): RequestSummary {
  const fields = request as Record<keyof RequestSummary, unknown>;
  const told = (['method', 'protocol', 'host', 'path'] as const)
    .filter((name) => typeof fields[name] === 'string')
    .map((name) => [name, mask.text(fields[name] as string)]);
  return Object.fromEntries(told) as RequestSummary;
}
