import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DokStampCredentials } from '../../lib/index.js';
import type { Environment } from '../../lib/options/environment.js';
import { credentialsFromEnvironment } from '../../lib/options/environment-credentials.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-credentials-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function mount(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function read(env: Environment): Promise<DokStampCredentials> {
  const { faults, credentials } = credentialsFromEnvironment(env);
  expect(faults).toEqual([]);
  const { credentials: fromFiles } = credentials;
  if (!fromFiles) throw new Error('There is no credentials function.');
  return fromFiles();
}

describe('credentials in environment variables', () => {
  it('are the options clientId and clientSecret', () => {
    const env = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET: 'secret-1' };
    const { faults, credentials } = credentialsFromEnvironment(env);
    expect(faults).toEqual([]);
    expect({ ...credentials }).toEqual({ clientId: 'client-1', clientSecret: 'secret-1' });
  });

  it.each<Environment>([
    {},
    { DOKSTAMP_CLIENT_ID: 'client-1' },
    { DOKSTAMP_CLIENT_SECRET: 'secret-1' },
  ])('leave to the check of the options what they lack: %j', (env) => {
    const { faults, credentials } = credentialsFromEnvironment(env);
    expect(faults).toEqual([]);
    expect(Object.values({ ...credentials })).toEqual(Object.values(env));
  });
});

describe('credentials in mounted files', () => {
  it('are both read', async () => {
    expect(
      await read({
        DOKSTAMP_CLIENT_ID_FILE: await mount('id', 'client-1'),
        DOKSTAMP_CLIENT_SECRET_FILE: await mount('secret', 'secret-1'),
      }),
    ).toEqual({ clientId: 'client-1', clientSecret: 'secret-1' });
  });

  it('are read anew each time', async () => {
    const secret = await mount('secret', 'secret-1');
    const env = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: secret };
    const { credentials } = credentialsFromEnvironment(env).credentials;
    expect(await credentials?.()).toMatchObject({ clientSecret: 'secret-1' });
    await mount('secret', 'secret-2');
    expect(await credentials?.()).toMatchObject({ clientSecret: 'secret-2' });
  });

  it('may be the secret only', async () => {
    expect(
      await read({
        DOKSTAMP_CLIENT_ID: 'client-1',
        DOKSTAMP_CLIENT_SECRET_FILE: await mount('secret', 'secret-1\n'),
      }),
    ).toEqual({ clientId: 'client-1', clientSecret: 'secret-1' });
  });

  it('may be the id only', async () => {
    expect(
      await read({
        DOKSTAMP_CLIENT_ID_FILE: await mount('id', 'client-1\r\n'),
        DOKSTAMP_CLIENT_SECRET: 'secret-1',
      }),
    ).toEqual({ clientId: 'client-1', clientSecret: 'secret-1' });
  });

  it.each([
    ['no line end', 's', 's'],
    ['a trailing LF', 's\n', 's'],
    ['a trailing CRLF', 's\r\n', 's'],
    ['a line end within', 'a\nb\n', 'a\nb'],
    ['blanks around it', ' s \n', ' s '],
    ['more than one line end', 's\n\n', 's\n'],
  ])('are what the file says but for its line end: %s', async (_, content, value) => {
    const path = await mount('secret', content);
    const env = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: path };
    expect(await read(env)).toEqual({ clientId: 'client-1', clientSecret: value });
  });

  it('are credentials_unavailable while a file is missing, and had once it is there', async () => {
    const path = join(folder, 'secret');
    const env = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: path };
    const { credentials } = credentialsFromEnvironment(env).credentials;
    await expect(credentials?.()).rejects.toMatchObject({
      name: 'DokStampError',
      code: 'credentials_unavailable',
      retryable: true,
      message: expect.stringMatching(/DOKSTAMP_CLIENT_SECRET_FILE .*ENOENT/),
    });
    await mount('secret', 'secret-1');
    expect(await credentials?.()).toMatchObject({ clientSecret: 'secret-1' });
  });

  it('never show what stands in the variable: it may be the secret itself', async () => {
    const env = { DOKSTAMP_CLIENT_ID: 'a', DOKSTAMP_CLIENT_SECRET_FILE: 'S3cr3t-by-mistake' };
    await expect(read(env)).rejects.toMatchObject({
      message: expect.not.stringContaining('S3cr3t'),
    });
  });

  it.each(['', ' ', '\n'])(
    'are credentials_unavailable while the file is blank: %j',
    async (content) => {
      const path = await mount('secret', content);
      const env = { DOKSTAMP_CLIENT_ID: 'client-1', DOKSTAMP_CLIENT_SECRET_FILE: path };
      await expect(read(env)).rejects.toMatchObject({
        code: 'credentials_unavailable',
        message: expect.stringContaining('DOKSTAMP_CLIENT_SECRET_FILE names is blank'),
      });
    },
  );

  it('are credentials_unavailable when the file is a folder', async () => {
    const env = { DOKSTAMP_CLIENT_ID_FILE: folder, DOKSTAMP_CLIENT_SECRET: 'secret-1' };
    await expect(read(env)).rejects.toMatchObject({
      code: 'credentials_unavailable',
      message: expect.stringMatching(/DOKSTAMP_CLIENT_ID_FILE .*EISDIR/),
    });
  });
});

describe('a variable and its file both set', () => {
  it('is a fault that names the two and shows neither', () => {
    const { faults } = credentialsFromEnvironment({
      DOKSTAMP_CLIENT_ID: 'client-of-mine',
      DOKSTAMP_CLIENT_ID_FILE: '/path-of-mine/id',
      DOKSTAMP_CLIENT_SECRET: 'secret-of-mine',
    });
    expect(faults).toEqual([
      expect.stringMatching(/DOKSTAMP_CLIENT_ID and DOKSTAMP_CLIENT_ID_FILE are both set/),
    ]);
    expect(faults.join('\n')).not.toMatch(/of-mine/);
  });

  it('is a fault for each of the pair', () => {
    const { faults } = credentialsFromEnvironment({
      DOKSTAMP_CLIENT_ID: 'a',
      DOKSTAMP_CLIENT_ID_FILE: 'b',
      DOKSTAMP_CLIENT_SECRET: 'c',
      DOKSTAMP_CLIENT_SECRET_FILE: 'd',
    });
    expect(faults).toHaveLength(2);
    expect(faults[1]).toMatch(/DOKSTAMP_CLIENT_SECRET and DOKSTAMP_CLIENT_SECRET_FILE/);
  });
});
