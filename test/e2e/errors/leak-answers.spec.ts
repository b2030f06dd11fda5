import { inspect } from 'node:util';
import type { AxiosError, AxiosRequestConfig } from 'axios';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../support/app.js';
import { leaksIn, viewsOf } from '../../support/leaks.js';
import { accountAt, rejectionOf } from '../../support/stub-account.js';
import { type StubDokStamp, json, stubDokStamp } from '../../support/stub-server.js';

// Short, so that a parser quotes the whole body that begins with it.
const TOKEN = 'token_1';

const DEPTH = 20_000;

const ANSWERS: Record<string, unknown> = {
  '/refused': { message: `not ${TOKEN}` },
  '/keys': { [TOKEN]: [`not ${TOKEN}`, 1, null, { [`${TOKEN}!`]: true }] },
  '/nothing': { message: 'No.', list: [1, null, { a: true }] },
};

let api: StubDokStamp;
let account: TestApp;

beforeAll(async () => {
  api = await stubDokStamp(({ url }, response) => {
    if (url === '/no-json') return response.end(`${TOKEN} oops`);
    if (url !== '/deep') return json(response, 422, ANSWERS[url]);
    return response.writeHead(422).end(`${'['.repeat(DEPTH)}"${TOKEN}"${']'.repeat(DEPTH)}`);
  });
  account = await accountAt(api);
});

afterAll(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

function expectNoLeak(error: unknown): void {
  expect(leaksIn(viewsOf(error), [TOKEN])).toEqual([]);
}

const failureOf = (config: AxiosRequestConfig, url = '/refused') =>
  rejectionOf<AxiosError>(account.http.axiosRef.get(url, config));

describe('the answer of a refused call', () => {
  it('shows no token in its values and keys, and keeps the rest', async () => {
    const error = await failureOf({}, '/keys');
    expect(error.response?.data).toEqual({
      '[masked]': ['not [masked]', 1, null, { '[masked]!': true }],
    });
    expectNoLeak(error);
  });

  it.each<[string, AxiosRequestConfig]>([
    ['text', { responseType: 'text' }],
    ['bytes', { responseType: 'arraybuffer' }],
    ['an ArrayBuffer', { responseType: 'arraybuffer', adapter: 'fetch' }],
  ])('shows no token as %s', async (_, config) => {
    const error = await failureOf(config);
    expectNoLeak(error);
    const data = error.response?.data;
    const content = typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer);
    expect(String(content)).toBe('{"message":"not [masked]"}');
  });

  it('shows no token if it is nested deeper than a stack', async () => {
    let inner = (await failureOf({}, '/deep')).response?.data;
    while (Array.isArray(inner)) inner = inner[0] as unknown;
    expect(inner).toBe('[masked]');
  });

  it('stays as it is without a token in it', async () => {
    const error = await failureOf({}, '/nothing');
    expect(error.response?.data).toEqual(ANSWERS['/nothing']);
  });
});

class PublicAnswer {
  constructor(readonly message: string) {}

  get shouted(): string {
    return `${this.message}!`;
  }
}

class PrivateAnswer {
  readonly #sent: string;

  constructor(sent: string) {
    this.#sent = sent;
  }

  get sent(): string {
    return this.#sent;
  }

  toJSON(): object {
    return { sent: this.#sent };
  }

  [inspect.custom](): string {
    return `Answer of ${this.#sent}`;
  }
}

/** What an app may make of the text of an answer. */
const MADE: [string, (text: string) => unknown][] = [
  ['a Map', (text) => new Map([[text, { text }]])],
  ['a frozen object', (text) => Object.freeze({ inner: Object.freeze([text]) })],
  ['a hidden property', (text) => Object.defineProperty({}, 'hidden', { value: text })],
  ['a symbol', (text) => ({ [Symbol(text)]: 1 })],
  ['an object of a class', (text) => new PublicAnswer(text)],
  ['an object of a class with private fields', (text) => new PrivateAnswer(text)],
  ['an error', (text) => new AggregateError([new Error(text)], text)],
  ['a promise', (text) => Promise.resolve({ text })],
];

describe("what the app's transformResponse makes of the answer of a refused call", () => {
  it.each(MADE)('shows no token: %s', async (_, transformResponse) => {
    const error = await failureOf({ transformResponse });
    expect(error).toMatchObject({ isAxiosError: true, response: { status: 422 } });
    expectNoLeak(error);
  });

  it('is the object that it returned if it has no token', async () => {
    const made = new PrivateAnswer('nothing');
    const error = await failureOf({ transformResponse: () => made });
    expect(error.response?.data).toBe(made);
  });

  it('keeps its class', async () => {
    const error = await failureOf({ transformResponse: (text: string) => new PublicAnswer(text) });
    expect(error.response?.data).toBeInstanceOf(PublicAnswer);
    expect(error.response?.data).toMatchObject({ shouted: '{"message":"not [masked]"}!' });
  });

  it('may be an object of the app, which is left as it is', async () => {
    const shared = { list: [`kept ${TOKEN}`], all: new Map([['a', `kept ${TOKEN}`]]) };
    await failureOf({ transformResponse: () => shared });
    expect(shared).toEqual({ list: ['kept token_1'], all: new Map([['a', 'kept token_1']]) });
  });

  it('shows no token if it has frozen the headers of the request', async () => {
    const error = await failureOf({
      transformResponse(text: unknown) {
        Object.freeze(this.headers);
        return text;
      },
    });
    expect(error).toMatchObject({ isAxiosError: true, response: { status: 422 } });
    expectNoLeak(error);
  });
});

class ApiError extends Error {
  readonly details: object;

  constructor(body: string) {
    super(`The API says ${body}`);
    this.details = { body };
  }
}

describe("what the app's transformResponse throws for a refused call", () => {
  it.each<[string, (text: string) => unknown]>([
    ['a string', (text) => text],
    ['an error with fields', (text) => new ApiError(text)],
    ['an error with a cause', (text) => new Error('no', { cause: new ApiError(text) })],
    ['an error with a name', (text) => Object.assign(new Error('no'), { name: text })],
    ['a DOMException', (text) => new DOMException(text, 'DataError')],
    ['an AggregateError', (text) => new AggregateError([new ApiError(text)], 'no')],
  ])('shows no token: %s', async (_, make) => {
    const transformResponse = (text: string) => {
      throw make(text);
    };
    const error: unknown = await failureOf({ transformResponse });
    expectNoLeak(error);
  });

  it('is the error that the caller gets', async () => {
    let thrown: unknown;
    const transformResponse = (text: string) => {
      throw (thrown = new ApiError(text));
    };
    const error = await failureOf({ transformResponse });
    expect(error).toBe(thrown);
    expect(error).toMatchObject({ details: { body: '{"message":"not [masked]"}' } });
  });
});

describe('what a parser says of an answer', () => {
  it.each([
    ['http', 'axios', { transitional: { silentJSONParsing: false } }],
    ['fetch', 'axios', { transitional: { silentJSONParsing: false } }],
    ['http', 'the app', { transformResponse: (text: string) => JSON.parse(text) as unknown }],
  ])('shows no token, by %s and the parser of %s', async (adapter, _, config) => {
    const error = await failureOf({ responseType: 'json', adapter, ...config }, '/no-json');
    expect(error).toMatchObject({ name: 'SyntaxError' });
    expect(error.message).toContain('"[masked] oops" is not valid JSON');
    expectNoLeak(error);
  });
});
