import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';

// Not of Object's own prototype: axios copies plain objects when it merges configs, and the copy would be empty.
class OpaqueAgent {}

const opaqueOf = new WeakMap<object, object>();
const opaques = new WeakSet<object>();

/**
 * A stand-in for a connection agent, or a dispatcher of undici. Printing an agent shows its sockets, and they lead to
 * the header block of the request under way, token included; printing the stand-in shows none. Whatever is asked of it
 * is asked of the agent: the pool, its limits and its class are the same, and one agent has one stand-in.
 */
export function opaqueAgent<T>(agent: T): T {
  if (typeof agent !== 'object' || agent === null || opaques.has(agent)) return agent;
  const known = opaqueOf.get(agent);
  if (known) return known as T;
  // A Proxy, as printing looks at its empty target: a plain object that gives the agent's sockets shows them too.
  const opaque = new Proxy(emptyAgent(agent), {
    get: (_, key) => member(agent, key),
    set: (_, key, value) => Reflect.set(agent, key, value),
    has: (_, key) => Reflect.has(agent, key),
  });
  opaqueOf.set(agent, opaque);
  opaques.add(opaque);
  return opaque as T;
}

/** Stand-ins for the agents that these options have, to be put in their place. */
export function opaqueAgentsOf<T extends object>(options: T): Partial<T> {
  const { httpAgent, httpsAgent, fetchOptions } = options as Record<string, unknown>;
  return {
    ...(httpAgent ? { httpAgent: opaqueAgent(httpAgent) } : {}),
    ...(httpsAgent ? { httpsAgent: opaqueAgent(httpsAgent) } : {}),
    ...(fetchOptions ? { fetchOptions: withOpaqueDispatcher(fetchOptions) } : {}),
  } as Partial<T>;
}

// Fetch takes a dispatcher of undici; others that may stand in for it take an agent.
function withOpaqueDispatcher<T>(options: T): T {
  const { dispatcher, agent } = options as { dispatcher?: unknown; agent?: unknown };
  if (!dispatcher && !agent) return options;
  return {
    ...options,
    ...(dispatcher ? { dispatcher: opaqueAgent(dispatcher) } : {}),
    ...(agent ? { agent: opaqueAgent(agent) } : {}),
  };
}

function emptyAgent(agent: object): object {
  const prototype = Reflect.getPrototypeOf(agent);
  const isPlain = prototype === null || Reflect.getPrototypeOf(prototype) === null;
  return isPlain ? new OpaqueAgent() : (Object.create(prototype) as object);
}

// A subclass may keep private fields, which its methods find on the agent only. What Node.js wrote keeps its
// identity, by which axios tells whether an agent overrides it.
function member(agent: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(agent, key);
  if (typeof value !== 'function' || key === 'constructor') return value;
  const isNative = [Agent, TlsAgent].some((native) => Reflect.get(native.prototype, key) === value);
  return isNative ? value : (value.bind(agent) as unknown);
}
