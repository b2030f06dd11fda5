// Makes a number of accounts with room for few, lets each get a token, and prints how many of those that have gone were
// collected, and how many timers are left.
import { liveTimers } from './live-timers.mjs';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DokStampAccounts, DokStampAccountsModule } from 'nestjs-dokstamp/accounts';

const [, , baseURL, pair, keys, max] = process.argv;
const resolve = () => ({ ...JSON.parse(pair), tenant: 'my-university' });
const module = DokStampAccountsModule.forRoot({ baseURL, resolve, max: Number(max) });
const app = await NestFactory.createApplicationContext(module, { logger: false });
const accounts = app.get(DokStampAccounts);

const seen = [];
for (let i = 0; i < Number(keys); i++) {
  const { http, tokens } = await accounts.get(`key-${i}`);
  await http.axiosRef.get('/certificates');
  seen.push(new WeakRef(tokens));
}
for (let turn = 0; turn < 5; turn++) {
  await new Promise((done) => setTimeout(done, 10));
  gc();
}
const alive = seen.filter((ref) => ref.deref()).length;
console.log(JSON.stringify({ kept: accounts.size, alive, timers: liveTimers() }));
await app.close();
