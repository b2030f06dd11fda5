import type { INestApplicationContext } from '@nestjs/common';
import { vi } from 'vitest';
import { DokStampHttpService } from '../../lib/index.js';
import { bootModule, environmentOf } from './recipes.js';
import { letGoOn } from './token-harness.js';
import { sandbox, setUp, tearDown } from './token-sandbox.js';

/** The app of the test that runs, and its calls; another one for each. */
export let app: INestApplicationContext;
export let axiosRef: DokStampHttpService['axiosRef'];

/** Boots the module of a recipe while time stands; a first call has fetched its token. For `beforeEach`. */
export async function setUpRecipe(module: Parameters<typeof bootModule>[0]): Promise<void> {
  await setUp();
  environmentOf(sandbox);
  app = await bootModule(module);
  ({ axiosRef } = app.get(DokStampHttpService));
  await letGoOn(axiosRef.get('/auth/me'));
}

/** For `afterEach`. */
export async function tearDownRecipe(): Promise<void> {
  await app.close();
  vi.unstubAllEnvs();
  await tearDown();
}
