import { createRequire } from 'node:module';
import { join } from 'node:path';
import { REPOSITORY } from './support/tarball.js';

type Testing = typeof import('@angular-devkit/schematics/testing');
type Tree = InstanceType<Testing['UnitTestTree']>;

const fromHere = createRequire(import.meta.url);
const { SchematicTestRunner } = fromHere('@angular-devkit/schematics/testing') as Testing;

const OURS = join(REPOSITORY, 'dist/schematics/collection.json');
const OFFICIAL = join(fromHere.resolve('@nestjs/schematics'), '../collection.json');

/** Where `nest new` puts the root module. */
export const ROOT_MODULE = 'src/app.module.ts';

/**
 * An app in memory, made by the official templates of Nest 11, to which the built schematic adds this package. Those of
 * Nest 12 ask for a newer Node.js than this package; `nest-add.matrix.ts` makes real apps of both.
 */
export class NewNestApp {
  readonly #runner = new SchematicTestRunner('nestjs-dokstamp', OURS);
  readonly #said: string[] = [];

  private constructor(public tree: Tree) {
    this.#runner.logger.subscribe(({ message }) => this.#said.push(message));
  }

  /** As `nest new` of Nest 11 does. */
  static async createNest11(): Promise<NewNestApp> {
    const runner = new SchematicTestRunner('official', OFFICIAL);
    return new NewNestApp(
      await runner.runSchematic('application', { name: 'app', directory: '.' }),
    );
  }

  /** What this package looks at is as `nest new --type` of Nest 12 makes it. */
  static async create(type: 'esm' | 'cjs' = 'esm'): Promise<NewNestApp> {
    const app = await NewNestApp.createNest11();
    const manifest = app.tree.readText('package.json');
    app.tree.overwrite('package.json', manifest.replaceAll('^11.0.1', '^12.0.1'));
    if (type === 'esm') app.rootModule = app.rootModule.replaceAll(/(from '\..*)'/g, "$1.js'");
    return app;
  }

  /** As `nest add nestjs-dokstamp` does, once it has installed the package. */
  async add(sourceRoot?: string): Promise<void> {
    this.tree = await this.#runner.runSchematic('nest-add', { sourceRoot }, this.tree);
  }

  /** What the last run told the user. */
  get said(): string {
    return this.#said.join('\n');
  }

  /** What the last run has done when the files are written. */
  get tasks(): readonly object[] {
    return this.#runner.tasks;
  }

  get rootModule(): string {
    return this.tree.readText(ROOT_MODULE);
  }

  set rootModule(text: string) {
    this.tree.overwrite(ROOT_MODULE, text);
  }

  get manifest(): { dependencies: Record<string, string> } {
    return JSON.parse(this.tree.readText('package.json')) as NewNestApp['manifest'];
  }

  get files(): Record<string, string> {
    return Object.fromEntries(this.tree.files.map((file) => [file, this.tree.readText(file)]));
  }
}
