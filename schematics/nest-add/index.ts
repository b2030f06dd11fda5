import type { Rule, SchematicContext, Tree } from '@angular-devkit/schematics';
import { loadCompiler } from './compiler.loader.js';
import { withVariables } from './env-example.js';
import { nestMajor } from './nest-major.js';
import { withPeers } from './peers.js';
import { findRootModule } from './root-module.finder.js';
import { BY_HAND, withDokStamp } from './root-module.js';

/** What `nest add` says about the app. */
export interface NestAddOptions {
  readonly sourceRoot?: string;
}

const MANIFEST = 'package.json';
const EXAMPLE = '.env.example';

// The shape of devkit's NodePackageInstallTask: no copy of devkit has to be found to run this.
const INSTALL = {
  toConfiguration: () => ({
    name: 'node-package',
    options: { command: 'install', quiet: true, hideOutput: true },
  }),
};

/** `nest add nestjs-dokstamp`. Each part is done once: a second run changes nothing. */
export function nestAdd({ sourceRoot = 'src' }: NestAddOptions): Rule {
  return (tree, context) => {
    editRootModule(tree, context, sourceRoot);
    editManifest(tree, context);
    if (write(tree, EXAMPLE, withVariables(textOf(tree, EXAMPLE) ?? ''))) {
      context.logger.info(
        `Set the variables of DokStamp where the app reads them: see ${EXAMPLE}.`,
      );
    }
  };
}

function editRootModule(tree: Tree, { logger }: SchematicContext, sourceRoot: string): void {
  const compiler = loadCompiler();
  if (!compiler) {
    return logger.warn(`No TypeScript 5 or 6 was found to edit the root module with. ${BY_HAND}`);
  }
  const { path, className } = findRootModule(compiler, tree, sourceRoot);
  const text = textOf(tree, path);
  if (text === undefined) return logger.warn(`There is no root module at ${path}. ${BY_HAND}`);
  const edited = withDokStamp(compiler, text, className);
  if (edited === undefined) {
    return logger.warn(
      `The imports of the root module in ${path} are not a plain list. ${BY_HAND}`,
    );
  }
  write(tree, path, edited);
}

function editManifest(tree: Tree, context: SchematicContext): void {
  const text = textOf(tree, MANIFEST);
  if (text === undefined) {
    return context.logger.warn(`There is no ${MANIFEST} here, so the peers were not added to it.`);
  }
  if (write(tree, MANIFEST, withPeers(text, nestMajor(tree, text)))) context.addTask(INSTALL);
}

function textOf(tree: Tree, path: string): string | undefined {
  return tree.read(path)?.toString();
}

/** Whether there was something to write. */
function write(tree: Tree, path: string, text: string): boolean {
  const before = textOf(tree, path);
  if (before === text) return false;
  if (before === undefined) tree.create(path, text);
  else tree.overwrite(path, text);
  return true;
}
