import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';
import { pack } from './tarball.js';

const APPS = fileURLToPath(new URL('../apps', import.meta.url));

/** What an app is made of. */
export interface OutsideAppOptions {
  /** A folder of `apps/` that is copied into the app. */
  readonly files?: readonly string[];
  /** What is installed beside this package, as `npm install` takes it. */
  readonly dependencies: readonly string[];
  /** More of its `package.json`. */
  readonly manifest?: object;
}

/** An app outside the repository that has installed the packed tarball. */
export class OutsideApp implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async install({
    files = [],
    dependencies,
    manifest,
  }: OutsideAppOptions): Promise<OutsideApp> {
    const app = new OutsideApp(await realpath(await mkdtemp(join(tmpdir(), 'dokstamp-app-'))));
    await app.write('package.json', { name: 'host', private: true, ...manifest });
    for (const name of files) await app.copy(join(APPS, name));
    const tarball = await pack();
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await app.run('npm', 'install', ...options, tarball.path, ...dependencies);
    await rm(dirname(tarball.path), { recursive: true });
    return app;
  }

  run(command: string, ...args: readonly string[]): Promise<string> {
    return run(this.folder, command, ...args);
  }

  /** Runs an installed package's script with Node; a path inside `node_modules`. */
  tool(script: string, ...args: readonly string[]): Promise<string> {
    return this.run(process.execPath, join('node_modules', script), ...args);
  }

  /** Copies a folder's content, or a file under another name. */
  copy(from: string, to = '.'): Promise<void> {
    return cp(from, join(this.folder, to), { recursive: true });
  }

  write(name: string, content: object): Promise<void> {
    return writeFile(join(this.folder, name), JSON.stringify(content));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
