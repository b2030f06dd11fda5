import { Agent } from 'node:http';
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { HttpModule, HttpService } from '@nestjs/axios';
import axios, { AxiosHeaders } from 'axios';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampHttpService, DokStampModule } from '../../../lib/index.js';
import { boot } from '../../support/app.js';
import {
  account,
  interceptorsOf,
  send,
  server,
  setUp,
  tearDown,
} from '../../support/registration.js';
import { accountAt, apiRequests } from '../../support/stub-account.js';

beforeEach(setUp);
afterEach(tearDown);

describe("the host's axios", () => {
  it('has no interceptor of this package, neither globally nor by a bare HttpModule', async () => {
    const imports = [DokStampModule.forRoot(account()), HttpModule];
    await using app = await boot({ imports });
    const bare = app.get(HttpService);
    await send(app.get(DokStampHttpService));
    for (const { axiosRef } of [{ axiosRef: axios }, bare, new HttpService()]) {
      expect(interceptorsOf(axiosRef)).toEqual([0, 0]);
      expect(JSON.stringify(axiosRef.defaults)).not.toContain(server.url);
    }
    const responses = [
      await axios.get(`${server.url}/plain`),
      await firstValueFrom(bare.get(`${server.url}/plain`)),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    for (const { headers } of apiRequests(server).slice(1)) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('x-tenant');
      expect(headers['user-agent']).toMatch(/^axios/);
    }
  });

  it('keeps its defaults', async () => {
    const before = inspect(axios.defaults, { depth: 4 });
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    await send(app.get(DokStampHttpService));
    expect(inspect(axios.defaults, { depth: 4 })).toBe(before);
    expect(app.get(DokStampHttpService).axiosRef).not.toBe(axios);
  });

  it('runs its interceptors for neither API calls nor token requests', async () => {
    const seen: (string | undefined)[] = [];
    const id = axios.interceptors.request.use((config) => {
      seen.push(config.url);
      return config;
    });
    await using app = await boot({ imports: [DokStampModule.forRoot(account()), HttpModule] });
    await send(app.get(DokStampHttpService));
    axios.interceptors.request.eject(id);
    expect(seen).toEqual([]);
    expect(server.seen).toHaveLength(2);
  });
});

describe('the defaults of the global axios', () => {
  const before = { ...axios.defaults };

  afterEach(() => {
    for (const key of Object.keys(axios.defaults))
      if (!(key in before)) Reflect.deleteProperty(axios.defaults, key);
    Object.assign(axios.defaults, before);
    // The copies loaded here keep defaults of these tests, so no other test may use them.
    vi.resetModules();
  });

  /** Defaults that would show in a request, or by a failure. */
  function setGlobalDefaults(): void {
    Object.assign(axios.defaults, {
      auth: { username: 'others', password: 'others' },
      headers: { ...before.headers, common: { 'X-Others': '1' }, get: { 'X-Others': '1' } },
      params: { others: 1 },
      baseURL: 'http://127.0.0.1:1',
      adapter: () => Promise.reject(new Error('the adapter of others')),
      timeout: 1,
      timeoutErrorMessage: 'the time limit of others',
      proxy: { host: '127.0.0.1', port: 1 },
      responseType: 'arraybuffer',
      validateStatus: () => false,
      maxContentLength: 0,
      maxBodyLength: 0,
      socketPath: '/nowhere.sock',
      paramsSerializer: { serialize: () => 'others' },
    });
  }

  /** Loads the package again, as it is when an app starts. */
  function loadPackage() {
    vi.resetModules();
    return import('../../../lib/index.js');
  }

  type Package = Awaited<ReturnType<typeof loadPackage>>;

  async function expectOwnDefaults(lib: Package): Promise<void> {
    await using app = await boot({ imports: [lib.DokStampModule.forRoot(account())] });
    const { axiosRef } = app.get(lib.DokStampHttpService);
    expect(axiosRef.defaults).toMatchObject({ timeout: 0 });
    expect((await axiosRef.post('/x', { a: 1 }, { params: { own: 1 } })).data).toEqual({
      data: [],
    });
    expect((await axiosRef.get('/y')).status).toBe(200);
    expect(server.seen.map(({ url }) => url)).toEqual(['/oauth/token', '/x?own=1', '/y']);
    for (const { headers } of server.seen) expect(headers).not.toHaveProperty('x-others');
    for (const { headers } of apiRequests(server))
      expect(headers.authorization).toBe('Bearer client-1/1');
  }

  it('do not affect this package if they are set before it is loaded', async () => {
    setGlobalDefaults();
    await expectOwnDefaults(await loadPackage());
  });

  it('do not affect this package if they are set after it is loaded', async () => {
    const lib = await loadPackage();
    setGlobalDefaults();
    await expectOwnDefaults(lib);
  });

  it('do not affect an account if they are set between the boot and its first call', async () => {
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    setGlobalDefaults();
    const { axiosRef } = app.get(DokStampHttpService);
    expect((await axiosRef.get('/y')).data).toEqual({ data: [] });
    expect(server.seen.map(({ url }) => url)).toEqual(['/oauth/token', '/y']);
  });

  it('give token requests no transforms', async () => {
    const others = vi.fn<() => never>();
    Object.assign(axios.defaults, { transformRequest: [others], transformResponse: [others] });
    const lib = await loadPackage();
    await using app = await boot({ imports: [lib.DokStampModule.forRoot(account())] });
    expect(await app.get(lib.TokenService).getToken()).toBe('client-1/1');
    expect(others).not.toHaveBeenCalled();
  });

  it('stay as the app has set them', async () => {
    setGlobalDefaults();
    const set = { ...axios.defaults, headers: structuredClone(axios.defaults.headers) };
    await using app = await boot({ imports: [DokStampModule.forRoot(account())] });
    await send(app.get(DokStampHttpService));
    expect(axios.defaults).toEqual(set);
  });
});

