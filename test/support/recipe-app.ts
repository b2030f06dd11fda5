import type { INestApplicationContext } from '@nestjs/common';
import { DokStampHttpService } from '../../lib/index.js';
import { sandbox, setUp, tearDown } from './frozen-sandbox.js';
import { bootModule, environmentOf } from './recipes.js';
import { settle } from './time.js';

/** The app of the present test, and its HTTP client. */
export let app: INestApplicationContext;
export let axiosRef: DokStampHttpService['axiosRef'];

/** Freezes time, boots the module of a recipe, and makes a first call, which requests the token. For `beforeEach`. */
export async function setUpRecipe(module: Parameters<typeof bootModule>[0]): Promise<void> {
  await setUp();
  environmentOf(sandbox);
  app = await bootModule(module);
  ({ axiosRef } = app.get(DokStampHttpService));
  await settle(axiosRef.get('/auth/me'));
}

/** For `afterEach`. */
export async function tearDownRecipe(): Promise<void> {
  await app.close();
  await tearDown();
}
