import 'reflect-metadata';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { create } from '../contestants/snippet.mjs';
import { PAIR } from './pair.mjs';

/** `ModuleRef.create` for each key, kept in a `Map`. */
export async function start({ baseURL }) {
  class Client {
    #client = create({ baseURL, ...PAIR, margin: 60 });
    get = (url) => this.#client.get(url);
  }
  const app = await NestFactory.createApplicationContext(class {}, { logger: false });
  const moduleRef = app.get(ModuleRef);
  const clients = new Map();
  return {
    kept: () => clients.size,
    async get(key) {
      if (!clients.has(key)) clients.set(key, moduleRef.create(Client));
      return clients.get(key);
    },
    send: (client) => client.get('/certificates'),
  };
}
