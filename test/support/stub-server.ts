import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server received it, with its whole body. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server on loopback that answers by a function and records each request. */
export interface StubServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
}

/** Answers a request whose body was read. */
export type Answer = (request: SeenRequest, response: ServerResponse) => unknown;

/** Answers a request before its body is read. Returns whether it answered. */
export type EarlyAnswer = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Starts a server. `answer` is called for each request that `answerEarly` leaves alone. */
export async function stubServer(
  answer: Answer,
  answerEarly: EarlyAnswer = () => false,
): Promise<StubServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    if (answerEarly(request, response)) return;
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

/** Answers a token request with this token. */
export function issueToken(
  response: ServerResponse,
  access_token: string,
  expires_in: unknown = 43_200,
): void {
  json(response, 200, { token_type: 'Bearer', expires_in, access_token });
}

/** A stub of the DokStamp API with its token endpoint. */
export interface StubDokStamp extends StubServer {
  readonly tokenRequests: number;
  /** Answers token requests in place of the stub, which issues `token_1`, `token_2`, … */
  tokenEndpoint: Answer | undefined;
}

/** Starts a stub DokStamp. It issues `token_1`, `token_2`, …; `api` answers every other request. */
export async function stubDokStamp(
  api: Answer = (_, response) => json(response, 200, { data: [] }),
  expiresIn: unknown = 43_200,
  answerEarly?: EarlyAnswer,
): Promise<StubDokStamp> {
  let tokenRequests = 0;
  let tokenEndpoint: Answer | undefined;
  const server = await stubServer((request, response) => {
    if (request.url !== '/oauth/token') return api(request, response);
    tokenRequests++;
    if (tokenEndpoint) return tokenEndpoint(request, response);
    return issueToken(response, `token_${tokenRequests}`, expiresIn);
  }, answerEarly);
  return {
    ...server,
    get tokenRequests() {
      return tokenRequests;
    },
    get tokenEndpoint() {
      return tokenEndpoint;
    },
    set tokenEndpoint(answer) {
      tokenEndpoint = answer;
    },
  };
}
