import type { SecretMask } from '../../redaction/secret-mask.js';

const TOLD = ['method', 'protocol', 'host', 'path', 'url'] as const;

/** What stays of a request in an error: the request itself holds the header block as it was sent. */
export type RequestSummary = { readonly [name in (typeof TOLD)[number]]?: string };

/** The summary of a `ClientRequest`, of the wrapper that follows redirects, or of a fetch `Request`. */
export function summaryOf(request: unknown, mask: SecretMask): RequestSummary {
  const { _currentRequest: current } = request as { _currentRequest?: unknown };
  const fields = (current ?? request) as Record<string, unknown>;
  const told = TOLD.map((name) => [name, fields[name]] as const).filter(
    (field): field is readonly [(typeof TOLD)[number], string] => typeof field[1] === 'string',
  );
  return Object.fromEntries(told.map(([name, text]) => [name, mask.text(text)]));
}
