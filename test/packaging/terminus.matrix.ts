import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutsideApp } from './support/outside-app.js';
import { NEST_11, NEST_12 } from './support/peers.js';

describe.each([
  ['11', [...NEST_11, '@nestjs/platform-express@11', '@nestjs/terminus@11'], 'up'],
  ['12', [...NEST_12, '@nestjs/platform-express@12', '@nestjs/terminus@12'], 'degraded'],
] as const)('DokStampHealthIndicator on terminus %s', (_, dependencies, degraded) => {
  let app: OutsideApp;

  beforeAll(async () => {
    app = await OutsideApp.install({ files: ['health'], dependencies });
  });

  afterAll(() => app?.[Symbol.asyncDispose]());

  it('is up with a valid token, degraded while its renewal fails, and down without one', async () => {
    const rateLimited = { code: 'token_rate_limited' };
    expect(JSON.parse(await app.run(process.execPath, 'main.cjs'))).toEqual([
      { http: 200, status: 'up', state: 'valid' },
      {
        http: 200,
        status: degraded,
        state: 'valid',
        ...rateLimited,
        ...(degraded === 'up' && { degraded: true }),
      },
      { http: 503, status: 'down', state: 'blocked', ...rateLimited },
    ]);
  });

  it('is installed with the command nestjs-dokstamp', async () => {
    expect(await app.run('npx', 'nestjs-dokstamp', '--help')).toContain('check');
  });
});
