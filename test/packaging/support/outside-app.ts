import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputOf, run } from './command.js';
import { pack } from './tarball.js';

const APPS = fileURLToPath(new URL('../apps', import.meta.url));

// The level is explicit, because npm inherits the one of `npm run --silent`.
const INSTALL = [
  'install',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  '--ignore-scripts',
  '--loglevel=warn',
];

/** The parts of an app. */
export interface OutsideAppOptions {
  /** Folders of `apps/` that are copied into the app. */
  readonly files?: readonly string[];
  /** The other packages to install, as arguments of `npm install`. */
  readonly dependencies: readonly string[];
  /** More fields of its `package.json`. */
  readonly manifest?: object;
  /** The binary of Node.js that npm runs on. @default the one of this process */
  readonly node?: string;
  /** Leaves this package out, for a comparison. @default false */
  readonly isBare?: boolean;
}

/** An app outside the repository that has installed the packed tarball. */
export class OutsideApp implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    /** The warnings that npm printed during the installation. */
    readonly warnings: string[] = [],
  ) {}

  static async install({
    files = [],
    dependencies,
    manifest,
    node = process.execPath,
    isBare = false,
  }: OutsideAppOptions): Promise<OutsideApp> {
    const app = new OutsideApp(await realpath(await mkdtemp(join(tmpdir(), 'dokstamp-app-'))));
    await app.write('package.json', { name: 'host', private: true, ...manifest });
    for (const name of files) await app.copy(join(APPS, name));
    if (isBare) await app.#install(node, dependencies);
    else await app.#installUs(node, dependencies);
    return app;
  }

  run(command: string, ...args: readonly string[]): Promise<string> {
    return run(this.folder, command, ...args);
  }

  /** Runs the script of an installed package, a path inside `node_modules`, with Node.js. */
  tool(script: string, ...args: readonly string[]): Promise<string> {
    return this.run(process.execPath, join('node_modules', script), ...args);
  }

  /** Copies the content of a folder, or a file under another name. */
  copy(from: string, to = '.'): Promise<void> {
    return cp(from, join(this.folder, to), { recursive: true });
  }

  write(name: string, content: object): Promise<void> {
    return writeFile(join(this.folder, name), JSON.stringify(content));
  }

  async #installUs(node: string, dependencies: readonly string[]): Promise<void> {
    const tarball = await pack();
    await this.#install(node, [tarball.path, ...dependencies]);
    await rm(dirname(tarball.path), { recursive: true });
  }

  async #install(node: string, packages: readonly string[]): Promise<void> {
    const path = [dirname(node), process.env.PATH].join(delimiter);
    const install = ['env', `PATH=${path}`, 'npm', ...INSTALL, ...packages] as const;
    const { stderr } = await outputOf(this.folder, ...install);
    this.warnings.push(...stderr.split('\n').filter((line) => /^npm warn/i.test(line)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
