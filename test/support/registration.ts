import { HttpService } from '@nestjs/axios';
import { Injectable, Module } from '@nestjs/common';
import { firstValueFrom } from 'rxjs';
import { vi } from 'vitest';
import type { DokStampOptions, DokStampOptionsFactory } from '../../lib/index.js';
import { type StubServer, json, stubServer } from './stub-server.js';

export const SECRET = 'se+cret/of the=test';
export const TIMER = 'dokstamp:token-renewal';
export const EU_TIMER = 'dokstamp:eu:token-renewal';

/** The DokStamp of the current test. Its tokens name the client and count its token requests: `client-1/1`. */
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
  await server[Symbol.asyncDispose]();
}

/** Options of an account at the stub, which requests no token before its first use. */
export function account(options: DokStampOptions = {}): DokStampOptions {
  const credentials = { clientId: 'client-1', clientSecret: SECRET };
  return {
    baseURL: server.url,
    ...credentials,
    tenant: 'my-university',
    startup: 'lazy',
    ...options,
  };
}

/** Options of a second account, which has a name. */
export function europe(options: DokStampOptions = {}) {
  const own = { clientId: 'client-eu', tenant: 'eu-university' };
  return { name: 'eu', ...account({ ...own, ...options }) };
}

/** Sets the environment variables of an account at the stub, until the test ends. */
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

/** An options factory, for `useClass` and `useExisting`. */
@Injectable()
export class Factory implements DokStampOptionsFactory {
  createDokStampOptions(): DokStampOptions {
    return account({ clientId: 'client-class' });
  }
}

@Module({ providers: [Factory], exports: [Factory] })
export class FactoryModule {}

/** How many token requests the stub has received. */
export function tokenRequests(): number {
  return server.seen.filter(({ url }) => url === '/oauth/token').length;
}

/** One API call. */
export function send(http: HttpService) {
  return firstValueFrom(http.get('/certificates'));
}

/** The number of interceptors of an axios instance: for requests, for responses. */
export function interceptorsOf({ interceptors }: HttpService['axiosRef']): [number, number] {
  const count = (manager: object) => {
    let mounted = 0;
    (manager as { forEach(visit: () => void): void }).forEach(() => mounted++);
    return mounted;
  };
  return [count(interceptors.request), count(interceptors.response)];
}
