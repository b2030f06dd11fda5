import type { IncomingMessage } from 'node:http';
import {
  failure,
  invalid,
  methodNotAllowed,
  notFound,
  unauthenticated,
  type Reply,
} from './replies.js';
import { drainBody, MalformedBodyError, readBody } from './request-body.js';
import { InvalidFieldsError } from './resources/validation.js';
import { segmentsOf, type Access, type Route } from './route.js';
import type { SandboxAccount } from './sandbox-account.js';

/** Finds the route, checks who calls, reads the body and lets the route answer. */
export async function answerRequest(
  routes: Route[],
  account: SandboxAccount,
  request: IncomingMessage,
): Promise<Reply> {
  const [path = '', ...search] = (request.url ?? '/').split('?');
  const segments = segmentsOf(path);
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  for (const route of routes) {
    const uuid = route.match(segments);
    if (uuid === undefined) continue;
    const handler = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
    if (!handler) return refuse(request, methodNotAllowed(method, Object.keys(route.methods)));
    const refusal = refusalOf(route.access, account, request);
    if (refusal) return refuse(request, refusal);

    const query = new URLSearchParams(search.join('?'));
    const body = await readBody(request);
    try {
      return await handler({ uuid, query, headers: request.headers, body });
    } catch (error) {
      if (error instanceof InvalidFieldsError) return invalid(error.errors);
      if (error instanceof MalformedBodyError) return failure(400, error.message);
      throw error;
    }
  }
  return refuse(request, notFound());
}

function refusalOf(access: Access, account: SandboxAccount, request: IncomingMessage) {
  if (access === 'public') return undefined;
  if (!account.accepts(request.headers.authorization)) return unauthenticated();
  if (access === 'token') return undefined;
  return request.headers['x-tenant'] === account.tenant ? undefined : access.withoutTenant();
}

/** An answer that does not look at the body. */
export async function refuse(request: IncomingMessage, refusal: Reply): Promise<Reply> {
  await drainBody(request);
  return refusal;
}
