import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse, createServer, get } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hostAxios } from '../../lib/axios/host-axios.js';
import { opaqueAgent, opaqueAgentsOf } from '../../lib/redaction/opaque-agent.js';

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

describe('an opaque agent', () => {
  it('shows no socket while a request is under way, and its agent does', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const agent = new PrivateAgent({ keepAlive: true });
    const opaque = opaqueAgent(agent);
    const headers = { Authorization: 'Bearer token_1' };
    const { port } = server.address() as AddressInfo;
    const request = get({ port, host: '127.0.0.1', agent: opaque, headers });
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
    expect(inspect(agent, everything)).toContain('token_1');
    expect(inspect(opaque, everything)).not.toContain('token_1');
    expect(inspect(Object.assign({}, opaque), everything)).not.toContain('token_1');
    expect(JSON.stringify(opaque)).toBe('{}');
    response.end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    await once(answer.resume(), 'close');
    expect(agent.requestCount).toBe(1);
    expect(opaque.requestCount).toBe(1);
    const [socket] = Object.values(opaque.freeSockets).flat();
    opaque.destroy();
    expect(socket?.destroyed).toBe(true);
    server.close();
  });

  it('is what its agent is, in all that axios asks of it', () => {
    const agent = new TlsAgent({ keepAlive: true, maxSockets: 3 });
    const opaque = opaqueAgent(agent);
    expect(opaque).toBeInstanceOf(TlsAgent);
    expect(opaque.constructor).toBe(TlsAgent);
    expect(opaque.options).toBe(agent.options);
    expect('sockets' in opaque).toBe(true);
    expect([opaque.maxSockets, (opaque as { protocol?: string }).protocol]).toEqual([3, 'https:']);
    // By their identity axios tells whether an agent overrides the hooks of Node.js.
    for (const hook of ['addRequest', 'createSocket', 'createConnection', 'getName'] as const) {
      expect(Reflect.get(opaque, hook)).toBe(Reflect.get(TlsAgent.prototype, hook));
    }
    opaque.maxSockets = 5;
    expect(agent.maxSockets).toBe(5);
  });

  it('is one for each agent, and its own', () => {
    const agent = new Agent();
    expect(opaqueAgent(agent)).toBe(opaqueAgent(agent));
    expect(opaqueAgent(opaqueAgent(agent))).toBe(opaqueAgent(agent));
    expect(opaqueAgent(new Agent())).not.toBe(opaqueAgent(agent));
  });

  it.each([undefined, null, false])('is made of an agent only, not of %o', (other) => {
    expect(opaqueAgent(other)).toBe(other);
  });

  it('is no plain object, which axios would copy', () => {
    const agent = { addRequest: () => 'added', sockets: ['token_1'] };
    const opaque = opaqueAgent(agent);
    expect(inspect(opaque, everything)).not.toContain('token_1');
    const { httpAgent } = hostAxios.create({ httpAgent: opaque }).defaults;
    expect(httpAgent).toBe(opaque);
    expect(opaque.addRequest()).toBe('added');
  });

  it('stands for a dispatcher of fetch too', () => {
    const [dispatcher, agent] = [{ dispatch: () => true, sockets: ['token_1'] }, new Agent()];
    const fetchOptions = Object.freeze({ dispatcher, agent, priority: 'low' });
    const opaque = opaqueAgentsOf({ fetchOptions });
    expect(opaque).toEqual({
      fetchOptions: {
        dispatcher: opaqueAgent(dispatcher),
        agent: opaqueAgent(agent),
        priority: 'low',
      },
    });
    expect(inspect(opaque, everything)).not.toContain('token_1');
    expect(opaque.fetchOptions?.dispatcher.dispatch()).toBe(true);
    const none = { fetchOptions: { priority: 'low' } };
    expect(opaqueAgentsOf(none).fetchOptions).toBe(none.fetchOptions);
  });

  it('takes its place in a config', () => {
    const [httpAgent, httpsAgent] = [new Agent(), new TlsAgent()];
    const config: { httpAgent?: unknown; httpsAgent?: unknown } = { httpAgent, httpsAgent };
    const opaque = opaqueAgentsOf(config);
    expect(opaque).toEqual({
      httpAgent: opaqueAgent(httpAgent),
      httpsAgent: opaqueAgent(httpsAgent),
    });
    expect(opaque.httpAgent).not.toBe(httpAgent);
    expect(config).toEqual({ httpAgent, httpsAgent });
    expect(opaqueAgentsOf({})).toEqual({});
  });
});
