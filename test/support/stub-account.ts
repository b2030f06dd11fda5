import type { ServerResponse } from 'node:http';
import type { DokStampOptions } from '../../lib/index.js';
import { type TestApp, bootAccount } from './app.js';
import { type Answer, type SeenRequest, type StubServer, json } from './stub-server.js';

export const CLIENT_SECRET = 'se+cret/of the=test';

/** The body of a 401 of the API. */
export const UNAUTHENTICATED = { error: 'unauthenticated', message: 'Unauthenticated.' };

/** Boots an app with an account at this server. The account requests its first token at the first use. */
export function accountAt(
  server: Pick<StubServer, 'url'>,
  options: DokStampOptions = {},
): Promise<TestApp> {
  return bootAccount({
    baseURL: server.url,
    ...(!options.credentials && { clientId: 'client-of-the-test', clientSecret: CLIENT_SECRET }),
    tenant: 'my-university',
    startup: 'lazy',
    ...options,
  });
}

/** The requests other than token requests. */
export function apiRequests(server: Pick<StubServer, 'seen'>): SeenRequest[] {
  return server.seen.filter(({ url }) => url !== '/oauth/token');
}

/** The `Authorization` headers of the API requests, without `Bearer`. */
export function tokensSeen(server: Pick<StubServer, 'seen'>): (string | undefined)[] {
  return apiRequests(server).map(({ headers }) => headers.authorization?.replace('Bearer ', ''));
}

/** Answers as the API does when it refuses a token. */
export function refuse(response: ServerResponse, headers: object = {}): void {
  json(response, 401, UNAUTHENTICATED, headers);
}

/** Whether this request carries `token_<first>` or a later one. */
export function carriesTokenFrom(
  first: number,
  { headers }: Pick<SeenRequest, 'headers'>,
): boolean {
  return Number(/^Bearer token_(\d+)$/.exec(headers.authorization ?? '')?.[1] ?? 0) >= first;
}

/** An API that refuses each token before `token_<first>`, and answers the others with 200. */
export function acceptingFrom(first: number) {
  return (request: SeenRequest, response: ServerResponse): void =>
    carriesTokenFrom(first, request) ? json(response, 200, { data: 'accepted' }) : refuse(response);
}

/** In place of a status: breaks the connection. */
export const BREAK = 0;

/** An API that answers its requests with these statuses in turn, then with 200. The body has the number of the request. */
export function inTurn(...statuses: number[]): Answer {
  let nth = 0;
  return (_, response) => {
    const status = statuses[nth++] ?? 200;
    return status === BREAK ? response.destroy() : json(response, status, { nth });
  };
}

/** The error that a promise rejects with. */
export function rejectionOf<T = Error>(promise: Promise<unknown>): Promise<T> {
  return promise.then(
    () => Promise.reject(new Error('It did not reject.')),
    (error: unknown) => error as T,
  );
}
