import { liveTimers } from '../../support/scripts/live-timers.mjs';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DokStampAccounts, DokStampAccountsModule } from '../../../dist/esm/accounts/index.js';
import { answerCalls } from './answer-calls.mjs';

// A process with accounts at run time.
const LOOPS = 200_000;
let app;
let accounts;

answerCalls({
  async create({ baseURL, max }) {
    const resolve = () => ({
      clientId: 'bench',
      clientSecret: 'bench-secret',
      tenant: 'my-university',
    });
    const module = DokStampAccountsModule.forRoot({ baseURL, max, resolve });
    app = await NestFactory.createApplicationContext(module, { logger: false });
    accounts = app.get(DokStampAccounts);
  },

  /** Accounts for the keys of these numbers, in turn. @param depth how far each goes: `made`, `token` or `sent` */
  async visit({ from, to, depth }) {
    for (let key = from; key < to; key++) {
      const { http, tokens } = await accounts.get(`key-${key}`);
      if (depth === 'token') await tokens.getToken();
      if (depth === 'sent') await http.axiosRef.get('/certificates');
    }
  },

  /** What this process holds now. */
  async held() {
    for (let turn = 0; turn < 3; turn++) {
      globalThis.gc();
      await new Promise((done) => setTimeout(done, 20));
    }
    const sockets = process
      .getActiveResourcesInfo()
      .filter((resource) => resource === 'TCPSocketWrap').length;
    return {
      accounts: accounts.size,
      heap: process.memoryUsage().heapUsed,
      timers: liveTimers(),
      sockets,
    };
  },

  /** ns for a `get` of a known key, and for one of a `Map`. */
  async get() {
    const keys = Array.from({ length: 1_000 }, (_, key) => `key-${key}`);
    const map = new Map(keys.map((key) => [key, Promise.resolve(key)]));
    const time = (ask) => {
      const start = performance.now();
      for (let loop = 0; loop < LOOPS; loop++) ask(keys[loop % keys.length]);
      return ((performance.now() - start) / LOOPS) * 1e6;
    };
    const rounds = Array.from({ length: 9 }, () => {
      const ofMap = time((key) => map.get(key));
      return time((key) => accounts.get(key)) - ofMap;
    });
    return rounds.toSorted((one, other) => one - other)[4];
  },
});
