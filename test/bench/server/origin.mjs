import { once } from 'node:events';
import { createServer } from 'node:http';

/** An HTTP server on a free port of 127.0.0.1. */
export class Origin {
  #server;

  constructor(answer) {
    this.#server = createServer({ keepAliveTimeout: 60_000 }, answer);
  }

  async listen() {
    // Room for a thousand connections at once.
    this.#server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 });
    await once(this.#server, 'listening');
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
