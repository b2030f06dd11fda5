// The package's own rules for renewal, gate, lease and looks. What is built exports none of them, so they are compiled here.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const COMPILED = new URL('../.compiled/', import.meta.url);

const { resolve } = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const options = [
  '-p',
  'tsconfig.esm.json',
  '--outDir',
  fileURLToPath(COMPILED),
  '--declaration',
  'false',
];
execFileSync(process.execPath, [resolve('typescript/bin/tsc'), ...options], { cwd: root });

const compiled = (file) => import(new URL(file, COMPILED).href);

export const { FAILURE_KINDS } = await compiled('errors/failure-kinds.js');
export const { leaseLifetime } = await compiled('shared-token/lease.js');
export const { AHEAD, AWAITED, nextLook } = await compiled('shared-token/look-schedule.js');
export const { gateClosedFor } = await compiled('token/backoff-policy.js');
export const { renewalDueAfter, servedFor } = await compiled('token/renewal-policy.js');
