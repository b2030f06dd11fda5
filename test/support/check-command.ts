import { expect } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { runCommand } from './command-line.js';

/** What one step of `check` reports. */
export interface CheckStep {
  readonly status: string;
  readonly message: string;
  readonly next?: string;
}

/** The result of `check --json`. */
export interface CheckReport {
  readonly code: number | null;
  readonly steps: Readonly<Record<string, CheckStep | undefined>>;
}

/** The sandbox of the current test. */
export let sandbox: DokStampSandbox;

/** Before each test. */
export async function setUp(): Promise<void> {
  sandbox = await DokStampSandbox.start();
}

/** After each test. */
export function tearDown(): Promise<void> {
  return sandbox.stop();
}

/** The environment of an app whose DokStamp is this sandbox. */
export function environmentFor(
  { url, credentials, tenant }: DokStampSandbox,
  changes: Record<string, string> = {},
): Record<string, string> {
  return {
    DOKSTAMP_BASE_URL: url,
    DOKSTAMP_CLIENT_ID: credentials.clientId,
    DOKSTAMP_CLIENT_SECRET: credentials.clientSecret,
    DOKSTAMP_TENANT: tenant,
    ...changes,
  };
}

/** The environment of an app whose DokStamp is the sandbox of the current test. */
export function environment(changes?: Record<string, string>): Record<string, string> {
  return environmentFor(sandbox, changes);
}

/** Runs `check --json`. Its output must contain neither the secret nor a token. */
export async function check(env: Record<string, string>): Promise<CheckReport> {
  const { code, stdout, stderr } = await runCommand(['check', '--json'], env);
  const sent = sandbox.requests.flatMap(({ headers }) => headers['authorization'] ?? []);
  const tokens = sent.map((header) => header.replace('Bearer ', ''));
  for (const secret of [env['DOKSTAMP_CLIENT_SECRET'], ...tokens]) {
    if (secret) expect(stdout + stderr).not.toContain(secret);
  }
  const report = JSON.parse(stdout) as { ok: boolean; steps: (CheckStep & { step: string })[] };
  expect({ stderr, ok: report.ok }).toEqual({ stderr: '', ok: code === 0 });
  return { code, steps: Object.fromEntries(report.steps.map(({ step, ...rest }) => [step, rest])) };
}
