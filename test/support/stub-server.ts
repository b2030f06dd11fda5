import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came in, with its whole body. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server on loopback that answers by a function and remembers what came. */
export interface StubServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
}

type Answer = (request: SeenRequest, response: ServerResponse) => unknown;

export async function stubServer(answer: Answer): Promise<StubServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const arrived = { method, url, headers, body: Buffer.concat(chunks) };
      seen.push(arrived);
      void answer(arrived, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: object = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A stub DokStamp: hands out `token_1`, `token_2`, … and leaves everything else to `api`. */
export async function stubDokStamp(
  api: Answer = (_, response) => json(response, 200, { data: [] }),
  expiresIn: unknown = 43_200,
): Promise<StubServer & { readonly tokenRequests: number }> {
  let tokenRequests = 0;
  const server = await stubServer((request, response) => {
    if (request.url !== '/oauth/token') return api(request, response);
    const access_token = `token_${++tokenRequests}`;
    return json(response, 200, { token_type: 'Bearer', expires_in: expiresIn, access_token });
  });
  return Object.defineProperty(server as StubServer & { tokenRequests: number }, 'tokenRequests', {
    get: () => tokenRequests,
  });
}
