import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampModule, TokenService } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import { faultsOf } from '../../support/faults.js';
import {
  account,
  environment,
  server,
  setUp,
  tearDown,
  tokenRequests,
} from '../../support/registration.js';
import { rejectionOf } from '../../support/stub-account.js';

const ID = 'client-1';
const SECRET = 'se+cret/of the=test';
const BOM = '\uFEFF';

let folder: string;

beforeEach(async () => {
  await setUp();
  folder = await mkdtemp(join(tmpdir(), 'dokstamp-credentials-'));
});

afterEach(async () => {
  await tearDown();
  await rm(folder, { recursive: true });
});

async function mount(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Variables that name mounted files, in place of those with the values. */
function mountedAt(id: string, secret: string): void {
  environment({ DOKSTAMP_CLIENT_ID_FILE: id, DOKSTAMP_CLIENT_SECRET_FILE: secret });
  for (const name of ['DOKSTAMP_CLIENT_ID', 'DOKSTAMP_CLIENT_SECRET']) vi.stubEnv(name, undefined);
}

/** The id and secret of the one token request of an app with this account. */
async function credentialsSentBy(registration: ReturnType<typeof DokStampModule.forRoot>) {
  await using app = await boot({ imports: [registration] });
  await app.get(TokenService).getToken();
  const [request] = server.seen;
  const form = new URLSearchParams(request?.body.toString());
  return [form.get('client_id'), form.get('client_secret')];
}

// `echo secret | base64`, an editor on Windows, `kubectl create secret --from-file`.
const DRESSED = [
  ['a line end', (value: string) => `${value}\n`],
  ['a line end of Windows', (value: string) => `${value}\r\n`],
  ['two line ends', (value: string) => `${value}\n\n`],
  ['a byte-order mark', (value: string) => BOM + value],
  ['a byte-order mark and a line end', (value: string) => `${BOM}${value}\r\n`],
] as const;

describe.each(DRESSED)('an id and a secret with %s', (_, dress) => {
  const credentials = { clientId: dress(ID), clientSecret: dress(SECRET) };

  it('are sent without it if they are options', async () => {
    const registration = DokStampModule.forRoot(account(credentials));
    expect(await credentialsSentBy(registration)).toEqual([ID, SECRET]);
  });

  it('are sent without it if they are variables', async () => {
    environment({ DOKSTAMP_CLIENT_ID: dress(ID), DOKSTAMP_CLIENT_SECRET: dress(SECRET) });
    expect(await credentialsSentBy(DokStampModule.forRootAsync())).toEqual([ID, SECRET]);
  });

  it('are sent without it if they are mounted files', async () => {
    mountedAt(await mount('id', dress(ID)), await mount('secret', dress(SECRET)));
    expect(await credentialsSentBy(DokStampModule.forRootAsync())).toEqual([ID, SECRET]);
  });

  it('are sent without it if one is a variable and one a file', async () => {
    environment({
      DOKSTAMP_CLIENT_ID: dress(ID),
      DOKSTAMP_CLIENT_SECRET_FILE: await mount('secret', dress(SECRET)),
    });
    vi.stubEnv('DOKSTAMP_CLIENT_SECRET', undefined);
    expect(await credentialsSentBy(DokStampModule.forRootAsync())).toEqual([ID, SECRET]);
  });

  it('are sent without it if a function returns them', async () => {
    const { baseURL } = account();
    const registration = DokStampModule.forRoot({ baseURL, credentials: () => credentials });
    expect(await credentialsSentBy(registration)).toEqual([ID, SECRET]);
  });
});

it('spaces around an id or a secret are sent, because they may be part of it', async () => {
  const credentials = { clientId: ` ${ID}`, clientSecret: `${SECRET} ` };
  const registration = DokStampModule.forRoot(account(credentials));
  expect(await credentialsSentBy(registration)).toEqual([` ${ID}`, `${SECRET} `]);
});

const FAULT =
  'clientSecret (DOKSTAMP_CLIENT_SECRET) contains a control character. Save the value as UTF-8 text in one line.';

describe.each(['U+0000', 'U+0009', 'U+000A', 'U+001F', 'U+007F'])('%s within a secret', (name) => {
  const character = String.fromCodePoint(Number.parseInt(name.slice(2), 16));
  const secret = `se${character}cret-of-mine`;

  it('stops the boot if it is an option', async () => {
    expect(await faultsOf(DokStampModule.forRoot(account({ clientSecret: secret })))).toEqual([
      FAULT,
    ]);
  });

  it('stops the boot if the mounted file has it', async () => {
    mountedAt(await mount('id', ID), await mount('secret', secret));
    expect(await faultsOf(DokStampModule.forRootAsync())).toEqual([
      'clientSecret: the file that DOKSTAMP_CLIENT_SECRET_FILE names contains a control character. ' +
        'Save the value as UTF-8 text in one line.',
    ]);
    expect(tokenRequests()).toBe(0);
  });

  it('is credentials_unavailable if a function returns it', async () => {
    const { baseURL } = account();
    const credentials = () => ({ clientId: ID, clientSecret: secret });
    const startup = 'lazy';
    await using app = await boot({
      imports: [DokStampModule.forRoot({ baseURL, credentials, startup })],
    });
    const error = await rejectionOf(app.get(TokenService).getToken());
    expect(error).toMatchObject({ code: 'credentials_unavailable' });
    expect(error.message).toContain('control character');
    expect(error.message).not.toContain('of-mine');
    expect(tokenRequests()).toBe(0);
  });
});

describe('a tab within a secret', () => {
  it('stops the boot if it is a variable', async () => {
    environment({ DOKSTAMP_CLIENT_SECRET: 'a\tb' });
    expect(await faultsOf(DokStampModule.forRootAsync())).toEqual([FAULT]);
  });

  it('stops the boot if it is a variable and the id is a mounted file', async () => {
    environment({ DOKSTAMP_CLIENT_SECRET: 'a\tb', DOKSTAMP_CLIENT_ID_FILE: await mount('id', ID) });
    vi.stubEnv('DOKSTAMP_CLIENT_ID', undefined);
    expect(await faultsOf(DokStampModule.forRootAsync())).toEqual([FAULT]);
  });
});

describe('a mounted file at boot', () => {
  it.each(['utf16le', 'utf-16be'])('stops the boot if it is text in %s', async (encoding) => {
    const text = Buffer.from(BOM + SECRET, 'utf16le');
    const bytes = encoding === 'utf16le' ? text : text.swap16();
    mountedAt(await mount('id', ID), await mount('secret', bytes));
    expect(await faultsOf(DokStampModule.forRootAsync())).toEqual([
      expect.stringMatching(/^clientSecret: .* contains a control character\. .*UTF-8/),
    ]);
  });

  it('is listed with all other faults', async () => {
    mountedAt(await mount('id', 'a\0b'), await mount('secret', 'a\0b'));
    vi.stubEnv('DOKSTAMP_TOKEN_TIMEOUT', '0');
    expect(await faultsOf(DokStampModule.forRootAsync())).toEqual([
      expect.stringMatching(/^tokenTimeout /),
      expect.stringMatching(/^clientId: the file /),
      expect.stringMatching(/^clientSecret: the file /),
    ]);
  });

  it('is not a fault while it is missing', async () => {
    const path = join(folder, 'secret');
    mountedAt(await mount('id', ID), path);
    await using app = await boot({ imports: [DokStampModule.forRootAsync()] });
    await mount('secret', SECRET);
    expect(await app.get(TokenService).getToken()).toBe(`${ID}/1`);
  });

  it('does not hold the boot if its read hangs', async () => {
    const fifo = join(folder, 'secret');
    await promisify(execFile)('mkfifo', [fifo]);
    mountedAt(await mount('id', ID), fifo);
    try {
      await using app = await boot({ imports: [DokStampModule.forRootAsync()] });
      expect(app.get(TokenService).status.state).toBe('absent');
    } finally {
      // Ends the read, which holds a thread of the process.
      closeSync(openSync(fifo, 'r+'));
    }
  });

  it('is credentials_unavailable if it has a control character later', async () => {
    const secret = await mount('secret', SECRET);
    mountedAt(await mount('id', ID), secret);
    await using app = await boot({ imports: [DokStampModule.forRootAsync()] });
    await mount('secret', Buffer.from(SECRET, 'utf16le'));
    expect(await rejectionOf(app.get(TokenService).getToken())).toMatchObject({
      code: 'credentials_unavailable',
      message: expect.stringMatching(/DOKSTAMP_CLIENT_SECRET_FILE .*control character\. .*UTF-8/),
    });
    await mount('secret', SECRET);
    expect(tokenRequests()).toBe(0);
  });
});
