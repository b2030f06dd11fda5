import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { InternalAxiosRequestConfig } from 'axios';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONNECTION_SETTINGS } from '../../../lib/options/connection-defaults.js';
import type { DokStampOptions } from '../../../lib/index.js';
import { http2Server } from '../../support/http2-server.js';
import { accountAt } from '../../support/stub-account.js';
import { type StubServer, stubDokStamp } from '../../support/stub-server.js';

/** Settings of axios that say what is sent or how an answer is read, not how the connection is made. */
const OTHER_SETTINGS = [
  'allowAbsoluteUrls',
  'auth',
  'baseURL',
  'beforeRedirect',
  'cancelToken',
  'data',
  'decompress',
  'formDataHeaderPolicy',
  'formSerializer',
  'headers',
  'maxBodyLength',
  'maxContentLength',
  'maxRate',
  'maxRedirects',
  'method',
  'onDownloadProgress',
  'onUploadProgress',
  'params',
  'paramsSerializer',
  'parseReviver',
  'redact',
  'responseEncoding',
  'responseType',
  'sensitiveHeaders',
  'signal',
  'timeout',
  'timeoutErrorMessage',
  'transformRequest',
  'transformResponse',
  'transitional',
  'url',
  'validateStatus',
  'withCredentials',
  'withXSRFToken',
  'xsrfCookieName',
  'xsrfHeaderName',
];

/** The names that axios declares in `AxiosRequestConfig`. */
async function settingsOfAxios(): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const file = join(dirname(require.resolve('axios/package.json')), 'index.d.ts');
  const source = ts.createSourceFile(file, await readFile(file, 'utf8'), ts.ScriptTarget.ES2023);
  return source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => name.text === 'AxiosRequestConfig')
    .flatMap(({ members }) => members.map(({ name }) => name?.getText(source) ?? ''));
}

describe('each setting of the installed axios', () => {
  it('is a connection setting or is named as another one', async () => {
    const settings = await settingsOfAxios();
    expect(settings).toContain('httpAgent');
    const known = [...CONNECTION_SETTINGS, ...OTHER_SETTINGS];
    expect(settings.filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !settings.includes(name))).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
  });
});

describe('the token request goes the same way as an API call', () => {
  let api: StubServer;

  beforeEach(async () => {
    api = await stubDokStamp();
  });

  afterEach(() => api[Symbol.asyncDispose]());

  /** One API call of an account with these options, and so one token request before it. */
  async function call(options: DokStampOptions, url: string): Promise<number> {
    await using app = await accountAt({ url }, options);
    return (await app.http.axiosRef.get('/certificates')).status;
  }

  const PATHS = ['/oauth/token', '/certificates'];
  const seenByApi = () => api.seen.map(({ url }) => url);

  it('by an adapter function of the app', async () => {
    const sent: string[] = [];
    const adapter = async (config: InternalAxiosRequestConfig) => {
      const { pathname } = new URL(config.url ?? '', config.baseURL);
      sent.push(pathname);
      const token = { token_type: 'Bearer', expires_in: 300, access_token: 'token_1' };
      const data = JSON.stringify(pathname === '/oauth/token' ? token : { data: [] });
      return { status: 200, statusText: 'OK', headers: {}, data, config };
    };
    // No server has this address.
    expect(await call({ http: { adapter } }, 'https://api.dokstamp.invalid')).toBe(200);
    expect(sent).toEqual(PATHS);
  });

  it('by the fetch function of the app', async () => {
    const fetched: string[] = [];
    const fetch = (input: URL | Request | string, init?: RequestInit) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      fetched.push(pathname);
      const target = new URL(pathname, api.url);
      return globalThis.fetch(input instanceof Request ? new Request(target, input) : target, init);
    };
    const http = { adapter: 'fetch', env: { fetch } };
    expect(await call({ http }, 'https://api.dokstamp.invalid')).toBe(200);
    expect(fetched).toEqual(PATHS);
    expect(seenByApi()).toEqual(PATHS);
  });

  it('over HTTP/2', async () => {
    await using server = await http2Server();
    const http = { httpVersion: 2 as const, http2Options: { ca: server.cert } };
    expect(await call({ http }, server.url)).toBe(200);
    expect(server.seen).toEqual(['POST /oauth/token HTTP/2.0', 'GET /certificates HTTP/2.0']);
  });

  it('to the address that lookup gives', async () => {
    const names: string[] = [];
    const lookup = async (name: string): Promise<[string, 4]> => {
      names.push(name);
      return ['127.0.0.1', 4];
    };
    // No DNS knows this name. The second request may use the connection of the first.
    const url = `http://api.dokstamp.invalid:${new URL(api.url).port}`;
    expect(await call({ http: { lookup }, allowInsecureHttp: true }, url)).toBe(200);
    expect(new Set(names)).toEqual(new Set(['api.dokstamp.invalid']));
    expect(seenByApi()).toEqual(PATHS);
  });
});
