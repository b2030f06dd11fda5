import { describe, expect, it, vi } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { type Prometheus, hasPrometheus, startPrometheus } from '../support/prometheus.js';
import { ROOT } from '../support/repository.js';
import { accountAt, start } from '../../sample/test/support/sample.js';

const SOON = { timeout: 30_000, interval: 250 };
// `for: 1m` of the rule, and as long again.
const IN_A_MINUTE = { timeout: 120_000, interval: 500 };

/** The sample at an account, with a call each second. */
async function callingSample(sandbox: DokStampSandbox) {
  const { child, ended, listening } = start(['--real'], accountAt(sandbox));
  const url = new URL(await listening);
  const call = async () => (await fetch(new URL('/certificates', url))).status;
  const calls = setInterval(() => void call().catch(() => {}), 1_000);
  return {
    host: url.host,
    call,
    async [Symbol.asyncDispose]() {
      clearInterval(calls);
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function startWatch(host: string): Promise<Prometheus> {
  const prometheus = await startPrometheus(host, `${ROOT}docs/alerts.yml`);
  await vi.waitFor(async () => {
    expect(await prometheus.query('dokstamp_token_blocked')).toEqual([0]);
  }, SOON);
  expect(await prometheus.alerts()).toEqual({});
  return prometheus;
}

describe.skipIf(!hasPrometheus).concurrent('a Prometheus that scrapes the sample', () => {
  it('fires DokStampTokenBlocked when there has been no token for a minute, and ends it', async () => {
    await using sandbox = await DokStampSandbox.start({ expiresIn: 600 });
    await using sample = await callingSample(sandbox);
    await using prometheus = await startWatch(sample.host);
    sandbox.tokenEndpoint.fail({ status: 503 });
    sandbox.revokeTokens();
    await vi.waitFor(async () => {
      expect(await prometheus.alerts()).toMatchObject({ DokStampTokenBlocked: 'pending' });
    }, SOON);
    await vi.waitFor(async () => {
      expect(await prometheus.alerts()).toMatchObject({
        DokStampTokenBlocked: 'firing',
        DokStampRenewalFailing: 'pending',
      });
    }, IN_A_MINUTE);
    expect(await sample.call()).toBe(503);
    sandbox.tokenEndpoint.restore();
    await vi.waitFor(async () => {
      expect(await prometheus.alerts()).not.toHaveProperty('DokStampTokenBlocked');
    }, IN_A_MINUTE);
    expect(await sample.call()).toBe(200);
  });

  it('fires DokStampCredentialsRefused as soon as the pair is refused', async () => {
    await using sandbox = await DokStampSandbox.start({ expiresIn: 600 });
    await using sample = await callingSample(sandbox);
    await using prometheus = await startWatch(sample.host);
    sandbox.rotateCredentials();
    await vi.waitFor(async () => expect(await sample.call()).toBe(503), SOON);
    await vi.waitFor(async () => {
      expect(await prometheus.alerts()).toMatchObject({ DokStampCredentialsRefused: 'firing' });
    }, SOON);
  });
});