describe('one object of request defaults for two accounts', () => {
  const shared = () => ({
    headers: { common: { 'X-App': '1' }, get: new AxiosHeaders({ 'X-Get': '1' }), 'X-All': '1' },
    params: { where: { status: 'issued' } },
    transitional: { silentJSONParsing: true },
    transformResponse: [(data: unknown) => data],
    httpAgent: new Agent({ keepAlive: true, maxSockets: 7 }),
  });

  it('is copied for each account', async () => {
    const http = shared();
    const asGiven = shared();
    await using one = await accountAt(server, { http });
    await using two = await accountAt(server, { http });
    const { defaults } = one.http.axiosRef;
    Object.assign(defaults.headers.common, { 'X-One': '1' });
    Object.assign(defaults.headers.get, { 'X-One': '1' });
    Object.assign((defaults.params as typeof http.params).where, { one: 1 });
    Object.assign(defaults.transitional ?? {}, { silentJSONParsing: false });
    (defaults.transformResponse as unknown[]).push(() => 'one');
    await two.http.axiosRef.get('/x');
    const [sent] = apiRequests(server);
    expect(sent?.headers).toMatchObject({ 'x-app': '1', 'x-get': '1', 'x-all': '1' });
    expect(sent?.headers).not.toHaveProperty('x-one');
    expect(decodeURIComponent(sent?.url ?? '')).toBe('/x?where[status]=issued');
    expect(two.http.axiosRef.defaults.transitional).toMatchObject({ silentJSONParsing: true });
    expect(two.http.axiosRef.defaults.transformResponse).toHaveLength(1);
    for (const key of ['headers', 'params', 'transitional'] as const)
      expect(http[key]).toEqual(asGiven[key]);
    expect(http.transformResponse).toHaveLength(1);
    http.httpAgent.destroy();
  });

  it('gives both accounts its agent, for all their requests', async () => {
    const http = shared();
    const { httpAgent } = http;
    // Only this agent reaches the server.
    const unreachable = { url: 'http://127.0.0.1:1' };
    const port = Number(new URL(server.url).port);
    vi.spyOn(httpAgent, 'createConnection').mockImplementation(() => connect(port));
    await using one = await accountAt(unreachable, { http });
    await using two = await accountAt(unreachable, { http });
    for (const { axiosRef } of [one.http, two.http]) await axiosRef.get('/x');
    expect(http.httpAgent).toBe(httpAgent);
    expect(server.seen).toHaveLength(4);
    httpAgent.destroy();
  });

  it('may be frozen', async () => {
    const http = Object.freeze({ headers: Object.freeze({ common: Object.freeze({ a: '1' }) }) });
    await using frozen = await accountAt(server, { http });
    await frozen.http.axiosRef.get('/x');
    expect(apiRequests(server)[0]?.headers).toMatchObject({ a: '1' });
  });
});
