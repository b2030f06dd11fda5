import type { Meter } from './meter.js';

/** One way to call DokStamp: by this package, or by the snippet. */
export interface Client {
  readonly meter: Meter;
  /** Asks for a certificate. */
  call(tenant: string, signal: AbortSignal): Promise<unknown>;
}

/** The call that both make. */
export const PATH = '/certificates?per_page=1';

/** Why a call failed, in a word or two. The snippet knows no typed errors. */
export function reasonOf(error: unknown): string {
  const { response, config, code, cause, name } = error as {
    response?: { status?: number };
    config?: { headers?: { Authorization?: unknown } };
    code?: string;
    cause?: { code?: string };
    name?: string;
  };
  if (!response?.status) return code ?? cause?.code ?? name ?? 'error';
  // What the snippet makes of a token request that failed.
  const sent = config?.headers?.Authorization;
  const without = sent === 'Bearer undefined' ? ', as “Bearer undefined” was sent' : '';
  return `HTTP ${response.status}${without}`;
}
