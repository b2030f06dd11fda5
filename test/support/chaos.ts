import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { DokStampSandbox } from '../../lib/testing/index.js';

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One thing that goes wrong, or is mended. */
export interface Fault {
  readonly name: string;
  strike(sandbox: DokStampSandbox, random: () => number): void;
}

/** Everything that may happen to a token endpoint and its tokens. */
export const FAULTS: readonly Fault[] = [
  { name: 'outage', strike: (sandbox) => sandbox.tokenEndpoint.fail({ status: 503 }) },
  { name: 'delay', strike: (sandbox, random) => sandbox.tokenEndpoint.delay(50 + random() * 700) },
  { name: 'hang', strike: (sandbox) => sandbox.tokenEndpoint.hang() },
  { name: 'revoke', strike: (sandbox) => sandbox.revokeTokens() },
  { name: 'rotate', strike: (sandbox) => void sandbox.rotateCredentials() },
  { name: '429', strike: (sandbox) => sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 1 }) },
  {
    name: 'garbage',
    strike: (sandbox) => sandbox.tokenEndpoint.fail({ status: 200, body: '<html>' }),
  },
  { name: 'mended', strike: (sandbox) => sandbox.tokenEndpoint.restore() },
  { name: 'mended', strike: (sandbox) => sandbox.tokenEndpoint.restore() },
];

/** What left this process for the sandbox, as Node.js itself tells it. */
export interface Wire extends Disposable {
  /** The most token requests that were under way at once. */
  readonly mostTokenRequests: number;
  readonly tokenRequestsUnderWay: number;
}

/** @param onApiRequest told the token of each API request when it is sent */
export function watchWire(port: string, onApiRequest: (token: string) => void): Wire {
  let underWay = 0;
  let most = 0;
  const started = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    if (!String(request.getHeader('host')).endsWith(`:${port}`)) return;
    if (request.path !== '/oauth/token') {
      return onApiRequest(String(request.getHeader('authorization')).replace('Bearer ', ''));
    }
    most = Math.max(most, ++underWay);
    request.once('close', () => underWay--);
  };
  subscribe('http.client.request.start', started);
  return {
    get mostTokenRequests() {
      return most;
    },
    get tokenRequestsUnderWay() {
      return underWay;
    },
    [Symbol.dispose]: () => void unsubscribe('http.client.request.start', started),
  };
}
