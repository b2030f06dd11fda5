import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';

const sealOf = new WeakMap<object, object>();
const seals = new WeakSet<object>();

/**
 * A stand-in for a connection agent. Printing an agent shows its sockets, and they lead to the header block of the
 * request under way, token included; printing the stand-in shows none. Whatever is asked of it is asked of the agent:
 * the pool, its limits and its class are the same, and one agent has one stand-in.
 */
export function sealAgent<T>(agent: T): T {
  if (typeof agent !== 'object' || agent === null || seals.has(agent)) return agent;
  const prototype: unknown = Object.getPrototypeOf(agent);
  // axios copies plain objects when it merges configs, and the copy of a stand-in would be empty.
  if (prototype === null || prototype === Object.prototype) return agent;
  const known = sealOf.get(agent);
  if (known) return known as T;
  const seal = new Proxy(Object.create(prototype as object) as object, {
    get: (_, key) => member(agent, key),
    set: (_, key, value) => Reflect.set(agent, key, value),
    has: (_, key) => Reflect.has(agent, key),
  });
  sealOf.set(agent, seal);
  seals.add(seal);
  return seal as T;
}

/** Puts stand-ins in the place of the agents of a request config or of axios defaults. */
export function sealAgents(config: { httpAgent?: unknown; httpsAgent?: unknown }): void {
  if (config.httpAgent) config.httpAgent = sealAgent(config.httpAgent);
  if (config.httpsAgent) config.httpsAgent = sealAgent(config.httpsAgent);
}

// A subclass may keep private fields, which its methods find on the agent only. What Node.js wrote keeps its
// identity, by which axios tells whether an agent overrides it.
function member(agent: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(agent, key);
  if (typeof value !== 'function' || key === 'constructor') return value;
  const isNative = [Agent, TlsAgent].some((native) => Reflect.get(native.prototype, key) === value);
  return isNative ? value : (value.bind(agent) as unknown);
}
