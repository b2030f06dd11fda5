import { Origin } from './origin.mjs';

const BODY = JSON.stringify({
  data: [
    { uuid: '4b7c1f0e-8f0b-4d0e-9b43-0f6f3c2f8a11', status: 'issued', student: 'Ada Lovelace' },
    { uuid: '9d0c2a77-51a5-4c34-8d5c-6a4a5d0c7e02', status: 'issued', student: 'Alan Turing' },
  ],
});

/** A token endpoint and an API behind it, with faults and counts. */
export class Account {
  api = new Origin((request, response) => this.#answer(request, response));
  other = new Origin((request, response) => this.#seenElsewhere(request, response));
  counts = { tokenRequests: 0, accepted: 0, refused: 0, uploads: [], elsewhere: [] };

  #settings = { lifetime: 43_200, tokenDelay: 0, tokenFault: undefined, latency: 0, spread: 0 };
  #tokens = new Map();
  #issuedAt = Number.NaN;

  constructor(settings) {
    this.set(settings);
  }

  async listen() {
    await Promise.all([this.api.listen(), this.other.listen()]);
  }

  set(settings) {
    Object.assign(this.#settings, settings);
  }

  revoke() {
    this.#tokens.clear();
  }

  /** Milliseconds since the last token was issued. */
  get tokenAge() {
    return performance.now() - this.#issuedAt;
  }

  close() {
    this.api.close();
    this.other.close();
  }

  #answer(request, response) {
    if (request.url === '/oauth/token') this.#answerTokenRequest(request, response);
    else if (request.url === '/moved') response.writeHead(307, { location: this.other.url }).end();
    else this.#answerCall(request, response);
  }

  #answerTokenRequest(request, response) {
    this.counts.tokenRequests++;
    const { tokenDelay, tokenFault, lifetime } = this.#settings;
    request.resume().on('end', () =>
      later(tokenDelay, () => {
        if (tokenFault === 'down') return response.writeHead(503).end('Service Unavailable');
        if (tokenFault === 'refused') return json(response, 401, '{"error":"invalid_client"}');
        const token = `${'t'.repeat(800)}.${this.counts.tokenRequests}`;
        this.#issuedAt = performance.now();
        this.#tokens.set(`Bearer ${token}`, this.#issuedAt + lifetime * 1000);
        const answer = { token_type: 'Bearer', expires_in: lifetime, access_token: token };
        return json(response, 200, JSON.stringify(answer));
      }),
    );
  }

  #answerCall(request, response) {
    const accepted = performance.now() < this.#tokens.get(request.headers.authorization);
    this.counts[accepted ? 'accepted' : 'refused']++;
    let bytes = 0;
    request.on('data', (chunk) => (bytes += chunk.length));
    request.on('end', () => {
      if (request.method === 'POST') this.counts.uploads.push({ accepted, bytes });
      const { latency, spread } = this.#settings;
      later(latency + Math.random() * spread, () => {
        if (accepted) json(response, 200, BODY);
        else json(response, 401, '{"message":"Unauthenticated."}');
      });
    });
  }

  #seenElsewhere(request, response) {
    const { authorization, 'x-tenant': tenant } = request.headers;
    this.counts.elsewhere.push({
      token: authorization !== undefined,
      tenant: tenant !== undefined,
    });
    json(response, 200, BODY);
  }
}

function json(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

function later(ms, run) {
  if (ms > 0) setTimeout(() => run(), ms);
  else run();
}
