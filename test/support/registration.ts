import { HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { vi } from 'vitest';
import type { DokStampOptions, DokStampOptionsFactory } from '../../lib/index.js';
import { type StubServer, json, stubServer } from './stub-server.js';

export const SECRET = 'se+cret/of the=test';
export const TIMER = 'dokstamp:token-renewal';
export const EU_TIMER = 'dokstamp:eu:token-renewal';

/** A DokStamp whose tokens tell the client and how many it had: `client-1/1`. Each test has one of its own. */
export let server: StubServer;

/** Before each test. */
export async function setUp(): Promise<void> {
  const issued = new Map<string, number>();
  server = await stubServer(({ url, body }, response) => {
    if (url !== '/oauth/token') return json(response, 200, { data: [] });
    const client = new URLSearchParams(body.toString()).get('client_id') ?? '';
    const count = (issued.get(client) ?? 0) + 1;
    issued.set(client, count);
    const access_token = `${client}/${count}`;
    return json(response, 200, { token_type: 'Bearer', expires_in: 43_200, access_token });
  });
}

/** After each test. */
export async function tearDown(): Promise<void> {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
}

/** Options that lead to the stub; nothing is asked before the first use. */
export function account(options: DokStampOptions = {}): DokStampOptions {
  const pair = { clientId: 'client-1', clientSecret: SECRET };
  return { baseURL: server.url, ...pair, tenant: 'my-university', startup: 'lazy', ...options };
}

/** The options of a second account, which has a name. */
export function europe(options: DokStampOptions = {}) {
  const own = { clientId: 'client-eu', tenant: 'eu-university' };
  return { name: 'eu', ...account({ ...own, ...options }) };
}

/** Environment variables that lead to the stub, until the test is over. */
export function environment(variables: Record<string, string> = {}): void {
  const base = {
    DOKSTAMP_BASE_URL: server.url,
    DOKSTAMP_CLIENT_ID: 'client-env',
    DOKSTAMP_CLIENT_SECRET: SECRET,
    DOKSTAMP_TENANT: 'env-university',
    DOKSTAMP_STARTUP: 'lazy',
  };
  for (const [name, value] of Object.entries({ ...base, ...variables })) vi.stubEnv(name, value);
}

/** Gives the options of an account as a class. */
@Injectable()
export class Factory implements DokStampOptionsFactory {
  createDokStampOptions(): DokStampOptions {
    return account({ clientId: 'client-class' });
  }
}

@Module({ providers: [Factory], exports: [Factory] })
export class FactoryModule {}

/** How many token requests the stub has had. */
export function tokenRequests(): number {
  return server.seen.filter(({ url }) => url === '/oauth/token').length;
}

/** One API call. */
export function send(http: HttpService) {
  return firstValueFrom(http.get('/certificates'));
}

/** Interceptors that are mounted on an axios instance, by direction. */
export function interceptorsOf({ interceptors }: HttpService['axiosRef']): [number, number] {
  const count = (manager: object) => {
    let mounted = 0;
    (manager as { forEach(visit: () => void): void }).forEach(() => mounted++);
    return mounted;
  };
  return [count(interceptors.request), count(interceptors.response)];
}
