import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { REPOSITORY } from './support/tarball.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job extends Step {
  readonly needs?: string | readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

const FOLDER = join(REPOSITORY, '.github/workflows');
const FILES = readdirSync(FOLDER);

describe.each(FILES)('the workflow %s', (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const workflow = parse(text) as Workflow;
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => [job, ...(job.steps ?? [])]);

  it('pins every action to a commit, and tells its version', () => {
    const used = [...text.matchAll(/uses: (.*)/g)].map(([, action = '']) => action);
    expect(used).toHaveLength(steps.filter(({ uses }) => uses).length);
    const pinned = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    const own = /^\.\/\.github\/workflows\/[\w-]+\.yml$/;
    expect(used.filter((action) => !pinned.test(action) && !own.test(action))).toEqual([]);
  });

  it('uses and runs what is there', () => {
    const commands = steps.map(({ run = '' }) => run).join('\n');
    const paths = [...commands.matchAll(/\bbash (\S+)/g), ...text.matchAll(/uses: \.\/(\S+)/g)];
    expect(paths.map(([, path = '']) => path).filter(isMissing)).toEqual([]);
    const scripts = [...commands.matchAll(/\bnpm run ([\w:-]+)/g)];
    const names = scripts.map(([, name = '']) => name);
    expect(names.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
    const needed = jobs.flatMap(({ needs = [] }) => needs);
    expect(needed.filter((name) => !Object.hasOwn(workflow.jobs, name))).toEqual([]);
  });

  it('may write nothing, but for the job that publishes, which runs no code of the repository', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const { permissions, steps: own = [] } of jobs.filter((job) => job.permissions)) {
      expect(permissions).toEqual({ 'id-token': 'write' });
      const commands = own.flatMap(({ run = [] }) => run);
      expect(commands).toEqual([expect.stringMatching(/^npm publish \S+\.tgz --provenance /)]);
      expect(own.some(({ uses }) => uses?.startsWith('actions/checkout'))).toBe(false);
    }
  });
});

it('CI is .ci/run, and that is npm run check', () => {
  const { jobs } = parse(readFileSync(join(FOLDER, 'ci.yml'), 'utf8')) as Workflow;
  const commands = Object.values(jobs).flatMap(({ steps = [] }) =>
    steps.flatMap((step) => step.run ?? []),
  );
  expect(commands).toEqual(['bash .ci/run']);
  expect(readFileSync(join(REPOSITORY, '.ci/run'), 'utf8')).toContain('npm run --silent check');
});

it('a release is packed and tested in one job, and published in the next', () => {
  const { jobs } = parse(readFileSync(join(FOLDER, 'release.yml'), 'utf8')) as Workflow;
  const order = Object.entries(jobs).map(([name, { needs }]) => [name, needs]);
  expect(order).toEqual([
    ['check', undefined],
    ['pack', 'check'],
    ['publish', 'pack'],
  ]);
  const packing = jobs.pack?.steps?.flatMap(({ run = [] }) => run);
  expect(packing).toEqual(['npm ci', 'npm run release -- --tag "$GITHUB_REF_NAME"']);
});

function isMissing(path: string): boolean {
  return !existsSync(join(REPOSITORY, path));
}
