import { once } from 'node:events';
import { type ServerHttp2Session, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type SelfSigned, selfSigned } from './self-signed.js';

/** A DokStamp that speaks HTTP/2 over TLS, and nothing else. */
export interface Http2Server extends AsyncDisposable {
  readonly url: string;
  /** Signs itself. */
  readonly cert: SelfSigned['cert'];
  /** Method, path and protocol of each request. */
  readonly seen: string[];
}

export async function http2Server(): Promise<Http2Server> {
  const { key, cert } = selfSigned('dokstamp');
  const seen: string[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({ key, cert, allowHTTP1: false }, (request, response) => {
    seen.push(`${request.method} ${request.url} HTTP/${request.httpVersion}`);
    response.writeHead(200, { 'content-type': 'application/json' });
    const token = { token_type: 'Bearer', expires_in: 43_200, access_token: 'token_1' };
    response.end(JSON.stringify(request.url === '/oauth/token' ? token : { data: [] }));
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    cert,
    seen,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
