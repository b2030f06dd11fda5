import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse, createServer, get } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sealAgent, sealAgents } from '../../lib/redaction/opaque-agent.js';

const everything = { depth: null, showHidden: true, showProxy: true } as const;

class PrivateAgent extends Agent {
  readonly #count = { requests: 0 };

  get requestCount(): number {
    return this.#count.requests;
  }

  override createConnection(
    ...args: Parameters<Agent['createConnection']>
  ): ReturnType<Agent['createConnection']> {
    this.#count.requests++;
    return super.createConnection(...args);
  }
}

describe('a sealed agent', () => {
  it('shows no socket while a request is under way, and its agent does', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new PrivateAgent({ keepAlive: true });
    const sealed = sealAgent(agent);
    const headers = { Authorization: 'Bearer token_1' };
    const { port } = server.address() as AddressInfo;
    const request = get({ port, host: '127.0.0.1', agent: sealed, headers });
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    expect(inspect(agent, everything)).toContain('token_1');
    expect(inspect(sealed, everything)).not.toContain('token_1');
    expect(inspect(Object.assign({}, sealed), everything)).not.toContain('token_1');
    expect(JSON.stringify(sealed)).toBe('{}');
    response.end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'close');
    expect(agent.requestCount).toBe(1);
    expect(sealed.requestCount).toBe(1);
    const [socket] = Object.values(sealed.freeSockets).flat();
    sealed.destroy();
    expect(socket?.destroyed).toBe(true);
    server.close();
  });

  it('is what its agent is, in all that axios asks of it', () => {
    const agent = new TlsAgent({ keepAlive: true, maxSockets: 3 });
    const sealed = sealAgent(agent);
    expect(sealed).toBeInstanceOf(TlsAgent);
    expect(sealed.constructor).toBe(TlsAgent);
    expect(sealed.options).toBe(agent.options);
    expect('sockets' in sealed).toBe(true);
    expect([sealed.maxSockets, (sealed as { protocol?: string }).protocol]).toEqual([3, 'https:']);
    // By their identity axios tells whether an agent overrides the hooks of Node.js.
    for (const hook of ['addRequest', 'createSocket', 'createConnection', 'getName'] as const) {
      expect(Reflect.get(sealed, hook)).toBe(Reflect.get(TlsAgent.prototype, hook));
    }
    sealed.maxSockets = 5;
    expect(agent.maxSockets).toBe(5);
  });

  it('is one for each agent, and its own', () => {
    const agent = new Agent();
    expect(sealAgent(agent)).toBe(sealAgent(agent));
    expect(sealAgent(sealAgent(agent))).toBe(sealAgent(agent));
    expect(sealAgent(new Agent())).not.toBe(sealAgent(agent));
  });

  it.each([undefined, null, false, { addRequest() {} }])(
    'is made of an agent only, not of %o',
    (other) => {
      expect(sealAgent(other)).toBe(other);
    },
  );

  it('takes its place in a config', () => {
    const [httpAgent, httpsAgent] = [new Agent(), new TlsAgent()];
    const config: { httpAgent?: unknown; httpsAgent?: unknown } = { httpAgent, httpsAgent };
    sealAgents(config);
    expect(config).toEqual({ httpAgent: sealAgent(httpAgent), httpsAgent: sealAgent(httpsAgent) });
    expect(config.httpAgent).not.toBe(httpAgent);
    const none = {};
    sealAgents(none);
    expect(Object.keys(none)).toEqual([]);
  });
});
