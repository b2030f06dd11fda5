import { vi } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { freezeTime } from './time.js';

/** The sandbox of the running test. */
export let sandbox: DokStampSandbox;

/** Starts a sandbox and freezes time: `beforeEach(setUp)`. */
export async function setUp(): Promise<void> {
  sandbox = await DokStampSandbox.start();
  freezeTime();
}

/** Stops the sandbox: `afterEach(tearDown)`. */
export async function tearDown(): Promise<void> {
  vi.useRealTimers();
  await sandbox.stop();
}
