import { createRequire } from 'node:module';
import { join } from 'node:path';
import { REPOSITORY } from './support/tarball.js';

type Testing = typeof import('@angular-devkit/schematics/testing');
type Tree = InstanceType<Testing['UnitTestTree']>;

const fromHere = createRequire(import.meta.url);
const { SchematicTestRunner } = fromHere('@angular-devkit/schematics/testing') as Testing;

const OURS = join(REPOSITORY, 'dist/schematics/collection.json');
const OFFICIAL = join(fromHere.resolve('@nestjs/schematics'), '../collection.json');

/** The root module of `nest new`. */
export const ROOT_MODULE = 'src/app.module.ts';

/**
 * An app in memory, made from the official templates of Nest 11, to which the built schematic adds this package. The
 * templates of Nest 12 need a newer Node.js than this package; `nest-add.matrix.ts` makes real apps of both.
 */
export class NewNestApp {
  readonly #runner = new SchematicTestRunner('nestjs-dokstamp', OURS);
  readonly #printed: string[] = [];

  private constructor(public tree: Tree) {
    this.#runner.logger.subscribe(({ message }) => this.#printed.push(message));
  }

  /** Makes the app of `nest new` of Nest 11. */
  static async createNest11(): Promise<NewNestApp> {
    const runner = new SchematicTestRunner('official', OFFICIAL);
    return new NewNestApp(
      await runner.runSchematic('application', { name: 'app', directory: '.' }),
    );
  }

  /** Makes an app that looks to the schematic like one of `nest new --type` of Nest 12. */
  static async create(type: 'esm' | 'cjs' = 'esm'): Promise<NewNestApp> {
    const app = await NewNestApp.createNest11();
    const manifest = app.tree.readText('package.json');
    app.tree.overwrite('package.json', manifest.replaceAll('^11.0.1', '^12.0.1'));
    if (type === 'esm') app.rootModule = app.rootModule.replaceAll(/(from '\..*)'/g, "$1.js'");
    return app;
  }

  /** Does what `nest add nestjs-dokstamp` does after it has installed the package. */
  async add(sourceRoot?: string): Promise<void> {
    this.tree = await this.#runner.runSchematic('nest-add', { sourceRoot }, this.tree);
  }

  /** What the schematic has printed. */
  get printed(): string {
    return this.#printed.join('\n');
  }

  /** The tasks that the last run left for the time after the files are written. */
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
