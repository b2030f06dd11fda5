import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutsideApp } from './support/outside-app.js';
import { NEST_12 } from './support/peers.js';

let app: OutsideApp;

beforeAll(async () => {
  app = await OutsideApp.install({ files: ['telemetry'], dependencies: NEST_12 });
});

afterAll(() => app?.[Symbol.asyncDispose]());

describe.each(['1.9', '1.10'])('DokStampTelemetryModule on @opentelemetry/api %s', (version) => {
  beforeAll(async () => {
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await app.run('npm', 'install', ...quietly, `@opentelemetry/api@${version}`);
  });

  it('is installed with that version', async () => {
    expect(await app.run('npm', 'ls', '@opentelemetry/api')).toContain(`api@${version}.`);
  });

  it.each([
    ['imported', 'run.mjs'],
    ['required', 'run.cjs'],
    ['imported and required in one app', 'run-both.mjs'],
  ])('records each measurement once when it is %s', async (_, script) => {
    expect(JSON.parse(await app.run(process.execPath, script))).toEqual({
      'dokstamp.token.request.duration': 2,
      'dokstamp.token.wait.duration': 2,
      'dokstamp.token.refused': 1,
      'dokstamp.request.replays': 1,
      'dokstamp.token.time_to_expiry': 1,
      'dokstamp.token.blocked': 1,
      spans: 2,
    });
  });
});
