import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConsoleLogger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PrintedFile } from './printed-files.js';
import { ROOT } from './repository.js';

const GLOBALS = { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi };

/**
 * Registers the tests that a page prints with the running Vitest. The files stand in a folder outside the repository, see
 * what the repository has installed, and use the settings that `nest new` makes for Vitest.
 */
export function describePrintedTests(files: readonly PrintedFile[]): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dokstamp-printed-')));
  const compilerOptions = { experimentalDecorators: true, emitDecoratorMetadata: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  symlinkSync(`${ROOT}node_modules`, join(folder, 'node_modules'));
  for (const { name, code } of files) writeFileSync(join(folder, name), code);

  // `nest new` makes these global. Test files of one worker share a global object, so they are removed at the end.
  Object.assign(globalThis, GLOBALS);
  afterAll(() => {
    for (const name of Object.keys(GLOBALS)) Reflect.deleteProperty(globalThis, name);
    rmSync(folder, { recursive: true });
  });

  // The testing module of Nest logs errors.
  beforeEach(() => {
    vi.spyOn(ConsoleLogger.prototype, 'error').mockReturnValue();
  });

  const specs = files.map(({ name }) => name).filter((name) => name.endsWith('.spec.ts'));
  describe.each(specs)('%s', async (name) => {
    await import(join(folder, name));
  });
}
