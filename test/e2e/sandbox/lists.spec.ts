import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Item,
  call,
  headers,
  list,
  pdf,
  sandbox,
  startSandboxWithToken,
  upload,
} from '../../support/sandbox-client.js';

const EMAILS = ['c@x.test', 'a@x.test', 'b@x.test'];

beforeEach(async () => {
  const stop = await startSandboxWithToken();
  sandbox.seed({
    students: EMAILS.map((email) => ({ email, gender: email.startsWith('a') ? null : 'f' })),
  });
  return stop;
});

async function emailsOf(query: string): Promise<unknown[]> {
  return (await list(`/students?${query}`)).map(({ email }) => email);
}

describe('a list', () => {
  it('has fifteen items per page in the order of creation, and meta', async () => {
    sandbox.seed({ students: Array.from({ length: 14 }, () => ({})) });
    const response = await call('GET', '/students');
    const body: { data: Item[]; meta: object } = JSON.parse(await response.text());
    expect(body.meta).toEqual({ current_page: 1, per_page: 15, total: 17 });
    expect(body.data).toHaveLength(15);
    expect(body.data.slice(0, 3).map(({ email }) => email)).toEqual(EMAILS);
    expect(await list('/students?page=2')).toHaveLength(2);
  });

  it.each([
    ['per_page=2', ['c@x.test', 'a@x.test']],
    ['per_page=2&page=2', ['b@x.test']],
    ['per_page=2&page=3', []],
    ['per_page=zero&page=-1', EMAILS],
  ])('is cut by %s', async (query, expected) => {
    expect(await emailsOf(query)).toEqual(expected);
  });

  it.each([
    ['where[email]=a@x.test', ['a@x.test']],
    ['where%5Bemail%5D=a%40x.test', ['a@x.test']],
    ['where[gender]=f', ['c@x.test', 'b@x.test']],
    ['where[gender]=null', ['a@x.test']],
    ['where[gender]=f&where[email]=b@x.test', ['b@x.test']],
    ['where[gender]=f&where[email]=a@x.test', []],
    ['where[unknown]=null', []],
  ])('is filtered by %s', async (query, expected) => {
    expect(await emailsOf(query)).toEqual(expected);
  });

  it.each([
    ['sort[column]=email', ['a@x.test', 'b@x.test', 'c@x.test']],
    ['sort[column]=email&sort[order]=asc', ['a@x.test', 'b@x.test', 'c@x.test']],
    ['sort[column]=email&sort[order]=desc', ['c@x.test', 'b@x.test', 'a@x.test']],
    ['sort[column]=gender', ['a@x.test', 'c@x.test', 'b@x.test']],
    ['sort[column]=email&sort[order]=desc&per_page=1', ['c@x.test']],
  ])('is sorted by %s', async (query, expected) => {
    expect(await emailsOf(query)).toEqual(expected);
  });

  it('is sorted numerically by a column of numbers', async () => {
    await upload(pdf('x'.repeat(10)), pdf('y'.repeat(9)));
    const sizes = (await list('/files?sort[column]=size')).map(({ size }) => size);
    expect(sizes).toEqual([9, 10]);
  });

  it('is answered to HEAD without a body', async () => {
    const response = await fetch(`${sandbox.url}/students`, { method: 'HEAD', headers });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});
