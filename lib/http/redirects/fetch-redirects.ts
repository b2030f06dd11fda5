import type { AxiosAdapter, AxiosConfig, AxiosResponse } from '../../axios/axios.types.js';
import { hostAxios, isAxiosError } from '../../axios/host-axios.js';
import { dropOurHeaders } from './our-headers.js';
import { answerOf, discardBody, outcomeOf, settle } from '../../axios/outcome.js';
import { useUp } from '../body/request-body.js';

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

// As many as the Fetch standard allows.
const MOST_REDIRECTS = 20;

/**
 * The fetch adapter, whose redirects are followed here: fetch itself drops `Authorization` on the way to another
 * origin, but takes `X-Tenant` along.
 */
export function followingRedirects(
  adapter: AxiosAdapter,
  isSameOrigin: (url: string) => boolean,
): AxiosAdapter {
  return async (config) => {
    const { redirect = 'follow' } = config.fetchOptions ?? {};
    if (redirect !== 'follow' || config.maxRedirects === 0) return adapter(config);
    let hop = derived(config, { fetchOptions: { ...config.fetchOptions, redirect: 'manual' } });
    for (let followed = 0; ; followed++) {
      const outcome = await outcomeOf(adapter(hop));
      const answer = answerOf(outcome);
      const to = answer && destinationOf(answer);
      // To the caller it is the answer to the request that was made.
      if (answer) answer.config = config;
      if ('error' in outcome && isAxiosError(outcome.error)) outcome.error.config = config;
      if (!to) return settle(outcome);
      if (followed === MOST_REDIRECTS) throw tooManyRedirects(config, answer);
      discardBody(answer);
      hop = redirected(hop, answer.status, to);
      if (!isSameOrigin(to)) leaveOrigin(hop);
    }
  };
}

function destinationOf({ status, headers, request }: AxiosResponse): string | undefined {
  const { location } = headers as Record<string, unknown>;
  const from = (request as { url?: string }).url;
  if (!REDIRECTS.includes(status) || typeof location !== 'string') return undefined;
  if (!URL.canParse(location, from)) return undefined;
  const to = new URL(location, from);
  return /^https?:$/.test(to.protocol) ? to.href : undefined;
}

// Fetch standard, 4.4 "HTTP-redirect fetch".
function redirected(hop: AxiosConfig, status: number, url: string): AxiosConfig {
  const next = derived(hop, {
    url,
    baseURL: undefined,
    allowAbsoluteUrls: true,
    params: undefined,
    headers: hop.headers.concat(),
  });
  const method = hop.method?.toLowerCase() ?? 'get';
  const becomesGet = status === 303 ? method !== 'head' : status < 303 && method === 'post';
  if (becomesGet) {
    Object.assign(next, { method: 'get', data: undefined });
    for (const name of Object.keys(next.headers)) {
      if (/^content-/i.test(name)) next.headers.delete(name);
    }
  }
  useUp(next.data);
  return next;
}

// Besides what is ours, what fetch would drop as well.
function leaveOrigin(hop: AxiosConfig): void {
  dropOurHeaders(hop.headers);
  hop.headers.delete(['Cookie', 'Proxy-Authorization', 'Host']);
  hop.auth = undefined;
}

// On the same prototype, as axios makes its configs without one.
function derived(config: AxiosConfig, changes: Partial<AxiosConfig>): AxiosConfig {
  const prototype = Object.getPrototypeOf(config) as object | null;
  return Object.assign(Object.create(prototype) as AxiosConfig, config, changes);
}

function tooManyRedirects(config: AxiosConfig, answer: AxiosResponse): Error {
  return new hostAxios.AxiosError(
    'Maximum number of redirects exceeded',
    'ERR_FR_TOO_MANY_REDIRECTS',
    config,
    answer.request,
    answer,
  );
}
