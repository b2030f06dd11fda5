// One process of the fleet: an app of its own with an account of its own, that shares its token through Redis.
import 'reflect-metadata';
import { once } from 'node:events';
import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';
import { SharedStore } from '../../dokstamp/shared-store.js';
import { PATH } from '../load/client.interface.js';
import { CALL_EVERY_MS } from '../pace.js';
import type { PodCounts, PodOrder } from './pod.interface.js';

const counts: PodCounts = { calls: 0, failed: 0, tokenRequests: 0 };
subscribe('tracing:dokstamp:token.request:start', () => (counts.tokenRequests += 1));

const first = once(process, 'message');
let order: PodOrder;
process.on('message', (message) => (order = message as PodOrder));
process.on('disconnect', () => process.exit());
const [{ baseURL, tenant }] = (await first) as [PodOrder];
const store = SharedStore.ofEnvironment();

@Module({
  imports: [
    DokStampModule.forRoot({
      baseURL,
      tenant,
      credentials: () => order.credentials,
      tokenStore: store?.tokenStore,
    }),
  ],
})
class PodModule {}

const app = await NestFactory.createApplicationContext(PodModule, { logger: false });
const { axiosRef } = app.get(DokStampHttpService);
setInterval(() => process.send?.(counts), 500);
for (;;) {
  counts.calls += 1;
  await axiosRef.get(PATH).catch(() => (counts.failed += 1));
  await sleep(CALL_EVERY_MS);
}
