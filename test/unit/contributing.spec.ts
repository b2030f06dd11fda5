import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { codeBlocks } from '../support/markdown.js';
import { repositoryFiles, repositoryText } from '../support/repository.js';

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: {
    readonly label?: string;
    readonly value?: string;
    readonly options?: readonly unknown[];
  };
  readonly validations?: { readonly required: boolean };
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly Field[];
}

interface RenovateRule {
  readonly matchPackageNames?: readonly string[];
  readonly matchDepTypes?: readonly string[];
  readonly enabled?: boolean;
  readonly rangeStrategy?: string;
  readonly description: string;
}

const FORMS = repositoryFiles('.github/ISSUE_TEMPLATE/*.yml').filter(
  (file) => !file.endsWith('/config.yml'),
);

describe('CONTRIBUTING.md', () => {
  it('shows a test as it is run', async () => {
    const shown = await codeBlocks(repositoryText('CONTRIBUTING.md'), 'ts');
    expect(shown).toEqual([repositoryText('test/e2e/requests-example.spec.ts').trimEnd()]);
  });

  it('names the version of Node.js that .nvmrc has', () => {
    const version = repositoryText('.nvmrc').trim();
    expect(repositoryText('CONTRIBUTING.md')).toContain(`Use Node.js ${version} (\`.nvmrc\``);
  });
});

describe('an issue form', () => {
  it('is there for a bug and for a feature, and a blank issue is not', () => {
    expect(FORMS.map((file) => file.split('/').at(-1))).toEqual(['bug.yml', 'feature.yml']);
    const config: unknown = parse(repositoryText('.github/ISSUE_TEMPLATE/config.yml'));
    expect(config).toEqual({ blank_issues_enabled: false });
  });

  it.each(FORMS)('%s is one that GitHub takes', (file) => {
    const { name, description, body } = readForm(file);
    expect(name && description).toBeTruthy();
    const types = ['markdown', 'input', 'textarea', 'dropdown', 'checkboxes'];
    expect(body.map(({ type }) => type).filter((type) => !types.includes(type))).toEqual([]);
    const fields = body.filter(({ type }) => type !== 'markdown');
    expect(fields.length).toBeGreaterThan(0);
    for (const { id, attributes } of fields) {
      expect([id, attributes.label]).toEqual([
        expect.stringMatching(/^[\w-]+$/),
        expect.any(String),
      ]);
    }
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  });

  it.each(FORMS)('%s begins with a warning against secrets', (file) => {
    const [first] = readForm(file).body;
    expect(first?.attributes.value).toContain('Paste no client secret and no access token');
  });

  it('of a bug asks for version, Node.js, Nest and the code', () => {
    const { body } = readForm('.github/ISSUE_TEMPLATE/bug.yml');
    const required = body.filter(({ validations }) => validations?.required).map(({ id }) => id);
    expect(required).toEqual(['version', 'node', 'nest', 'code', 'happened']);
  });

  it('of a bug offers each code of a DokStampError', () => {
    const { body } = readForm('.github/ISSUE_TEMPLATE/bug.yml');
    const offered = body.find(({ id }) => id === 'code')?.attributes.options;
    expect(offered?.slice(1)).toEqual(errorCodes());
  });
});

describe('renovate.json', () => {
  const { packageRules } = JSON.parse(repositoryText('renovate.json')) as {
    packageRules: readonly RenovateRule[];
  };
  const { devDependencies } = JSON.parse(repositoryText('package.json')) as {
    devDependencies: Readonly<Record<string, string>>;
  };

  it('leaves the peer ranges alone', () => {
    const off = packageRules.filter(({ enabled }) => enabled === false);
    expect(off.flatMap(({ matchDepTypes = [] }) => matchDepTypes)).toContain('peerDependencies');
  });

  it('says why of each rule, and has none for a package that is not there', () => {
    for (const { description, matchPackageNames = [] } of packageRules) {
      expect(description).toMatch(/\.$/);
      for (const name of matchPackageNames) {
        const prefix = name.replace('**', '');
        expect(Object.keys(devDependencies)).toContainEqual(expect.stringContaining(prefix));
      }
    }
  });

  it('pins what package.json pins', () => {
    const pinned = packageRules.filter(({ rangeStrategy }) => rangeStrategy === 'pin');
    const exact = Object.entries(devDependencies).filter(([, range]) => /^\d/.test(range));
    const names = pinned.flatMap(({ matchPackageNames = [] }) => matchPackageNames);
    expect(names).toEqual(exact.map(([name]) => name));
  });
});

function readForm(file: string): Form {
  return parse(repositoryText(file)) as Form;
}

function errorCodes(): string[] {
  const source = repositoryText('lib/errors/dokstamp.error.ts');
  return [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code = '']) => code);
}
