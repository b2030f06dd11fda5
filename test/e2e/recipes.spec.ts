import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { markdownNodes, textOf } from '../support/markdown.js';
import { ROOT, repositoryText } from '../support/repository.js';

const files = readdirSync(`${ROOT}docs/recipes`).filter((name) => name.endsWith('.ts'));
const specs = readdirSync(`${ROOT}test/e2e`).filter((name) => /^recipes-.+\.spec\.ts$/.test(name));
const index = repositoryText('docs/recipes/README.md');

/** The sections of the index: the file that each is about, and its text. */
async function sections(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let file = '';
  for (const node of (await markdownNodes(index))[0]?.children ?? []) {
    if (node.type === 'heading') found.set((file = textOf(node)), '');
    else found.set(file, `${found.get(file) ?? ''}\n${textOf(node)}`);
  }
  found.delete('Recipes');
  return found;
}

describe('the index of the recipes', () => {
  it('has a section for each file, and for nothing else', async () => {
    const told = [...(await sections()).keys()];
    expect([...told, 'memory-queue.ts'].toSorted()).toEqual(files.toSorted());
  });

  it('names for each the spec that runs it', async () => {
    for (const [file, text] of await sections()) {
      const spec = /Test:\s+(recipes-[\w-]+)/.exec(text)?.[1];
      expect(specs, file).toContain(`${spec}.spec.ts`);
      expect(repositoryText(`test/e2e/${spec}.spec.ts`)).toContain(
        `docs/recipes/${file.replace('.ts', '.js')}'`,
      );
    }
  });
});

describe('a recipe', () => {
  it.each(files)('%s imports this package by its name, and nothing of its inside', (file) => {
    const imports = [...repositoryText(`docs/recipes/${file}`).matchAll(/from '([^']+)'/g)];
    for (const [, specifier = ''] of imports) {
      expect(specifier).not.toMatch(/lib\/|^nestjs-dokstamp\/(?!testing|accounts)|dist/);
      if (specifier.startsWith('.')) expect(specifier).toBe('./memory-queue.js');
    }
  });
});
