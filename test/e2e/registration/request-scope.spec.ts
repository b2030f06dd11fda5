import { type FactoryProvider, Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DokStampAccounts,
  DokStampAccountsModule,
  type DokStampAccountsOptions,
  type DokStampAccountsOptionsFactory,
} from '../../../lib/accounts/index.js';
import {
  type DokStampAsyncOptions,
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  type DokStampOptionsFactory,
  TokenService,
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { faultsOf } from '../../support/faults.js';
import { account, setUp, tearDown, tokenRequests } from '../../support/registration.js';

beforeEach(setUp);
afterEach(tearDown);

const atOnce = () => account({ startup: 'background' });

@Injectable({ scope: Scope.REQUEST })
class PerRequest implements DokStampOptionsFactory, DokStampAccountsOptionsFactory {
  createDokStampOptions(): DokStampOptions {
    return atOnce();
  }

  createDokStampAccountsOptions(): DokStampAccountsOptions {
    return { resolve: atOnce };
  }
}

/** Of default scope itself: it depends on the request through two other providers. */
@Injectable()
class AtTheEndOfAChain extends PerRequest {
  constructor(@Inject('middle') readonly middle: unknown) {
    super();
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class PerConsumer extends PerRequest {}

const chain: FactoryProvider[] = [
  { provide: 'first', inject: [REQUEST], useFactory: (request: object) => ({ request }) },
  { provide: 'middle', inject: ['first'], useFactory: (first: object) => ({ first }) },
];

@Module({
  providers: [PerRequest, AtTheEndOfAChain, PerConsumer, ...chain],
  exports: [PerRequest, AtTheEndOfAChain, PerConsumer, 'middle'],
})
class HostModule {}

const FAULT = expect.stringMatching(
  /^The options of DokStamp\w* depend on a request-scoped provider.*\. Use a tenant function .*DokStampAccountsModule/,
);

const imports = [HostModule];

describe('options of DokStampModule that depend on a request-scoped provider', () => {
  const SOURCES: [string, DokStampAsyncOptions][] = [
    ['inject: [REQUEST]', { inject: [REQUEST], useFactory: atOnce }],
    ['a chain of providers', { imports, inject: ['middle'], useFactory: atOnce }],
    ['a request-scoped useClass', { useClass: PerRequest }],
    ['a request-scoped useExisting', { imports, useExisting: PerRequest }],
    ['useExisting with a chain of providers', { imports, useExisting: AtTheEndOfAChain }],
  ];

  it.each(SOURCES)('stop the boot without a token request: %s', async (_, source) => {
    expect(await faultsOf(DokStampModule.forRootAsync(source))).toEqual([FAULT]);
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    expect(tokenRequests()).toBe(0);
  });

  it('stop the boot though another account and a consumer are fine', async () => {
    @Injectable()
    class Consumer {
      constructor(@Inject(DokStampHttpService) readonly http: DokStampHttpService) {}
    }
    const europe = DokStampModule.forRootAsync({
      name: 'eu',
      inject: [REQUEST],
      useFactory: atOnce,
    });
    const others = [
      DokStampModule.forRoot(account()),
      DokStampModule.forRoot({ name: 'us', ...account() }),
    ];
    @Module({ imports: [others[0] ?? HostModule], providers: [Consumer] })
    class ConsumerModule {}
    for (const modules of [
      [europe, ...others, ConsumerModule],
      [...others, ConsumerModule, europe],
    ]) {
      expect(await faultsOf(...modules)).toEqual([FAULT]);
    }
  });

  it('are named by the account', async () => {
    const source = { name: 'eu', inject: [REQUEST], useFactory: atOnce };
    await expect(boot({ imports: [DokStampModule.forRootAsync(source)] })).rejects.toMatchObject({
      message: expect.stringContaining('account "eu"'),
    });
  });
});

describe('options of DokStampAccountsModule that depend on a request-scoped provider', () => {
  const useFactory = () => ({ resolve: atOnce });

  it.each([
    ['inject: [REQUEST]', { inject: [REQUEST], useFactory }],
    ['a chain of providers', { imports, inject: ['middle'], useFactory }],
    ['a request-scoped useClass', { useClass: PerRequest }],
    ['a request-scoped useExisting', { imports, useExisting: PerRequest }],
  ])('stop the boot: %s', async (_, source) => {
    expect(await faultsOf(DokStampAccountsModule.forRootAsync(source))).toEqual([FAULT]);
    expect(tokenRequests()).toBe(0);
  });
});

describe('options of a transient provider', () => {
  it('make one account for all', async () => {
    await using app = await boot({
      imports: [
        DokStampModule.forRootAsync({ imports, useExisting: PerConsumer }),
        DokStampAccountsModule.forRootAsync({ useClass: PerConsumer }),
      ],
    });
    expect(await app.get(TokenService).getToken()).toBe('client-1/1');
    expect(app.get(DokStampAccounts).size).toBe(0);
  });
});
