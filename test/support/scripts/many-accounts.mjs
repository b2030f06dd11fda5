// Creates more accounts than `max`, lets each send a request, and prints how many are kept, how many exist in memory
// after garbage collection, and how many timers are pending.
import { liveTimers } from './live-timers.mjs';
import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { DokStampAccounts, DokStampAccountsModule } from 'nestjs-dokstamp/accounts';

const [, , baseURL, credentials, keys, max] = process.argv;
const resolve = () => ({ ...JSON.parse(credentials), tenant: 'my-university' });
const module = DokStampAccountsModule.forRoot({ baseURL, resolve, max: Number(max) });
const app = await NestFactory.createApplicationContext(module, { logger: false });
const accounts = app.get(DokStampAccounts);

const created = [];
for (let n = 0; n < Number(keys); n++) {
  const { http, tokens } = await accounts.get(`key-${n}`);
  await http.axiosRef.get('/certificates');
  created.push(new WeakRef(tokens));
}
// A WeakRef keeps its target until the end of the current turn of the event loop.
for (let turn = 0; turn < 5; turn++) {
  await setImmediate();
  gc();
}
const alive = created.filter((ref) => ref.deref()).length;
console.log(JSON.stringify({ kept: accounts.size, alive, timers: liveTimers() }));
await app.close();
