import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DokStampHttpService, DokStampModule, dokStampConfig } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { type View, inspectionOf, leaksIn } from '../../support/leaks.js';
import {
  SECRET,
  account,
  environment,
  send,
  server,
  setUp,
  tearDown,
} from '../../support/registration.js';
import { tokensSeen } from '../../support/stub-account.js';

beforeEach(setUp);
afterEach(tearDown);

/** Each provider of our modules, with all that can be reached from it. */
function sightsOf(app: INestApplicationContext): View[] {
  return [...app.get(ModulesContainer).values()]
    .filter(({ metatype }) => metatype.name.startsWith('DokStamp'))
    .flatMap(({ providers }) => [...providers.values()])
    .filter(({ token }) => token !== ModuleRef)
    .map(({ name, instance }) => [`provider ${String(name)}`, inspectionOf(instance)]);
}

describe("the app's container", () => {
  it.each<[string, () => DynamicModule]>([
    ['forRoot', () => DokStampModule.forRoot(account())],
    ['forRootAsync', () => DokStampModule.forRootAsync({ useFactory: () => account() })],
    ['the environment', () => DokStampModule.forRootAsync()],
  ])('shows neither the secret nor a token of an account of %s', async (_, register) => {
    environment();
    const registration = register();
    await using app = await boot({ imports: [registration] });
    const http = app.get(DokStampHttpService);
    await send(http);
    const sights = sightsOf(app);
    expect(sights.map(([what]) => what)).toEqual(
      expect.arrayContaining(['provider TokenService', 'provider DokStampHttpService']),
    );
    // Nest keeps the dynamic module too.
    sights.push(['registration', inspectionOf(registration)]);
    sights.push(['axiosRef', inspectionOf(http.axiosRef)]);
    expect(sights.at(-1)?.[1]).toContain(server.url);
    const [token = ''] = tokensSeen(server);
    expect(leaksIn(sights, [SECRET, token])).toEqual([]);
  });

  it('shows the namespace of the environment without the secret', async () => {
    environment();
    const imports = [ConfigModule.forFeature(dokStampConfig), DokStampModule.forRootAsync()];
    await using app = await boot({ imports });
    const config = app.get(ConfigService);
    expect(config.get('dokstamp.clientId')).toBe('client-env');
    for (const kept of [config, app.get<unknown>(dokStampConfig.KEY)]) {
      expect(inspectionOf(kept)).not.toContain(SECRET);
    }
  });
});
