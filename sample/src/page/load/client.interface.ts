import type { Meter } from './meter.js';

/** One way to call DokStamp: by this package, or by the snippet. */
export interface Client {
  readonly meter: Meter;
  /** Asks for a certificate. */
  call(tenant: string, signal: AbortSignal): Promise<unknown>;
}

/** The call that both make. */
export const PATH = '/certificates?per_page=1';

/** Why a call failed. The snippet knows no typed errors, so an error's own words are the last resort. */
export function reasonOf(error: unknown): string {
  const { response, code, name } = error as {
    response?: { status?: number };
    code?: string;
    name?: string;
  };
  return response?.status ? `HTTP ${response.status}` : (code ?? name ?? 'error');
}
