import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DokStampAccountsModule } from '../../lib/accounts/index.js';
import { type DokStampConfigError, DokStampModule } from '../../lib/index.js';
import { rejectionOf } from '../support/stub-account.js';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const CORE = '@nestjs/core';
const OPTIONS = { clientId: 'client-1', clientSecret: 'secret-1', startup: 'lazy' } as const;

// What the copy of @nestjs/core imports. These are not copied: both copies share them.
const SHARED = ['@nestjs/common', 'rxjs', 'reflect-metadata', 'tslib', 'uid', 'iterare'];
const SHARED_BY_ROUTES = ['fast-safe-stringify', 'path-to-regexp'];

let workspace: string;
let ofWorkspace: string;
let ofPackage: string;

/** A workspace with a copy of its own, as npm leaves it if an app and a package require different versions. */
beforeAll(async () => {
  workspace = await realpath(await mkdtemp(join(tmpdir(), 'dokstamp-workspace-')));
  const installed = join(REPOSITORY, 'node_modules');
  const modules = join(workspace, 'node_modules');
  ofPackage = await realpath(join(installed, CORE));
  ofWorkspace = join(modules, CORE);
  await mkdir(join(modules, '@nestjs'), { recursive: true });
  await cp(ofPackage, ofWorkspace, { recursive: true });
  const manifest = { ...(await manifestOf(ofPackage)), version: '12.99.0' };
  await writeFile(join(ofWorkspace, 'package.json'), JSON.stringify(manifest));
  for (const name of [...SHARED, ...SHARED_BY_ROUTES]) {
    await symlink(join(installed, name), join(modules, name));
  }
  await symlink(REPOSITORY, join(modules, 'nestjs-dokstamp'));
});

afterAll(() => rm(workspace, { recursive: true }));

async function manifestOf(folder: string): Promise<{ version: string }> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
}

/** The error of a boot by the copy of the workspace. */
async function bootThere(registration: DynamicModule): Promise<DokStampConfigError> {
  const other = (await import(pathToFileURL(join(ofWorkspace, 'index.js')).href)) as {
    NestFactory: typeof NestFactory;
  };
  expect(other.NestFactory).not.toBe(NestFactory);
  @Module({ imports: [registration] })
  class AppModule {}
  const options = { logger: false, abortOnError: false } as const;
  return rejectionOf(other.NestFactory.createApplicationContext(AppModule, options));
}

describe('an app that boots by another copy of @nestjs/core', () => {
  it.each([
    ['DokStampModule', () => DokStampModule.forRoot(OPTIONS)],
    ['a named account', () => DokStampModule.forRoot({ ...OPTIONS, name: 'eu' })],
    ['DokStampAccountsModule', () => DokStampAccountsModule.forRoot({ resolve: () => OPTIONS })],
  ])('is stopped with the command that shows the copies: %s', async (_, register) => {
    const error = await bootThere(register());
    expect(error).toMatchObject({ name: 'DokStampConfigError', code: 'config_invalid' });
    expect(error.faults).toEqual([
      'The app and nestjs-dokstamp load two copies of @nestjs/core. ' +
        'Run `npm ls @nestjs/core`, and install one version for both.',
    ]);
  });

  it('is stopped with the version and folder of both copies if they are found', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(workspace);
    const { faults } = await bootThere(DokStampModule.forRoot(OPTIONS));
    const { version } = await manifestOf(ofPackage);
    expect(faults).toEqual([expect.stringContaining(`12.99.0 (${ofWorkspace})`)]);
    expect(faults).toEqual([expect.stringContaining(`${version} (${ofPackage})`)]);
  });
});
