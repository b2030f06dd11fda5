import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path/posix';
import type { Arrow } from './flowchart.js';
import { ROOT } from './repository.js';

/** What is read of oxlint's report. */
interface Report {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly help: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

/** An import that the linter refuses, and what it says. */
export interface Refusal extends Arrow {
  readonly help: string;
}

/** What the linter of this repository says if each file of one list imports each of the other list; paths from lib. */
export function refusedImports(
  importing: readonly string[],
  imported: readonly string[],
): Refusal[] {
  const folder = mkdtempSync(join(tmpdir(), 'dokstamp-layers-'));
  try {
    cpSync(`${ROOT}.oxlintrc.json`, `${folder}/.oxlintrc.json`);
    for (const file of importing) writeProbe(`${folder}/lib/${file}`, file, imported);
    const oxlint = `${ROOT}node_modules/oxlint/bin/oxlint`;
    const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json', 'lib'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: Number.POSITIVE_INFINITY,
    });
    const { diagnostics } = JSON.parse(stdout) as Report;
    return diagnostics
      .filter(({ code }) => code === 'eslint(no-restricted-imports)')
      .map(({ filename, labels, help }) => {
        const line = labels[0]?.span.line ?? 0;
        return { from: filename.replace(/^lib\//, ''), to: imported[line - 1] ?? '?', help };
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// One line for each file, in the order of the list: so a line tells what it imports.
function writeProbe(path: string, file: string, imported: readonly string[]): void {
  const lines = imported.map((other) => {
    const way = relative(dirname(file), other).replace(/\.ts$/, '.js');
    return other === file ? '' : `import '${way.startsWith('.') ? way : `./${way}`}';`;
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, lines.join('\n'));
}
