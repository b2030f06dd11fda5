import { beforeEach, describe, expect, it } from 'vitest';
import { libFiles, repositoryText } from '../support/repository.js';
import { NewNestApp } from './nest-add.app.js';

let app: NewNestApp;

beforeEach(async () => {
  app = await NewNestApp.create();
});

describe('nest add, in a new app,', () => {
  it.each(['esm', 'cjs'] as const)('adds the modules (Nest 12, %s)', async (type) => {
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

  it('adds the peer dependencies of Nest 12, and installs them', async () => {
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

  it('adds the peer dependencies of Nest 11', async () => {
    app = await NewNestApp.createNest11();
    await app.add();
    expect(app.manifest.dependencies).toMatchObject(peers('^4', '^4', '^6'));
  });

  it('reads the version of the installed Nest if the manifest names none', async () => {
    app.tree.overwrite('package.json', '{ "dependencies": { "@nestjs/core": "catalog:" } }\n');
    app.tree.create('node_modules/@nestjs/core/package.json', '{ "version": "11.1.9" }');
    await app.add();
    expect(app.manifest.dependencies).toMatchObject(peers('^4', '^4', '^6'));
  });

  it('changes nothing when it runs again', async () => {
    await app.add();
    const files = app.files;
    await app.add();
    expect(app.files).toEqual(files);
    expect(app.tasks).toEqual([]);
  });
});

describe('nest add, in package.json,', () => {
  it('keeps the versions that the app names', async () => {
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

  it('prints a message if the file is missing', async () => {
    app.tree.delete('package.json');
    await app.add();
    expect(app.printed).toContain('There is no package.json here');
    expect(app.tasks).toEqual([]);
  });
});

describe('nest add, in .env.example,', () => {
  it('adds each variable that the module reads', async () => {
    await app.add();
    const sources = libFiles().filter((path) => !/^lib\/(testing|cli)\//.test(path));
    const read = sources.flatMap((path) => repositoryText(path).match(/DOKSTAMP_[A-Z_]+/g) ?? []);
    const named = app.tree.readText('.env.example').match(/DOKSTAMP_[A-Z_]+(?==)/g);
    expect(named?.toSorted()).toEqual([...new Set(read)].toSorted());
  });

  it('keeps the present lines, and adds the variables that are missing', async () => {
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
