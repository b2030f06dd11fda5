import { Logger } from '@nestjs/common';
import { vi } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { stopTime } from './token-harness.js';

/** The sandbox of the test that runs; another one for each. */
export let sandbox: DokStampSandbox;

/** A sandbox, while time stands: `beforeEach(setUp)`. */
export async function setUp(): Promise<void> {
  sandbox = await DokStampSandbox.start();
  stopTime();
}

/** Lets time and the log go on as ever: `afterEach(tearDown)`. */
export async function tearDown(): Promise<void> {
  vi.restoreAllMocks();
  vi.useRealTimers();
  Logger.overrideLogger(false);
  await sandbox.stop();
}
