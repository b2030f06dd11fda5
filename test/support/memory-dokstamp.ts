import { Agent, type ServerResponse, createServer } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import type { DokStampOptions } from '../../lib/index.js';
import { type Answer, type SeenRequest, issueToken, json } from './stub-server.js';

/**
 * A DokStamp without sockets: requests reach it through memory, so a request takes the same turns of the event loop on
 * each machine. Its token endpoint issues `token_1`, `token_2`, …
 */
export class MemoryDokStamp {
  /** The API requests so far. */
  readonly seen: SeenRequest[] = [];
  tokenRequests = 0;
  /** Lifetime of the next tokens, in seconds. */
  expiresIn: unknown = 43_200;
  /** Whether token requests wait for `release()`. */
  holds = false;
  /** Answers the next token requests that are not held. */
  tokenEndpoint: Answer = (_, response) =>
    issueToken(response, `token_${this.tokenRequests}`, this.expiresIn);
  readonly #held: (() => void)[] = [];
  readonly #agent: Agent;

  constructor(api: Answer = (_, response) => json(response, 200, { data: [] })) {
    const server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const arrived = { method, url, headers, body: Buffer.concat(chunks) };
        if (url === '/oauth/token') return this.#request(arrived, response);
        this.seen.push(arrived);
        return void api(arrived, response);
      });
    });
    this.#agent = new MemoryAgent((connection) => server.emit('connection', connection));
  }

  /** Options of an account at this DokStamp. */
  get options(): DokStampOptions {
    return {
      baseURL: 'http://127.0.0.1:1',
      clientId: 'id',
      clientSecret: 'secret-1',
      tenant: 'my-university',
      http: { httpAgent: this.#agent },
    };
  }

  /** The next token requests fail with this status. */
  fail(status: number, headers: object = {}): void {
    const error = status === 401 ? 'invalid_client' : 'unavailable';
    this.tokenEndpoint = (_, response) => json(response, status, { error }, headers);
  }

  /** Answers the token requests that wait, as the token endpoint answers now. */
  release(): void {
    this.holds = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  #request(request: SeenRequest, response: ServerResponse): void {
    this.tokenRequests++;
    const answer = () => void this.tokenEndpoint(request, response);
    if (this.holds) this.#held.push(answer);
    else answer();
  }
}

class MemoryAgent extends Agent {
  constructor(private readonly accept: (connection: Duplex) => void) {
    super();
  }

  override createConnection(): Duplex {
    const [client, server] = duplexPair();
    // axios calls these on each socket.
    Object.assign(client, { setKeepAlive: () => client, setTimeout: () => client });
    // A pair does not do so by itself.
    client.on('close', () => server.destroy());
    this.accept(server);
    return client;
  }
}
