import { describe, expect, it } from 'vitest';
import * as accounts from '../../../lib/accounts/index.js';
import * as main from '../../../lib/index.js';
import * as opentelemetry from '../../../lib/opentelemetry/index.js';
import * as redis from '../../../lib/redis/index.js';
import * as terminus from '../../../lib/terminus/index.js';
import * as testing from '../../../lib/testing/index.js';

describe('the names that an entry point exports at run time', () => {
  it.each([
    [
      'nestjs-dokstamp',
      main,
      [
        'DokStampConfigError',
        'DokStampError',
        'DokStampExceptionFilter',
        'DokStampHttpService',
        'DokStampModule',
        'InjectDokStampHttp',
        'InjectTokenService',
        'TokenService',
        'dokStampConfig',
        'getDokStampHttpToken',
        'getTokenServiceToken',
        'isDokStampError',
      ],
    ],
    ['nestjs-dokstamp/testing', testing, ['DokStampSandbox', 'describeTokenStore']],
    ['nestjs-dokstamp/redis', redis, ['RedisTokenStore']],
    ['nestjs-dokstamp/accounts', accounts, ['DokStampAccounts', 'DokStampAccountsModule']],
    ['nestjs-dokstamp/terminus', terminus, ['DokStampHealthIndicator']],
    ['nestjs-dokstamp/opentelemetry', opentelemetry, ['DokStampTelemetryModule']],
  ])('are those of the contract: %s', (_, entryPoint, names) => {
    expect(Object.keys(entryPoint).toSorted()).toEqual(names);
  });
});
