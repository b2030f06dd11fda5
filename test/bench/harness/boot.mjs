import 'reflect-metadata';
import { setTimeout } from 'node:timers/promises';
import { answerCalls } from './answer-calls.mjs';

// The process of one Nest app, with the imports that its name stands for.
const IMPORTS = {
  empty: () => [],
  'http-module': async () => [(await import('@nestjs/axios')).HttpModule.register({})],
  'http-modules': async ({ count }) => {
    const { HttpModule } = await import('@nestjs/axios');
    return Array.from({ length: count }, () => HttpModule.register({}));
  },
  accounts: async ({ count, startup, ...account }) => {
    const { DokStampModule } = await import('../../../dist/esm/index.js');
    return Array.from({ length: count }, (_, i) =>
      DokStampModule.forRoot({ ...account, startup, name: `account-${i}` }),
    );
  },
};

let app;

answerCalls({
  /** Boots the app; how long that took from the first import on, in ms. */
  async create(settings) {
    const start = performance.now();
    const { NestFactory } = await import('@nestjs/core');
    const imports = await IMPORTS[process.argv[2]](settings);
    app = await NestFactory.createApplicationContext(
      { module: class AppModule {}, imports },
      { logger: false },
    );
    return performance.now() - start;
  },

  /** Sends one request with each account. */
  async send({ count }) {
    const { getDokStampHttpToken } = await import('../../../dist/esm/index.js');
    for (let i = 0; i < count; i++) {
      await app.get(getDokStampHttpToken(`account-${i}`)).axiosRef.get('/certificates');
    }
  },

  /** Bytes on the heap after garbage collection. */
  async heap() {
    for (let i = 0; i < 4; i++) {
      await setTimeout(50);
      globalThis.gc();
    }
    return app && process.memoryUsage().heapUsed;
  },
});
