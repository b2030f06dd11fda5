import { create } from '../contestants/snippet.mjs';
import { PAIR } from './pair.mjs';

/** A `Map` with an axios instance, and the documented snippet, for each key. */
export function start({ baseURL }) {
  const clients = new Map();
  return {
    kept: () => clients.size,
    async get(key) {
      if (!clients.has(key)) clients.set(key, create({ baseURL, ...PAIR, margin: 60 }));
      return clients.get(key);
    },
    send: (client) => client.get('/certificates'),
  };
}
