import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { DokStampHttpService, DokStampModule } from '../../../dist/esm/index.js';
import { axiosDefaults } from './axios-defaults.mjs';

/** The service of this package, built, in a Nest app that has nothing else. */
export async function dokStampService(account) {
  const { baseURL, clientId, clientSecret, tenant, margin, startup } = account;
  const { baseURL: _, ...http } = axiosDefaults(account);
  const options = { baseURL, clientId, clientSecret, tenant, http, startup };
  const module = DokStampModule.forRoot({ ...options, renewBeforeExpiry: margin });
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  return app.get(DokStampHttpService);
}
