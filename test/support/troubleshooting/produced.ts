import { ConsoleLogger, Logger, type ModuleMetadata } from '@nestjs/common';
import { vi } from 'vitest';
import type { DokStampConfigError, DokStampOptions } from '../../../lib/index.js';
import { DokStampModule } from '../../../lib/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { type TestApp, boot, bootAccount, optionsFor } from '../app.js';
import { rejectionOf } from '../requests.js';

/** What was printed for one block of an entry: an error, a text, or several that are all alike. */
export type Produced = Error | string | readonly (Error | string)[];

/** Makes the messages of an entry for real, in the order of its blocks. */
export type Producer = () => Promise<readonly Produced[]>;

/** Producers by the heading of their entry. */
export type Producers = Readonly<Record<string, Producer>>;

/** The error that stops the boot of an app with these modules. */
export function bootError(...imports: NonNullable<ModuleMetadata['imports']>): Promise<Error> {
  return rejectionOf(boot({ imports }));
}

/** What the check of these options says, beside a good pair and tenant. */
export function optionsError(options: object): Promise<DokStampConfigError> {
  const good = { clientId: 'client', clientSecret: 'secret', tenant: 'my-university' };
  return rejectionOf(boot({ imports: [DokStampModule.forRoot({ ...good, ...options })] }));
}

/** Works with an account at a sandbox of its own. */
export async function atSandbox<T>(
  work: (account: TestApp, sandbox: DokStampSandbox) => Promise<T>,
  options: DokStampOptions | ((sandbox: DokStampSandbox) => DokStampOptions) = {},
): Promise<T> {
  await using sandbox = await DokStampSandbox.start();
  const own = typeof options === 'function' ? options(sandbox) : options;
  const { clientId, clientSecret, ...rest } = optionsFor(sandbox);
  const pair = own.credentials ? {} : { clientId, clientSecret };
  await using account = await bootAccount({ ...rest, ...pair, startup: 'lazy', ...own });
  return await work(account, sandbox);
}

/** What `getToken()` rejects with at a token endpoint that was disturbed like this. */
export function tokenError(
  disturb: (sandbox: DokStampSandbox) => unknown,
  options: Parameters<typeof atSandbox>[1] = {},
): Promise<Error> {
  return atSandbox((account, sandbox) => {
    disturb(sandbox);
    return rejectionOf(account.tokens.getToken());
  }, options);
}

/** The log lines that were printed while this was done, without the process id and the time. */
export async function logged(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const write = (text: unknown) => lines.push(String(text).trimEnd()) > 0;
  const streams = [process.stdout, process.stderr];
  const spies = streams.map((each) => vi.spyOn(each, 'write').mockImplementation(write as never));
  Logger.overrideLogger(new ConsoleLogger({ colors: false }));
  try {
    await work();
  } finally {
    Logger.overrideLogger(false);
    spies.forEach((spy) => spy.mockRestore());
  }
  // The stack of an error is written by itself.
  return lines
    .join('\n')
    .split(/^\[Nest\] \d+ {2}- .+? +(?=[A-Z]+ \[)/m)
    .slice(1)
    .map((line) => line.trimEnd());
}
