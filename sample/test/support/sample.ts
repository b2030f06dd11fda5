import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DokStampSandbox } from '../../../lib/testing/index.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Starts the built sample on a free port, with no account but what `env` gives. */
export function start(args: string[], env: Record<string, string> = {}) {
  const outside = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('DOKSTAMP_') && name !== 'REDIS_URL',
  );
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...Object.fromEntries(outside), PORT: '0', ...env },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line.replace('registrar: ', '')));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    lines,
    errors,
  }));
  const listening = new Promise<string>((resolve) => {
    reader.on(
      'line',
      (line) => line.includes('listening on') && resolve(line.replace(/.*listening on /, '')),
    );
  });
  return { child, ended, listening };
}

/** The environment of an account at a DokStamp outside of the sample. */
export function accountAt(
  { url, credentials, tenant }: DokStampSandbox,
  secret = credentials.clientSecret,
) {
  return {
    DOKSTAMP_BASE_URL: url,
    DOKSTAMP_CLIENT_ID: credentials.clientId,
    DOKSTAMP_CLIENT_SECRET: secret,
    DOKSTAMP_TENANT: tenant,
  };
}
