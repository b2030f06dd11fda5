import { type DynamicModule, Injectable, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DokStampConfigError,
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  TokenService,
  dokStampConfig,
  getDokStampHttpToken,
} from '../../lib/index.js';
import { boot } from '../support/app.js';
import {
  Factory,
  FactoryModule,
  account,
  environment,
  europe,
  send,
  server,
  setUp,
  tearDown,
} from '../support/registration.js';
import { apiRequests, rejectionOf, tokensSeen } from '../support/requests.js';

beforeEach(setUp);
afterEach(tearDown);

/** What a dynamic module makes of one call: the token and the tenant that were sent. */
async function sentBy(registration: DynamicModule, name?: string) {
  await using app = await boot({ imports: [registration] });
  await send(app.get<DokStampHttpService>(getDokStampHttpToken(name)));
  return {
    token: tokensSeen(server).at(-1),
    tenant: apiRequests(server).at(-1)?.headers['x-tenant'],
  };
}

describe('an account is registered', () => {
  it('by forRoot with options', async () => {
    const sent = await sentBy(DokStampModule.forRoot(account()));
    expect(sent).toEqual({ token: 'client-1/1', tenant: 'my-university' });
  });

  it('by forRootAsync with a factory that takes what it injects from its imports', async () => {
    const registration = DokStampModule.forRootAsync({
      imports: [FactoryModule],
      inject: [Factory],
      useFactory: async (factory: Factory) => factory.createDokStampOptions(),
    });
    expect(await sentBy(registration)).toMatchObject({ token: 'client-class/1' });
  });

  it('by forRootAsync with a class', async () => {
    const registration = DokStampModule.forRootAsync({ useClass: Factory });
    expect(await sentBy(registration)).toMatchObject({ token: 'client-class/1' });
  });

  it('by forRootAsync with an existing provider', async () => {
    const registration = DokStampModule.forRootAsync({
      imports: [FactoryModule],
      useExisting: Factory,
    });
    expect(await sentBy(registration)).toMatchObject({ token: 'client-class/1' });
  });

  it.each<[string, () => DynamicModule]>([
    [
      'the namespace dokStampConfig as a provider',
      () => DokStampModule.forRootAsync(dokStampConfig.asProvider()),
    ],
    ['no argument', () => DokStampModule.forRootAsync()],
    ['no factory or class', () => DokStampModule.forRootAsync({ isGlobal: true })],
  ])('by forRootAsync with %s, from the environment', async (_, register) => {
    environment();
    const sent = await sentBy(register());
    expect(sent).toEqual({ token: 'client-env/1', tenant: 'env-university' });
  });

  it.each<[string, () => DynamicModule]>([
    [
      'by its provider',
      () => DokStampModule.forRootAsync({ ...dokStampConfig.asProvider(), name: 'eu' }),
    ],
    ['without a factory or class', () => DokStampModule.forRootAsync({ name: 'eu' })],
  ])('from the environment under a name, %s', async (_, register) => {
    environment();
    expect(await sentBy(register(), 'eu')).toMatchObject({ token: 'client-env/1' });
  });

  it('from the environment, beside what it imports', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({ imports: [FactoryModule] });
    await using app = await boot({ imports: [registration] });
    expect(app.get(Factory)).toBeInstanceOf(Factory);
    expect(app.get(TokenService)).toBeInstanceOf(TokenService);
  });

  it('not from the environment where a class is undefined, as in a circular import', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({ useClass: undefined });
    await expect(boot({ imports: [registration] })).rejects.toThrow(/resolve dependencies/);
  });

  it('from the namespace that the app has loaded and added to', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({
      imports: [ConfigModule.forFeature(dokStampConfig)],
      inject: [dokStampConfig.KEY],
      useFactory: (namespace: DokStampOptions) => ({ ...namespace, tenant: 'another' }),
    });
    expect(await sentBy(registration)).toEqual({ token: 'client-env/1', tenant: 'another' });
  });
});

describe('wrong options stop the boot', () => {
  it.each<[string, (options: DokStampOptions) => DynamicModule]>([
    ['forRoot', (options) => DokStampModule.forRoot(options)],
    ['forRootAsync', (options) => DokStampModule.forRootAsync({ useFactory: () => options })],
  ])('of %s, with one DokStampConfigError that lists every fault', async (_, register) => {
    const wrong = account({ clientSecret: ' ', tenant: '', tokenTimeout: 0 });
    const error = await rejectionOf(boot({ imports: [register(wrong)] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect((error as DokStampConfigError).faults).toEqual([
      expect.stringContaining('clientSecret'),
      expect.stringContaining('tenant'),
      expect.stringContaining('tokenTimeout'),
    ]);
    expect(server.seen).toEqual([]);
  });

  it('of the environment, naming its variables', async () => {
    environment({ DOKSTAMP_CLIENT_ID: '', DOKSTAMP_STARTUP: 'soon' });
    const error = await rejectionOf(boot({ imports: [DokStampModule.forRootAsync()] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect(error.message).toMatch(/DOKSTAMP_CLIENT_ID/);
    expect(error.message).toMatch(/DOKSTAMP_STARTUP/);
  });

  it('of a named account, naming it', async () => {
    const registration = DokStampModule.forRoot(europe({ clientSecret: '' }));
    expect((await rejectionOf(boot({ imports: [registration] }))).message).toContain('"eu"');
  });

  it('of a factory that returns nothing', async () => {
    const useFactory = (() => undefined) as unknown as () => DokStampOptions;
    const registration = DokStampModule.forRootAsync({ useFactory });
    expect(await rejectionOf(boot({ imports: [registration] }))).toMatchObject({
      faults: [expect.stringContaining('no options were given')],
    });
  });

  it.each([undefined, null])('of forRoot that is given %s', async (nothing) => {
    const registration = DokStampModule.forRoot(nothing as unknown as DokStampOptions);
    const error = await rejectionOf(boot({ imports: [registration] }));
    expect(error).toBeInstanceOf(DokStampConfigError);
    expect((error as DokStampConfigError).faults).toEqual([
      expect.stringMatching(/^no options were given: pass .*forRootAsync\(\)/),
    ]);
  });
});

@Injectable()
class Consumer {
  constructor(
    readonly http: DokStampHttpService,
    readonly tokens: TokenService,
  ) {}
}

@Module({ providers: [Consumer], exports: [Consumer] })
class ConsumerModule {}

describe('isGlobal', () => {
  it.each<[string, () => DynamicModule]>([
    ['forRoot', () => DokStampModule.forRoot({ ...account(), isGlobal: true })],
    ['forRootAsync', () => DokStampModule.forRootAsync({ useClass: Factory, isGlobal: true })],
    ['the environment', () => DokStampModule.forRootAsync({ isGlobal: true })],
  ])('lets every module inject the account of %s', async (_, register) => {
    environment();
    await using app = await boot({ imports: [register(), ConsumerModule] });
    const consumer = app.get(Consumer);
    expect(consumer.http).toBe(app.get(DokStampHttpService));
    expect(consumer.tokens).toBe(app.get(TokenService));
  });

  it('is off unless it is asked for', async () => {
    const imports = [DokStampModule.forRoot(account()), ConsumerModule];
    await expect(boot({ imports })).rejects.toThrow(/resolve dependencies of the Consumer/);
  });
});
