import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DokStampAccounts, DokStampAccountsModule } from '../../../dist/esm/accounts/index.js';
import { PAIR } from './pair.mjs';

/** `DokStampAccounts`. */
export async function start({ baseURL, max }) {
  const module = DokStampAccountsModule.forRoot({ baseURL, max, resolve: () => PAIR });
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const accounts = app.get(DokStampAccounts);
  return {
    kept: () => accounts.size,
    get: (key) => accounts.get(key),
    token: ({ tokens }) => tokens.getToken(),
    send: ({ http }) => http.axiosRef.get('/certificates'),
  };
}
