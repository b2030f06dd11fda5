import { timeLimit } from '../../async/time-limit.js';
import { SYSTEM_CLOCK } from '../../async/clock.js';
import { CredentialsSource } from '../../token/credentials-source.js';
import { type DokStampError, isDokStampError } from '../../errors/dokstamp.error.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import { type IssuedToken, TokenEndpointClient } from '../../token/token-endpoint.client.js';
import { IS_IT_THE_API, type StepResult, failed, ok, skipped } from './check-step.interface.js';
import { adviceFor, through } from './connection-advice.js';
import { type Proxy, named } from './proxy.js';

// From here on it is told that somebody waits for it at each start.
const SLOW_MS = 3_000;

/** Asks for one token. Its value comes back only where there is one. */
export async function requestToken(
  options: ResolvedOptions,
  proxy: Proxy | undefined,
): Promise<{ accessToken?: string; results: StepResult[] }> {
  const { mask, tokenTimeout, baseURL } = options;
  const limit = timeLimit(tokenTimeout);
  const startedAt = SYSTEM_CLOCK.monotonic();
  try {
    const pair = await new CredentialsSource(options, SYSTEM_CLOCK).read(limit.signal);
    const issued = await new TokenEndpointClient(options, SYSTEM_CLOCK).request(pair, limit.signal);
    const tookMs = SYSTEM_CLOCK.monotonic() - startedAt;
    mask.add(issued.token.value);
    return {
      accessToken: issued.token.value,
      results: [ok('connection', answeredIn(tookMs, tokenTimeout)), ok('secret', told(issued))],
    };
  } catch (error) {
    if (!isDokStampError(error)) throw error;
    return { results: resultsOf(error, baseURL, proxy) };
  } finally {
    limit.end();
  }
}

function answeredIn(tookMs: number, tokenTimeout: number): string {
  const seconds = `the token endpoint answered in ${(tookMs / 1_000).toFixed(1)} s`;
  if (tookMs < SLOW_MS) return seconds;
  return `${seconds}, which is slow; an app waits for at most ${tokenTimeout} ms (DOKSTAMP_TOKEN_TIMEOUT)`;
}

function told({ token, lifetimeAssumed }: IssuedToken): string {
  const minutes = Math.round(token.lifetimeMs / 60_000);
  const lives = lifetimeAssumed
    ? 'without a lifetime, so 5 minutes are assumed'
    : `for ${minutes} minutes`;
  return `DokStamp gave a token, ${lives}`;
}

function resultsOf(error: DokStampError, baseURL: string, proxy: Proxy | undefined): StepResult[] {
  const { code, status, message } = error;
  if (code === 'credentials_unavailable') {
    return [
      skipped('connection', 'not checked, as there are no credentials'),
      failed(
        'secret',
        message,
        'Mount the files that the _FILE variables name, or correct the variables.',
      ),
    ];
  }
  if (status === undefined) {
    const { what, next } = adviceFor(error, baseURL, proxy);
    return [failed('connection', what, next), unconnected()];
  }
  // The status of a proxy alone (RFC 9110, 15.5.8).
  if (status === 407 && proxy) {
    const what = `${named(proxy)} asks for a user and a password, or for others (407)`;
    const next = `Correct those in ${proxy.variable}, as http://user:password@host:port.`;
    return [failed('connection', what, next), unconnected()];
  }
  const connection = ok('connection', `a server answered (status ${status})`);
  return [connection, failed('secret', message, nextFor(error, proxy))];
}

function unconnected(): StepResult {
  return skipped('secret', 'not checked, as there is no connection');
}

function nextFor({ code, retryAt }: DokStampError, proxy: Proxy | undefined): string {
  switch (code) {
    case 'invalid_client':
      return 'Compare DOKSTAMP_CLIENT_ID and DOKSTAMP_CLIENT_SECRET with what the account manager gave; if they are the same, ask for a new pair.';
    case 'token_rate_limited':
      return `Try again ${retryAt ? `after ${retryAt.toISOString()}` : 'later'}.`;
    case 'token_response_invalid':
    case 'token_request_rejected':
      return through(proxy, IS_IT_THE_API);
    default:
      return through(proxy, 'Try again later; if it stays, tell DokStamp.');
  }
}
