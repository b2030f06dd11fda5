import { Agent } from 'node:https';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DokStampModule, type DokStampOptions } from '../../../lib/index.js';
import type { DokStampSandbox } from '../../../lib/testing/index.js';
import { boot, optionsFor } from '../app.js';
import { environmentOf } from '../recipes.js';
import { accountAt, rejectionOf } from '../requests.js';
import { selfSigned } from '../self-signed.js';
import { stubServer } from '../stub-server.js';
import { tlsFront } from '../tls-front.js';
import { type Producers, atSandbox, bootError, logged, tokenError } from './produced.js';

/** What comes of an answer with this body and the status 200. */
function answered(body: string | object, status = 200): Promise<Error> {
  return tokenError((sandbox) => sandbox.tokenEndpoint.fail({ status, body }));
}

/** What comes of a token answer that differs from a good one by this. */
function answeredWith(fields: object): Promise<Error> {
  return answered({ token_type: 'Bearer', expires_in: 60, access_token: 'a-token', ...fields });
}

async function packedAnswer(): Promise<Error> {
  await using server = await stubServer((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end('not packed at all');
  });
  await using account = await accountAt(server);
  return await rejectionOf(account.tokens.getToken());
}

async function redirected(): Promise<Error> {
  await using server = await stubServer((_, response) =>
    response.writeHead(302, { location: 'https://elsewhere.example' }).end(),
  );
  await using account = await accountAt(server);
  return await rejectionOf(account.tokens.getToken());
}

async function behindSelfSigned(): Promise<Error> {
  await using front = await tlsFront('http://127.0.0.1:1', selfSigned('gateway'));
  await using account = await accountAt(front, { http: { httpsAgent: new Agent() } });
  return await rejectionOf(account.tokens.getToken());
}

/** What comes of a mounted secret that cannot be read. */
function mounted(sandbox: DokStampSandbox, file: string): Promise<Error> {
  environmentOf(sandbox, {
    DOKSTAMP_CLIENT_SECRET: undefined,
    DOKSTAMP_CLIENT_SECRET_FILE: file,
    DOKSTAMP_STARTUP: 'required',
  });
  return bootError(DokStampModule.forRootAsync());
}

async function refusedAtBoot(sandbox: DokStampSandbox): Promise<Error> {
  const wrong = { ...optionsFor(sandbox), clientSecret: 'wrong' };
  await (await boot({ imports: [DokStampModule.forRoot(wrong)] })).close();
  return bootError(DokStampModule.forRoot({ ...wrong, startup: 'required' }));
}

const RESET = Object.assign(new Error('words with the secret'), { code: 'ECONNREFUSED' });
/** What is told where no token can be had. */
export const tokenProducers: Producers = {
  'DokStamp refuses the client id and secret': async () => {
    const wrong = { clientId: 'client', clientSecret: 'wrong' };
    const refused = () => tokenError(() => {}, { credentials: () => wrong });
    return [
      await refused(),
      [await tokenError(() => {}, wrong), await atSandbox((_, sandbox) => refusedAtBoot(sandbox))],
      await atSandbox(
        ({ tokens }) => logged(() => rejectionOf(tokens.getToken())),
        () => ({ credentials: () => wrong }),
      ),
    ];
  },
  'The token endpoint cannot be reached': async () => {
    const closed = await tokenError((sandbox) => sandbox.stop());
    return [closed, await behindSelfSigned()];
  },
  'The token endpoint is too slow': async () => [
    await tokenError((sandbox) => sandbox.tokenEndpoint.hang(), { tokenTimeout: 50 }),
  ],
  'The token endpoint answers 5xx': async () => [
    await tokenError((sandbox) => sandbox.tokenEndpoint.fail({ status: 503 })),
  ],
  'The token endpoint asks to wait': async () => [
    await tokenError((sandbox) => sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 20 })),
  ],
  'The token endpoint rejects the request': async () => [
    await tokenError((sandbox) => sandbox.tokenEndpoint.fail({ status: 404 })),
    await redirected(),
  ],
  'The answer is no token': async () => [
    await Promise.all([
      answered('<html>Sign in</html>'),
      answered({ error: 'none' }),
      answeredWith({ access_token: '' }),
      answeredWith({ access_token: 'a\nb' }),
      answeredWith({ token_type: 'mac' }),
      answeredWith({ expires_in: 'soon' }),
      answered({}, 204),
      answered('x'.repeat(70_000)),
      packedAnswer(),
      tokenError((sandbox) => {
        sandbox.expireIn(0.02);
        sandbox.tokenEndpoint.delay(40);
      }),
    ]),
  ],
  'The credentials function gives no pair': async () => {
    const gives = (credentials: DokStampOptions['credentials']) =>
      tokenError(() => {}, { credentials, tokenTimeout: 1_000 });
    const [text, unreadable, ...errors] = await Promise.all([
      gives(() => fail('a text')),
      gives(() => fail(new Proxy({}, { getPrototypeOf: () => fail(RESET) }))),
      gives(() => fail(RESET)),
      gives(() => ({ clientId: 'client', clientSecret: '' })),
      gives(() => new Promise(() => {})),
    ]);
    expect(text.message).toContain('failed with a thrown value that is no Error');
    expect(unreadable.message).toContain('failed with a value that cannot be read');
    return errors;
  },
  'The mounted secret cannot be read': () =>
    atSandbox(async (_, sandbox) => {
      const folder = await mkdtemp(join(tmpdir(), 'dokstamp-mounted-'));
      const blank = join(folder, 'blank');
      await writeFile(blank, '\n');
      const errors = [await mounted(sandbox, join(folder, 'none')), await mounted(sandbox, blank)];
      const isFolder = await mounted(sandbox, folder);
      expect(isFolder.message).toContain('(EISDIR)');
      await rm(folder, { recursive: true });
      return errors;
    }),
  'A caller did not wait long enough': () =>
    atSandbox(async ({ tokens, http }, sandbox) => {
      sandbox.tokenEndpoint.hang();
      const [own, call] = await Promise.all([
        rejectionOf(tokens.getToken({ timeout: 20 })),
        rejectionOf(http.axiosRef.get('/certificates', { timeout: 20 })),
      ]);
      return [[own, call]];
    }),
  'The timeout of a wait is no number': () =>
    atSandbox(async ({ tokens }) => [
      [
        await rejectionOf(tokens.getToken({ timeout: 0 })),
        await rejectionOf(tokens.renew({ timeout: Number.NaN })),
      ],
    ]),
  'The application has shut down': () =>
    atSandbox(async ({ app, tokens }) => {
      await app.close();
      return [await rejectionOf(tokens.getToken())];
    }),
};

function fail(reason: unknown): never {
  throw reason;
}
