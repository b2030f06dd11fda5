import { beforeEach, describe, expect, it } from 'vitest';
import { NewNestApp, ROOT_MODULE } from './nest-add.app.js';

let app: NewNestApp;

beforeEach(async () => {
  app = await NewNestApp.create();
});

describe('nest add, in the root module,', () => {
  it.each([
    [
      'one import',
      `imports: [A],`,
      `imports: [
    A,
    ConfigModule.forRoot(),
    DokStampModule.forRootAsync({ isGlobal: true }),
  ],`,
    ],
    [
      'two imports',
      `imports: [AlphaModule, BetaModule],`,
      `imports: [
    AlphaModule,
    BetaModule,
    ConfigModule.forRoot(),
    DokStampModule.forRootAsync({ isGlobal: true }),
  ],`,
    ],
    [
      'imports with comments',
      `imports: [
    // first
    A.forRoot({ url: 'https://a.test' }), // a [b]
    B // last
  ],`,
      `imports: [
    // first
    A.forRoot({ url: 'https://a.test' }), // a [b]
    B, // last
    ConfigModule.forRoot(),
    DokStampModule.forRootAsync({ isGlobal: true }),
  ],`,
    ],
    [
      'an empty list of imports with a comment',
      `imports: [
    // nothing yet
  ],`,
      `imports: [
    // nothing yet
    ConfigModule.forRoot(),
    DokStampModule.forRootAsync({ isGlobal: true }),
  ],`,
    ],
    [
      'no imports',
      `providers: [AppService],`,
      `imports: [ConfigModule.forRoot(), DokStampModule.forRootAsync({ isGlobal: true })],
  providers: [AppService],`,
    ],
  ])('adds to %s', async (_, before, after) => {
    app.tree.overwrite(
      ROOT_MODULE,
      `import { A } from 'a';\n\n@Module({\n  ${before}\n})\nclass AppModule {}\n`,
    );
    await app.add();
    expect(body()).toBe(`@Module({\n  ${after}\n})\nclass AppModule {}\n`);
  });

  it.each([
    [
      '@Module({})',
      '@Module({\n  imports: [ConfigModule.forRoot(), DokStampModule.forRootAsync({ isGlobal: true })],\n})',
    ],
    [
      '@Module({ providers: [A] })',
      `@Module({
  imports: [ConfigModule.forRoot(), DokStampModule.forRootAsync({ isGlobal: true })],
  providers: [A],
})`,
    ],
  ])('adds to %s', async (before, after) => {
    app.rootModule = `import { A } from 'a';\n\n${before}\nclass AppModule {}\n`;
    await app.add();
    expect(body()).toBe(`${after}\nclass AppModule {}\n`);
  });

  it('keeps an existing ConfigModule', async () => {
    app.rootModule = moduleWith(`import { ConfigModule, ConfigService } from '@nestjs/config';`, [
      'ConfigModule.forRoot({ isGlobal: true })',
    ]);
    await app.add();
    expect(body()).toContain(`
    ConfigModule.forRoot({ isGlobal: true }),
    DokStampModule.forRootAsync({ isGlobal: true }),
  ],`);
  });

  it('keeps an existing account', async () => {
    app.rootModule = moduleWith(`import { DokStampModule as Stamp } from 'nestjs-dokstamp';`, [
      "Stamp.forRoot({ name: 'eu' })",
    ]);
    await app.add();
    expect(body()).toContain("[Stamp.forRoot({ name: 'eu' }), ConfigModule.forRoot()]");
    expect(app.rootModule).not.toContain('forRootAsync');
  });

  it('adds a name to an existing import', async () => {
    app.rootModule = moduleWith(`import { ConfigService } from "@nestjs/config"`, []);
    await app.add();
    expect(app.rootModule).toContain(`import { ConfigService, ConfigModule } from "@nestjs/config"
import { DokStampModule } from "nestjs-dokstamp"
`);
  });

  it('renames its import if the app has another ConfigModule', async () => {
    app.rootModule = moduleWith(`import { ConfigModule } from './config.module.js';`, [
      'ConfigModule',
    ]);
    await app.add();
    expect(app.rootModule).toContain(
      `import { ConfigModule as NestConfigModule } from '@nestjs/config';`,
    );
    expect(body()).toContain('NestConfigModule.forRoot()');
  });

  it('finds the module that main.ts starts, in any file', async () => {
    app.tree.rename(ROOT_MODULE, 'apps/shop/src/shop/root.ts');
    app.tree.create(
      'apps/shop/src/main.ts',
      `import { AppModule as Root } from './shop/root.js';
await NestFactory.createApplicationContext(Root, {});`,
    );
    await app.add('apps/shop/src');
    expect(app.tree.readText('apps/shop/src/shop/root.ts')).toContain(
      'DokStampModule.forRootAsync({ isGlobal: true })',
    );
  });

  it('changes the module that main.ts starts, and no other one in the file', async () => {
    const module = (name: string, imports: string) => `@Module({ imports: [${imports}] })
class ${name} {}
`;
    app.rootModule = module('OtherModule', '') + module('AppModule', '');
    await app.add();
    const added = `
  ConfigModule.forRoot(),
  DokStampModule.forRootAsync({ isGlobal: true }),
`;
    expect(body()).toBe(module('OtherModule', '') + module('AppModule', added));
  });

  it('keeps CRLF line ends', async () => {
    app.rootModule = app.rootModule.replaceAll('\n', '\r\n');
    await app.add();
    expect(app.rootModule).toContain('DokStampModule');
    expect(app.rootModule.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it.each([
    ['is missing', undefined],
    ['takes its imports from a variable', '@Module({ imports }) class AppModule {}'],
    ['takes its metadata from a variable', '@Module(metadata) class AppModule {}'],
    ['spreads other metadata', '@Module({ ...base }) class AppModule {}'],
    ['has no module', 'export const nothing = 1;'],
  ])('prints what to add by hand if the file %s, and does the rest', async (_, text) => {
    if (text === undefined) app.tree.delete(ROOT_MODULE);
    else app.rootModule = text;
    await app.add();
    expect(app.printed).toContain(ROOT_MODULE);
    expect(app.printed).toContain(`by hand:

  import { ConfigModule } from '@nestjs/config';
  import { DokStampModule } from 'nestjs-dokstamp';

  @Module({ imports: [ConfigModule.forRoot(), DokStampModule.forRootAsync({ isGlobal: true })] })`);
    if (text !== undefined) expect(app.rootModule).toBe(text);
    expect(app.manifest.dependencies).toHaveProperty('axios');
    expect(app.tree.exists('.env.example')).toBe(true);
  });
});

function moduleWith(line: string, imports: readonly string[]): string {
  return `${line}\n\n@Module({\n  imports: [${imports.join(', ')}],\n})\nclass AppModule {}\n`;
}

/** The root module without its import declarations. */
function body(): string {
  return app.rootModule.replace(/^[^]*?\n(?=@)/, '');
}
