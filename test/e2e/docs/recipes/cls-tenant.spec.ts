import { HttpService } from '@nestjs/axios';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../../../docs/recipes/cls-tenant.js';
import { DokStampHttpService } from '../../../../lib/index.js';
import {
  apiRequests,
  carriesTokenFrom,
  refuse,
  rejectionOf,
} from '../../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../../support/stub-server.js';

const HOSTS = {
  'my-university': 'my-university.portal.example',
  'other-university': 'other-university.portal.example',
};

let api: StubDokStamp;
/** The API accepts `token_<n>` and later ones. */
let oldestToken: number;
let app: INestApplication;
let request: (host: string, email: string) => Promise<{ status: number; data: unknown }>;

beforeEach(async () => {
  oldestToken = 1;
  // Each student is in the tenant that the request names.
  api = await stubDokStamp((incoming, response) => {
    if (!carriesTokenFrom(oldestToken, incoming)) return refuse(response);
    const email = new URL(incoming.url, api.url).searchParams.get('where[email]');
    return json(response, 200, { email, tenant: incoming.headers['x-tenant'] });
  });
  vi.stubEnv('DOKSTAMP_BASE_URL', api.url);
  vi.stubEnv('DOKSTAMP_CLIENT_ID', 'client');
  vi.stubEnv('DOKSTAMP_CLIENT_SECRET', 'secret');
  vi.stubEnv('DOKSTAMP_STARTUP', 'lazy');
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = testing.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  const client = new HttpService().axiosRef.create({
    baseURL: await app.getUrl(),
    validateStatus: () => true,
  });
  // Unlike `fetch`, axios sends the `Host` header of its caller.
  request = (Host, email) => client.get('/students', { params: { email }, headers: { Host } });
});

afterEach(async () => {
  await app.close();
  await api[Symbol.asyncDispose]();
});

/** Sends 20 concurrent requests, of the two hosts in turn. Returns the students. */
async function twentyRequests(): Promise<unknown[]> {
  const tenants = Object.entries(HOSTS);
  const responses = Array.from({ length: 20 }, (_, n) => {
    const [tenant, host] = tenants[n % 2] ?? ['', ''];
    return request(host, `${n}@${tenant}`);
  });
  return (await Promise.all(responses)).map(({ data }) => data);
}

const STUDENTS = Array.from({ length: 20 }, (_, n) => {
  const tenant = Object.keys(HOSTS)[n % 2];
  return { email: `${n}@${tenant}`, tenant };
});

describe('the recipe for a tenant per request', () => {
  it('sends each of 20 concurrent requests with its own tenant, also when it waits for a token', async () => {
    expect(await twentyRequests()).toEqual(STUDENTS);
    expect(api.tokenRequests).toBe(1);
  });

  it('replays each of 20 concurrent requests with its own tenant', async () => {
    await twentyRequests();
    oldestToken = 2;
    expect(await twentyRequests()).toEqual(STUDENTS);
    expect(api.tokenRequests).toBe(2);
  });

  it('sends nothing for an unknown host or outside of a request', async () => {
    expect((await request('portal.example', 'ana@example.org')).status).toBe(500);
    const outside = app.get(DokStampHttpService).axiosRef.get('/students');
    expect(await rejectionOf(outside)).toMatchObject({ code: 'tenant_missing' });
    expect(apiRequests(api)).toEqual([]);
  });
});
