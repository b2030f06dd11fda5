// One process of a fleet, over the built package: told by its parent what to do. `node member.mjs SETTINGS`.
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DokStampHttpService, DokStampModule, TokenService } from 'nestjs-dokstamp';
import { RedisTokenStore } from 'nestjs-dokstamp/redis';

const { library, redis, skewMs = 0, ...options } = JSON.parse(process.argv[2]);
if (skewMs !== 0) {
  const now = Date.now;
  Date.now = () => now() + skewMs;
}

const client = await connect();
const tokenStore = client && new RedisTokenStore(client);
class HostModule {}
Module({ imports: [DokStampModule.forRoot({ startup: 'lazy', ...options, tokenStore })] })(
  HostModule,
);
const app = await NestFactory.createApplicationContext(HostModule, { logger: false });
const tokens = app.get(TokenService);
const http = app.get(DokStampHttpService).axiosRef;
const events = [];
tokens.events$.subscribe((event) => events.push(event));

let load;
const deeds = {
  getToken: () => tokens.getToken(),
  renew: () => tokens.renew(),
  call: async () => (await http.get('/certificates')).status,
  events: () => events,
  status: () => tokens.status,
  memory: () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  },
  /** Calls without end, 20 a second; what failed is told by `stopLoad`. */
  startLoad: () => {
    load = { calls: 0, failures: [] };
    const { signal } = (load.stop = new AbortController());
    load.done = (async () => {
      while (!signal.aborted) {
        load.calls++;
        const startedAt = performance.now();
        await http.get('/certificates').catch((error) => load.failures.push(told(error)));
        load.slowest = Math.max(load.slowest ?? 0, performance.now() - startedAt);
        await sleep(50);
      }
    })();
  },
  stopLoad: async () => {
    load.stop.abort();
    await load.done;
    return { calls: load.calls, failures: load.failures, slowest: load.slowest };
  },
};

const told = (error) =>
  `${new Date().toISOString()} ${error.code ?? ''} ${error.response?.status ?? ''} ${error.message}`;

const obey = async ({ id, deed }) => {
  const startedAt = performance.now();
  try {
    const value = await deeds[deed]();
    process.send({ id, value, ms: performance.now() - startedAt });
  } catch (error) {
    process.send({ id, error: told(error), ms: performance.now() - startedAt });
  }
};

process.on('message', (order) => void obey(order));
process.on('disconnect', () => process.exit());
process.send({ ready: true });

async function connect() {
  if (!redis) return undefined;
  if (library.startsWith('redis')) {
    const { createClient } = await import(library);
    const made = createClient({ socket: { host: '127.0.0.1', port: redis } });
    made.on('error', () => {});
    // It waits for as long as the server is away; the app boots meanwhile, as one does that does not wait for Redis.
    const connecting = made.connect().catch(() => {});
    await Promise.race([connecting, sleep(500)]);
    return made;
  }
  const { Redis } = await import(library);
  return new Redis({ port: redis }).on('error', () => {});
}
