import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { NewNestApp } from './nest-add.app.js';
import { REPOSITORY } from './support/tarball.js';

let app: NewNestApp;

beforeEach(async () => {
  app = await NewNestApp.create();
});

describe('nest add, in a new app', () => {
  it.each(['esm', 'cjs'] as const)('of Nest 12 (%s) adds the modules', async (type) => {
    app = await NewNestApp.create(type);
    await app.add();
    const extension = type === 'esm' ? '.js' : '';
    expect(app.rootModule).toBe(`import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { DokStampModule } from 'nestjs-dokstamp';
import { AppController } from './app.controller${extension}';
import { AppService } from './app.service${extension}';

@Module({
  imports: [
    ConfigModule.forRoot(),
    DokStampModule.forRootAsync({ isGlobal: true }),
  ],
  controllers: [AppController],
  providers: [AppService],
})
export class AppModule {}
`);
  });

  it('of Nest 12 adds the peers of Nest 12, and has them installed', async () => {
    const before = app.manifest;
    await app.add();
    expect(app.manifest).toEqual({
      ...before,
      dependencies: { ...before.dependencies, ...peers('^12', '^12', '^12') },
    });
    expect(Object.keys(app.manifest.dependencies)).toEqual(
      Object.keys(app.manifest.dependencies).toSorted(),
    );
    expect(app.tasks).toMatchObject([{ name: 'node-package', options: { command: 'install' } }]);
  });

  it('of Nest 11 adds the peers of Nest 11', async () => {
    app = await NewNestApp.createNest11();
    await app.add();
    expect(app.manifest.dependencies).toMatchObject(peers('^4', '^4', '^6'));
  });

  it('goes by the Nest that is installed where the manifest names none', async () => {
    app.tree.overwrite('package.json', '{ "dependencies": { "@nestjs/core": "catalog:" } }\n');
    app.tree.create('node_modules/@nestjs/core/package.json', '{ "version": "11.1.9" }');
    await app.add();
    expect(app.manifest.dependencies).toMatchObject(peers('^4', '^4', '^6'));
  });

  it('changes nothing when it is run again', async () => {
    await app.add();
    const files = app.files;
    await app.add();
    expect(app.files).toEqual(files);
    expect(app.tasks).toEqual([]);
  });
});

describe('package.json', () => {
  it('keeps the versions that the app asks for', async () => {
    const dependencies = { '@nestjs/config': '~4.0.2', '@nestjs/core': '^11.0.1' };
    const devDependencies = { axios: '1.18.0', vitest: '^4.0.0' };
    app.tree.overwrite('package.json', JSON.stringify({ dependencies, devDependencies }, null, 4));
    await app.add();
    expect(app.tree.readText('package.json')).toBe(
      JSON.stringify(
        {
          dependencies: {
            '@nestjs/axios': '^4',
            '@nestjs/config': '~4.0.2',
            '@nestjs/core': '^11.0.1',
            '@nestjs/schedule': '^6',
            axios: '1.18.0',
          },
          devDependencies: { vitest: '^4.0.0' },
        },
        null,
        4,
      ),
    );
  });

  it('may be missing', async () => {
    app.tree.delete('package.json');
    await app.add();
    expect(app.said).toContain('There is no package.json here');
    expect(app.tasks).toEqual([]);
  });
});

describe('.env.example', () => {
  it('names each variable that the module reads', async () => {
    await app.add();
    const source = await readFile(join(REPOSITORY, 'lib/options/dokstamp.config.ts'), 'utf8');
    const read = new Set(source.match(/DOKSTAMP_[A-Z_]+/g));
    const named = app.tree.readText('.env.example').match(/DOKSTAMP_[A-Z_]+(?==)/g);
    expect(named?.toSorted()).toEqual([...read].toSorted());
  });

  it('keeps what it says already, and gets the variables that it lacks', async () => {
    app.tree.create('.env.example', 'PORT=3000\n# DOKSTAMP_TENANT=uni\n');
    await app.add();
    expect(app.tree.readText('.env.example')).toMatch(
      /^PORT=3000\n# DOKSTAMP_TENANT=uni\n\n# DokStamp.*\nDOKSTAMP_CLIENT_ID=\n/,
    );
    expect(app.tree.readText('.env.example').match(/DOKSTAMP_TENANT/g)).toHaveLength(1);
  });
});

function peers(axios: string, config: string, schedule: string) {
  return {
    '@nestjs/axios': axios,
    '@nestjs/config': config,
    '@nestjs/schedule': schedule,
    axios: '^1',
  };
}
