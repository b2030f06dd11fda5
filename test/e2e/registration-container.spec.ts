import { inspect } from 'node:util';
import type { DynamicModule } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { ModulesContainer } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MODULE_OPTIONS_TOKEN } from '../../lib/dokstamp.module-definition.js';
import {
  DokStampHttpService,
  DokStampModule,
  TokenService,
  dokStampConfig,
} from '../../lib/index.js';
import { boot } from '../support/app.js';
import {
  SECRET,
  account,
  environment,
  send,
  server,
  setUp,
  tearDown,
} from '../support/registration.js';

beforeEach(setUp);
afterEach(tearDown);

describe("the app's container", () => {
  const spellings = [
    SECRET,
    encodeURIComponent(SECRET),
    new URLSearchParams({ s: SECRET }).toString().slice(2),
    Buffer.from(SECRET).toString('base64').slice(0, -2),
    'client-1/1',
    'client-env/1',
  ];

  it.each<[string, () => DynamicModule]>([
    ['forRoot', () => DokStampModule.forRoot(account())],
    ['forRootAsync', () => DokStampModule.forRootAsync({ useFactory: () => account() })],
    ['the environment', () => DokStampModule.forRootAsync()],
  ])('holds neither secret nor token in sight, registered by %s', async (_, register) => {
    environment();
    await using app = await boot({ imports: [register()] });
    await send(app.get(DokStampHttpService));
    const { axiosRef } = app.get(DokStampHttpService);
    const kept = [MODULE_OPTIONS_TOKEN, TokenService, DokStampHttpService].map((token) =>
      app.get<unknown>(token),
    );
    for (const part of [...kept, axiosRef]) {
      const printed = inspect(part, { depth: null, showHidden: true });
      if (part === kept[0] || part === axiosRef) expect(printed).toContain(server.url);
      for (const spelling of spellings) expect(printed).not.toContain(spelling);
    }
  });

  it('holds neither in sight in any of its modules', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    await send(app.get(DokStampHttpService));
    const printed = inspect(app.get(ModulesContainer), { depth: null, showHidden: true });
    expect(printed).toContain(server.url);
    for (const spelling of spellings) expect(printed).not.toContain(spelling);
  });

  it('holds the namespace of the environment without the secret in sight', async () => {
    environment();
    const imports = [ConfigModule.forFeature(dokStampConfig), DokStampModule.forRootAsync()];
    await using app = await boot({ imports });
    const config = app.get(ConfigService);
    expect(config.get('dokstamp.clientId')).toBe('client-env');
    for (const kept of [config, app.get<unknown>(dokStampConfig.KEY)]) {
      expect(inspect(kept, { depth: null, showHidden: true })).not.toContain(SECRET);
    }
  });
});
