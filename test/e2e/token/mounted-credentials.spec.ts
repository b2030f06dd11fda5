import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampModule, TokenService, getTokenServiceToken } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { type StubServer, issueToken, stubServer } from '../../support/stub-server.js';
import { elapse, freezeTime } from '../../support/time.js';
import { failureOf, withoutTime } from '../../support/token-failure.js';

const run = promisify(execFile);

let folder: string;
let server: StubServer;

beforeAll(async () => {
  server = await stubServer((_, response) => issueToken(response, `token_${server.seen.length}`));
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-credentials-'));
  server.seen.length = 0;
  vi.stubEnv('DOKSTAMP_BASE_URL', server.url);
  vi.stubEnv('DOKSTAMP_STARTUP', 'lazy');
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a file. Returns its path. */
async function mount(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function environment(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(`DOKSTAMP_${name}`, value);
}

/** An app that has its options from the environment. */
async function bootFromEnvironment() {
  const app = await boot({ imports: [DokStampModule.forRootAsync({})] });
  return { tokens: app.get(TokenService), [Symbol.asyncDispose]: () => app.close() };
}

/** The pairs that the server received. */
const sent = () =>
  server.seen.map(({ body }) => {
    const form = new URLSearchParams(body.toString());
    return [form.get('client_id'), form.get('client_secret')];
  });

describe('credentials in mounted files', () => {
  it.each([
    ['both', { CLIENT_ID_FILE: 'client-1\r\n', CLIENT_SECRET_FILE: 'secret-1\n' }],
    ['the id', { CLIENT_ID_FILE: 'client-1\n', CLIENT_SECRET: 'secret-1' }],
    ['the secret', { CLIENT_ID: 'client-1', CLIENT_SECRET_FILE: 'secret-1' }],
  ])('may be %s', async (_, variables: Record<string, string>) => {
    for (const [name, value] of Object.entries(variables)) {
      environment({ [name]: name.endsWith('_FILE') ? await mount(name, value) : value });
    }
    await using app = await bootFromEnvironment();
    await app.tokens.getToken();
    expect(sent()).toEqual([['client-1', 'secret-1']]);
  });

  it('keep the spaces around a value', async () => {
    environment({ CLIENT_ID: 'client-1', CLIENT_SECRET_FILE: await mount('secret', ' s \n') });
    await using app = await bootFromEnvironment();
    await app.tokens.getToken();
    expect(sent()).toEqual([['client-1', ' s ']]);
  });

  it('are read again for each token request', async () => {
    environment({ CLIENT_ID: 'client-1', CLIENT_SECRET_FILE: await mount('secret', 'secret-1') });
    await using app = await bootFromEnvironment();
    await app.tokens.getToken();
    await mount('secret', 'secret-2');
    await app.tokens.renew();
    expect(sent()).toEqual([
      ['client-1', 'secret-1'],
      ['client-1', 'secret-2'],
    ]);
  });

  it.each([
    ['is missing', undefined, /DOKSTAMP_CLIENT_SECRET_FILE .*ENOENT/],
    ['is empty', '', /DOKSTAMP_CLIENT_SECRET_FILE names is blank/],
    ['is blank', ' \n', /DOKSTAMP_CLIENT_SECRET_FILE names is blank/],
  ])('are unavailable while a file %s', async (_, content, message) => {
    freezeTime();
    const path = join(folder, 'secret');
    if (content !== undefined) await mount('secret', content);
    environment({ CLIENT_ID: 'client-1', CLIENT_SECRET_FILE: path });
    await using app = await bootFromEnvironment();
    expect(await failureOf(app.tokens.getToken())).toMatchObject({
      code: 'credentials_unavailable',
      retryable: true,
      attempts: 0,
      message: expect.stringMatching(message),
    });
    await mount('secret', 'secret-1');
    app.tokens.onModuleDestroy();
    await elapse(1_000);
    await withoutTime(app.tokens.getToken());
    expect(sent()).toEqual([['client-1', 'secret-1']]);
  });

  it('are unavailable if the file is a folder', async () => {
    freezeTime();
    environment({ CLIENT_ID_FILE: folder, CLIENT_SECRET: 'secret-1' });
    await using app = await bootFromEnvironment();
    expect(await failureOf(app.tokens.getToken())).toMatchObject({
      code: 'credentials_unavailable',
      message: expect.stringMatching(/DOKSTAMP_CLIENT_ID_FILE .*EISDIR/),
    });
  });

  it('are not shown by the error if they stand in the variable by mistake', async () => {
    freezeTime();
    environment({ CLIENT_ID: 'client-1', CLIENT_SECRET_FILE: 'S3cr3t-by-mistake' });
    await using app = await bootFromEnvironment();
    const { message } = await failureOf(app.tokens.getToken());
    expect(message).not.toContain('S3cr3t');
  });
});

describe('a mounted file whose read hangs', () => {
  let fifo: string;

  beforeEach(async () => {
    fifo = join(folder, 'fifo');
    // Reading it blocks until it is written to, as on a dead network file system.
    await run('mkfifo', [fifo]);
  });

  afterEach(async ({ task }) => {
    // A blocked thread keeps the process alive. Each open releases the threads that are blocked now.
    for (let round = 0; task.result?.state === 'fail' && round < 5; round++) {
      closeSync(openSync(fifo, 'r+'));
      await sleep(50);
    }
  });

  it('is read once at a time for all accounts, so the app can read its own files', async () => {
    environment({ CLIENT_ID: 'client-1', CLIENT_SECRET_FILE: fifo });
    // More than Node.js has threads for files.
    const names = Array.from({ length: 5 }, (_, index) => `account-${index}`);
    const imports = names.map((name) => DokStampModule.forRootAsync({ name }));
    await using app = await boot({ imports });
    const tokens = names.map((name) =>
      app.get<TokenService>(getTokenServiceToken(name)).getToken(),
    );
    const own = await mount('own', 'of the app');
    expect(await readFile(own, 'utf8')).toBe('of the app');
    expect(server.seen).toEqual([]);
    await writeFile(fifo, 'secret-1\n');
    await Promise.all(tokens);
    expect(sent()).toEqual(names.map(() => ['client-1', 'secret-1']));
  });

  it('is read again after the read has ended', async () => {
    environment({ CLIENT_ID: 'client-1', CLIENT_SECRET_FILE: fifo });
    await using app = await bootFromEnvironment();
    for (const secret of ['secret-1', 'secret-2']) {
      const token = app.tokens.renew();
      await writeFile(fifo, secret);
      await token;
      expect(sent().at(-1)).toEqual(['client-1', secret]);
    }
  });
});
