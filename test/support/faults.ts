import type { ModuleMetadata } from '@nestjs/common';
import { expect } from 'vitest';
import type { DokStampConfigError } from '../../lib/index.js';
import { boot } from './app.js';
import { rejectionOf } from './stub-account.js';

/** The faults in the one error that stops the boot of an app with these modules. */
export async function faultsOf(
  ...imports: NonNullable<ModuleMetadata['imports']>
): Promise<readonly string[]> {
  const error = await rejectionOf<DokStampConfigError>(boot({ imports }));
  expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
  return error.faults;
}
