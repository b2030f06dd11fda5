import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { run } from './support/command.js';
import { pack } from './support/tarball.js';

const NPM_INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
const NEST_NEW = ['new', 'app', '--skip-install', '--skip-git', '--package-manager', 'npm'];

/** The major versions of our peer dependencies that an app must have. */
const APPS = [
  { nest: 11, axios: 4, config: 4, schedule: 6 },
  { nest: 12, axios: 12, config: 12, schedule: 12 },
] as const;

describe.each(APPS)('nest add in a new app of Nest $nest', ({ nest, ...peers }) => {
  let folder: string;
  let app: string;
  let sandbox: DokStampSandbox;
  let added: string;

  // Like `nest add nestjs-dokstamp`, with the tarball in place of the package of the registry.
  const nestAdd = () => run(app, 'npx', 'nest', 'add', 'nestjs-dokstamp', '--skip-install');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dokstamp-nest-add-'));
    app = join(folder, 'app');
    await run(folder, 'npx', '--yes', `@nestjs/cli@${nest}`, ...NEST_NEW);
    const tarball = await pack();
    await run(app, 'npm', ...NPM_INSTALL, tarball.path);
    added = await nestAdd();
    await rm(dirname(tarball.path), { recursive: true });
    sandbox = await DokStampSandbox.start();
    await writeFile(join(app, '.env'), filledIn(await readFile(join(app, '.env.example'), 'utf8')));
  });

  afterAll(async () => {
    await sandbox?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('prints what it changed and what is left to do', () => {
    expect(added).toMatch(/UPDATE.* src\/app\.module\.ts/);
    expect(added).toContain('see .env.example');
  });

  it.each(Object.entries(peers))('installs @nestjs/%s %i', async (name, major) => {
    const path = join(app, 'node_modules/@nestjs', name, 'package.json');
    const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string };
    expect(Number.parseInt(version, 10)).toBe(major);
  });

  it('formats its changes as the formatter of the app does', async () => {
    await run(app, 'npx', 'prettier', '--check', 'src', 'package.json');
  });

  it("leaves the app's own tests passing", async () => {
    await run(app, 'npm', 'test');
    await run(app, 'npm', 'run', 'test:e2e');
  });

  it('makes an app that requests a token at boot with its .env', async () => {
    await run(app, 'npm', 'run', 'build');
    sandbox.reset();
    const main = spawn(process.execPath, ['dist/main.js'], {
      cwd: app,
      env: { PATH: process.env.PATH, PORT: '0' },
      stdio: 'ignore',
    });
    try {
      await vi.waitFor(() => expect(sandbox.requests).toHaveLength(1), { timeout: 30_000 });
    } finally {
      main.kill();
    }
    expect(sandbox.requests[0]).toMatchObject({ method: 'POST', path: '/oauth/token' });
  });

  it('changes nothing when it runs again', async () => {
    expect(await nestAdd()).toContain('Nothing to be done');
  });

  /** The example with the values of the sandbox. */
  function filledIn(example: string): string {
    const { clientId, clientSecret } = sandbox.credentials;
    return example
      .replace('DOKSTAMP_CLIENT_ID=\n', `DOKSTAMP_CLIENT_ID=${clientId}\n`)
      .replace('DOKSTAMP_CLIENT_SECRET=\n', `DOKSTAMP_CLIENT_SECRET=${clientSecret}\n`)
      .replace('DOKSTAMP_TENANT=\n', `DOKSTAMP_TENANT=${sandbox.tenant}\n`)
      .replace(/# (DOKSTAMP_BASE_URL)=.*/, `$1=${sandbox.url}`);
  }
});
