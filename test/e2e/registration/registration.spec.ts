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
} from '../../../lib/index.js';
import { boot } from '../../support/app.js';
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
} from '../../support/registration.js';
import { apiRequests, rejectionOf, tokensSeen } from '../../support/stub-account.js';

beforeEach(setUp);
afterEach(tearDown);

/** The token and the tenant of one call through an account. */
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

  it('by forRootAsync with a factory that injects a provider of its imports', async () => {
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

  it('from the environment, with imports', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({ imports: [FactoryModule] });
    await using app = await boot({ imports: [registration] });
    expect(app.get(Factory)).toBeInstanceOf(Factory);
    expect(app.get(TokenService)).toBeInstanceOf(TokenService);
  });

  it('not from the environment if its class is undefined, as in a circular import', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({ useClass: undefined });
    await expect(boot({ imports: [registration] })).rejects.toThrow(/resolve dependencies/);
  });

  it('from the namespace that the app loads and extends', async () => {
    environment();
    const registration = DokStampModule.forRootAsync({
      imports: [ConfigModule.forFeature(dokStampConfig)],
      inject: [dokStampConfig.KEY],
      useFactory: (namespace: DokStampOptions) => ({ ...namespace, tenant: 'another' }),
    });
    expect(await sentBy(registration)).toEqual({ token: 'client-env/1', tenant: 'another' });
  });
});

describe('an account from the environment', () => {
  it.each<[string, DynamicModule['imports']]>([
    ['without ConfigModule.forRoot()', []],
    ['with ConfigModule.forRoot()', [ConfigModule.forRoot({ ignoreEnvFile: true })]],
    [
      'with a global, cached ConfigModule',
      [ConfigModule.forRoot({ ignoreEnvFile: true, isGlobal: true, cache: true })],
    ],
    [
      'with a ConfigModule that loads the namespace',
      [ConfigModule.forRoot({ ignoreEnvFile: true, load: [dokStampConfig] })],
    ],
  ])('can be registered %s', async (_, imports = []) => {
    environment();
    await using app = await boot({ imports: [...imports, DokStampModule.forRootAsync()] });
    await send(app.get(DokStampHttpService));
    expect(tokensSeen(server)).toEqual(['client-env/1']);
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
    // @ts-expect-error a factory has to return options
    const registration = DokStampModule.forRootAsync({ useFactory: () => undefined });
    expect(await rejectionOf(boot({ imports: [registration] }))).toMatchObject({
      faults: [expect.stringContaining('no options were given')],
    });
  });

  it.each([undefined, null])('of forRoot, given %s', async (nothing) => {
    // @ts-expect-error forRoot has to be given options
    const registration = DokStampModule.forRoot(nothing);
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

  it('is false by default', async () => {
    const imports = [DokStampModule.forRoot(account()), ConsumerModule];
    await expect(boot({ imports })).rejects.toThrow(/resolve dependencies of the Consumer/);
  });
});
