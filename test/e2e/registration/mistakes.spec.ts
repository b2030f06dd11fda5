import {
  type DynamicModule,
  Inject,
  Injectable,
  type InjectionToken,
  Module,
  type ModuleMetadata,
} from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import * as copy from '../../../lib/index.js';
import {
  type DokStampConfigError,
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  TokenService,
  getDokStampHttpToken,
  getTokenServiceToken,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { rejectionOf } from '../../support/stub-account.js';

const OPTIONS: DokStampOptions = {
  clientId: 'client-1',
  clientSecret: 'secret-1',
  tenant: 'my-university',
  startup: 'lazy',
};

/** A module with a provider that injects this. */
function consumerOf(token: InjectionToken, metadata: ModuleMetadata = {}) {
  @Injectable()
  class Consumer {
    constructor(@Inject(token) readonly injected: unknown) {}
  }
  @Module({ ...metadata, providers: [Consumer] })
  class ConsumerModule {}
  return ConsumerModule;
}

/** The faults of the error that stops the boot. */
async function faultsOf(...imports: NonNullable<ModuleMetadata['imports']>) {
  const error = await rejectionOf<DokStampConfigError>(boot({ imports }));
  expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
  return error.faults;
}

describe('DokStampModule imported as a bare class', () => {
  const ADVICE = [
    expect.stringMatching(/bare class.*forRoot\(.*forRootAsync\(.*feature module.*isGlobal: true/),
  ];
  const registered = (name?: string) =>
    DokStampModule.forRoot({ ...OPTIONS, ...(name ? { name } : {}) });

  it('stops the boot, with what to import', async () => {
    expect(await faultsOf(DokStampModule)).toEqual(ADVICE);
  });

  it.each<[string, InjectionToken]>([
    ['DokStampHttpService', DokStampHttpService],
    ['TokenService', TokenService],
    ['the HTTP service of a name', getDokStampHttpToken('eu')],
    ['the token service of a name', getTokenServiceToken('eu')],
  ])('is the reported fault if a provider injects %s', async (_, token) => {
    const Feature = consumerOf(token, { imports: [DokStampModule] });
    expect(await faultsOf(Feature)).toEqual(ADVICE);
    expect(await faultsOf(registered(), Feature)).toEqual(ADVICE);
    expect(await faultsOf(Feature, registered('eu'))).toEqual(ADVICE);
  });

  it('is the reported fault if an earlier module misses a dependency', async () => {
    expect(await faultsOf(consumerOf('nowhere'), DokStampModule)).toEqual(ADVICE);
  });

  it('stops the boot with a global account, which needs no import', async () => {
    const account = DokStampModule.forRoot({ ...OPTIONS, isGlobal: true });
    expect(
      await faultsOf(account, consumerOf(TokenService, { imports: [DokStampModule] })),
    ).toEqual(ADVICE);
  });

  it('can be exported by a module that registers an account', async () => {
    @Module({ imports: [registered()], exports: [DokStampModule] })
    class SharedModule {}
    const Feature = consumerOf(DokStampHttpService, { imports: [SharedModule] });
    await using app = await boot({ imports: [Feature] });
    expect(app.get(DokStampHttpService)).toBeInstanceOf(DokStampHttpService);
  });
});

describe('an account registered by two copies of this package', () => {
  /** A second copy of the package, as an app with CommonJS and ES modules has. */
  async function otherCopy(): Promise<typeof copy> {
    vi.resetModules();
    const other = await import('../../../lib/index.js');
    expect(other.DokStampModule).not.toBe(DokStampModule);
    return other;
  }

  it.each([undefined, 'eu'])('stops the boot as with one copy (name: %s)', async (name) => {
    const other = await otherCopy();
    const register = (from: Pick<typeof copy, 'DokStampModule'>): DynamicModule =>
      from.DokStampModule.forRoot({ ...OPTIONS, ...(name ? { name } : {}) });
    const once = await faultsOf(register(copy), register(copy));
    expect(once).toEqual([expect.stringContaining('isGlobal')]);
    expect(await faultsOf(register(copy), register(other))).toEqual(once);
    expect(await faultsOf(register(other), register(copy))).toEqual(once);
  });

  it('is allowed with different names', async () => {
    const other = await otherCopy();
    await using app = await boot({
      imports: [
        DokStampModule.forRoot(OPTIONS),
        other.DokStampModule.forRoot({ ...OPTIONS, name: 'eu' }),
      ],
    });
    expect(app.get(getTokenServiceToken('eu'))).toBeInstanceOf(other.TokenService);
  });
});
