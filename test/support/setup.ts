import { Logger } from '@nestjs/common';
import { afterEach, vi } from 'vitest';

// Test files of one worker share their modules, so each test leaves time and log as it found them.
Logger.overrideLogger(false);

afterEach(() => {
  vi.useRealTimers();
  Logger.overrideLogger(false);
});
