import 'reflect-metadata';
import { Scope } from '@nestjs/common';
import { ContextIdFactory, NestFactory, REQUEST } from '@nestjs/core';
import { create } from '../contestants/snippet.mjs';
import { PAIR } from './pair.mjs';

const CLIENT = Symbol('client');

/** A request-scoped provider: made anew for each request, and with it the token. */
export async function start({ baseURL }) {
  const provider = {
    provide: CLIENT,
    scope: Scope.REQUEST,
    inject: [REQUEST],
    useFactory: () => create({ baseURL, ...PAIR, margin: 60 }),
  };
  const module = { module: class AppModule {}, providers: [provider] };
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  return {
    kept: () => 0,
    get(key) {
      const contextId = ContextIdFactory.create();
      app.registerRequestByContextId({ key }, contextId);
      return app.resolve(CLIENT, contextId);
    },
    send: (client) => client.get('/certificates'),
  };
}
