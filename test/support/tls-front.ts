import { once } from 'node:events';
import { type Server, createServer as createHttpServer, request as forward } from 'node:http';
import { type ServerOptions, createServer } from 'node:https';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A TLS gateway in front of a server. */
export interface TlsFront extends AsyncDisposable {
  readonly url: string;
  /** The common name of the client certificate of each request; '' without a certificate. */
  readonly callers: string[];
  /** Connections made so far. */
  readonly connections: number;
}

/** Starts a gateway that forwards each request to the server at `to`. */
export async function tlsFront(to: string, options: ServerOptions): Promise<TlsFront> {
  const callers: string[] = [];
  let connections = 0;
  const server = createServer(options, (incoming, response) => {
    const { subject } = (incoming.socket as TLSSocket).getPeerCertificate();
    callers.push(String(subject?.CN ?? ''));
    const { method, headers, url } = incoming;
    const outgoing = forward(to + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.once('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.on('connection', () => connections++);
  const port = await listening(server);
  return {
    url: `https://localhost:${port}`,
    callers,
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: () => closed(server),
  };
}

/** A proxy for tunnels (RFC 9110, 9.3.6). */
export interface TunnelProxy extends AsyncDisposable {
  readonly url: string;
  /** The targets of the tunnels, in order. */
  readonly tunnels: string[];
}

export async function tunnelProxy(): Promise<TunnelProxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createHttpServer((_, response) => response.writeHead(403).end());
  server.on('connect', ({ url = '' }, client: Socket) => {
    tunnels.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
  });
  const port = await listening(server);
  return {
    url: `http://localhost:${port}`,
    tunnels,
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      return closed(server);
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
