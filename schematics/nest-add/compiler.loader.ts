import { createRequire } from 'node:module';
import { join } from 'node:path';

/** TypeScript as a library, which TypeScript 7 no longer is. */
export type Compiler = typeof import('typescript');

/**
 * A TypeScript that can parse: the app's own, else the one that the Nest CLI of the app, or the running one, brings.
 * Every Nest app has one, so this package needs none.
 */
export function loadCompiler(folder = process.cwd()): Compiler | undefined {
  const app = join(folder, 'package.json');
  const places = [app, resolved(app, '@nestjs/cli/package.json'), process.argv[1]];
  for (const place of places) {
    const found = place && loaded(place);
    if (found) return found;
  }
  return undefined;
}

function loaded(place: string): Compiler | undefined {
  const path = resolved(place, 'typescript');
  const found = path && (createRequire(place)(path) as Partial<Compiler>);
  return found && found.createSourceFile ? (found as Compiler) : undefined;
}

function resolved(place: string, name: string): string | undefined {
  try {
    return createRequire(place).resolve(name);
  } catch {
    return undefined;
  }
}
