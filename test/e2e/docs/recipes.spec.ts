import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROOT, repositoryText } from '../../support/repository.js';

const files = readdirSync(`${ROOT}docs/recipes`).filter((name) => name.endsWith('.ts'));

it.each(files)('the recipe %s imports the package by its public names', (file) => {
  const imports = [...repositoryText(`docs/recipes/${file}`).matchAll(/from '([^']+)'/g)];
  const names = imports.map(([, name = '']) => name);
  // A path would lead into this repository. The queue that stands in for BullMQ is a recipe too.
  const paths = names.filter((name) => /^\.|\/lib\/|\/dist\//.test(name));
  expect(paths.filter((name) => name !== './memory-queue.js')).toEqual([]);
});
