import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  AccessTokens,
  AppModule,
  Universities,
} from '../../../../docs/recipes/account-per-customer.js';
import { universities } from '../../../support/universities.js';

let api: Awaited<ReturnType<typeof universities>>;
let app: INestApplication;

beforeEach(async () => {
  api = await universities();
  vi.stubEnv('DOKSTAMP_BASE_URL', api.url);
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Universities)
    .useValue({ dokStampOptionsOf: async (key: string) => api.optionsOf(key) })
    .overrideProvider(AccessTokens)
    .useValue({
      verify: async (token: string) =>
        token.startsWith('user-of-') ? { university: token.slice('user-of-'.length) } : undefined,
    })
    .compile();
  app = testing.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
});

afterEach(async () => {
  await app.close();
  await api[Symbol.asyncDispose]();
});

/** The university whose certificates the app answers with, or the status of an error. */
async function ownerOf(path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch((await app.getUrl()) + path, { headers });
  return response.ok ? ((await response.json()) as { owner: string }).owner : response.status;
}

const tokenOf = (key: string) => ({ authorization: `Bearer user-of-${key}` });

const WAYS = {
  'the route': (key: string) => ownerOf(`/universities/${key}/certificates`),
  'a token that a guard has verified': (key: string) => ownerOf('/certificates', tokenOf(key)),
  'nestjs-cls': (key: string) => ownerOf('/own/certificates', tokenOf(key)),
};

describe('the recipe for an account per customer', () => {
  it.each(Object.entries(WAYS))(
    'takes the key from %s, and separates concurrent requests of two customers',
    async (_, request) => {
      const keys = Array.from({ length: 12 }, (_each, n) => ['porto', 'lisboa'][n % 2] ?? '');
      expect(await Promise.all(keys.map(request))).toEqual(keys);
      expect(api.calls.every(({ isAccepted }) => isAccepted)).toBe(true);
      expect(Object.fromEntries(api.tokenRequests)).toEqual({ porto: 1, lisboa: 1 });
    },
  );

  it('answers 401 without a verified token', async () => {
    expect(await ownerOf('/certificates')).toBe(401);
    expect(await ownerOf('/own/certificates')).toBe(401);
    expect(api.calls).toEqual([]);
  });
});
