import { Logger } from '@nestjs/common';

type Level = 'debug' | 'log' | 'warn' | 'error';

/** Nest's `Logger` with the context `DokStamp`. The host's logger may throw: no caller of the library is affected. */
export class HostLogger {
  readonly #logger = new Logger('DokStamp');

  write(level: Level, text: string): void {
    try {
      this.#logger[level](text);
    } catch {
      // There is nowhere else to report it.
    }
  }
}
