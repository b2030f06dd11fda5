import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { serverError, type Reply } from './replies.js';
import type { RequestLog } from './request-log.js';

/** Reads a request to its end and answers it; undefined leaves it unanswered. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<Reply | undefined>;

/** The listening socket: where it is, what goes out, and its end. */
export class SandboxServer {
  readonly #server: Server;
  #url = '';
  #stopped: Promise<void> | undefined;

  constructor(log: RequestLog, answer: Answer) {
    this.#server = createServer((request, response) => {
      const entry = log.add(request);
      // The client may break off at any moment; there is nobody left to tell.
      request.on('error', () => undefined);
      response.on('error', () => undefined);
      response.on('close', () => log.ended(entry));
      void answer(request, response)
        .catch(serverError)
        .then((reply) => {
          if (!reply || response.destroyed || !request.complete) return;
          send(response, reply);
          entry.status = reply.status;
        })
        // What cannot be sent is no answer; without one, the client must not wait for ever.
        .catch(() => response.destroy());
    });
    // Long enough that no client writes to a connection in the moment it is closed as idle.
    this.#server.keepAliveTimeout = 120_000;
  }

  get url(): string {
    return this.#url;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        if (typeof address === 'object') this.#url = `http://127.0.0.1:${address?.port}`;
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    this.#stopped ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    return this.#stopped;
  }
}

function send(response: ServerResponse, { status, contentType, body, headers }: Reply): void {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    ...(bodiless ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }),
    ...headers,
  });
  response.end(bodiless ? undefined : body);
}
