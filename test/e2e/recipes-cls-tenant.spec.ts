import type { AddressInfo } from 'node:net';
import { HttpService } from '@nestjs/axios';
import type { INestApplication } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../docs/recipes/cls-tenant.js';
import { DokStampHttpService } from '../../lib/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { bootModule, environmentOf } from '../support/recipes.js';
import { rejectionOf } from '../support/requests.js';

const HOSTS = {
  'my-university': 'my-university.portal.example',
  'other-university': 'other-university.portal.example',
};

let sandbox: DokStampSandbox;
let app: Awaited<ReturnType<typeof bootModule>>;
let ask: (host: string, email: string) => Promise<{ status: number; data: unknown }>;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start({ tenant: 'my-university' });
  environmentOf(sandbox, { DOKSTAMP_STARTUP: 'lazy' });
  app = await bootModule(AppModule);
  const server = await listen(app);
  const client = new HttpService().axiosRef.create({
    baseURL: `http://127.0.0.1:${server.port}`,
    validateStatus: () => true,
  });
  ask = (Host, email) => client.get('/students', { params: { email }, headers: { Host } });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await app.close();
  await sandbox.stop();
});

async function listen(booted: unknown): Promise<AddressInfo> {
  const server = (await (booted as INestApplication).listen(0)) as { address(): AddressInfo };
  return server.address();
}

/** Who was asked for, and under which tenant, as the API saw it. */
const seen = () =>
  sandbox.requests
    .filter(({ method }) => method === 'GET')
    .map(({ path, headers }) => ({
      email: new URL(path, sandbox.url).searchParams.get('where[email]'),
      tenant: headers['x-tenant'],
    }));

describe('the recipe for a tenant per request', () => {
  it('never mixes two tenants that are served at once, while the token is fetched and after', async () => {
    sandbox.api.delay(3);
    sandbox.tokenEndpoint.delay(20);
    const tenants = Object.entries(HOSTS);
    for (let round = 0; round < 3; round++) {
      const asking = Array.from({ length: 60 }, (_, n) => {
        const [tenant, host] = tenants[n % 2]!;
        return ask(host, `${n}@${tenant}`);
      });
      await Promise.all(asking);
      sandbox.revokeTokens();
    }
    const first = seen();
    expect(first.length).toBeGreaterThanOrEqual(180);
    for (const { email, tenant } of first) expect(email?.split('@')[1]).toBe(tenant);
    expect(new Set(first.map(({ tenant }) => tenant))).toEqual(new Set(Object.keys(HOSTS)));
  });

  it('shows the students of one tenant to nobody of another', async () => {
    sandbox.seed({ students: [{ name: 'ana', email: 'ana@example.org' }] });
    const [own, other] = await Promise.all(
      Object.values(HOSTS).map((host) => ask(host, 'ana@example.org')),
    );
    expect(own).toMatchObject({ status: 200, data: { data: [{ name: 'ana' }] } });
    expect(JSON.stringify(other?.data)).not.toContain('ana');
  });

  it('sends nothing for a host that it does not know, or outside of a request', async () => {
    expect((await ask('portal.example', 'ana@example.org')).status).toBe(500);
    const outside = app.get(DokStampHttpService).axiosRef.get('/students');
    expect(await rejectionOf(outside)).toMatchObject({ code: 'tenant_missing' });
    expect(seen()).toEqual([]);
  });
});
