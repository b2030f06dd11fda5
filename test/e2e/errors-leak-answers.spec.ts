import { inspect } from 'node:util';
import type { AxiosError } from 'axios';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.js';
import { leaksIn, sightsOf } from '../support/leaks.js';
import { accountAt, rejectionOf } from '../support/requests.js';
import { json, stubDokStamp } from '../support/stub-server.js';

// So short that a parser quotes all of a body that it opens.
const TOKEN = 'token_1';

let api: Awaited<ReturnType<typeof stubDokStamp>>;
let account: TestApp;

beforeEach(async () => {
  api = await stubDokStamp(({ url }, response) => {
    if (url === '/no-json') return response.end(`${TOKEN} oops`);
    return json(response, url === '/fine' ? 200 : 422, { message: `not ${TOKEN}` });
  });
  account = await accountAt(api);
});

afterEach(async () => {
  await account[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

function expectNoLeak(error: unknown): void {
  const text = inspect(error, { depth: null, showHidden: true });
  expect(leaksIn([['inspect', text], ...sightsOf(error)], [TOKEN])).toEqual([]);
}

const failureOf = (config: object, url = '/x') =>
  rejectionOf<AxiosError>(account.http.axiosRef.get(url, config));

class Answer {
  readonly #sent: string;
  readonly fields = { ok: 1 };

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

class PublicAnswer {
  constructor(readonly message: string) {}

  get shouted(): string {
    return `${this.message}!`;
  }

  length(): number {
    return this.message.length;
  }
}

const thrower = (make: (data: string) => unknown) => (data: string) => {
  throw make(data);
};

const circle = (data: string) => {
  const made: Record<string, unknown> = { data };
  made['self'] = new Map([[made, made]]);
  return made;
};

const withThrowingGetter = (data: string) =>
  Object.defineProperty({ data }, 'broken', {
    enumerable: true,
    get() {
      throw new Error(`no ${TOKEN}`);
    },
  });

const hiddenIn: [string, (data: string) => unknown][] = [
  ['a Map', (data) => new Map([['a', { data }]])],
  ['the key of a Map', (data) => new Map([[data, 1]])],
  ['a Set', (data) => new Set([[data]])],
  ['a frozen object', (data) => Object.freeze({ inner: Object.freeze([data]) })],
  ['a hidden property', (data) => Object.defineProperty({}, 'hidden', { value: data })],
  ['a property under a symbol', (data) => ({ [Symbol('s')]: { data } })],
  ['the name of a symbol', (data) => ({ [Symbol(data)]: 1, of: Symbol(data) })],
  [
    'a getter',
    (data) => ({
      get sent() {
        return { data };
      },
    }),
  ],
  ['a class with fields', (data) => new PublicAnswer(data)],
  ['a class with private fields', (data) => new Answer(data)],
  ['a class whose own class gives it', (data) => new (class extends Answer {})(data)],
  ['a circle', circle],
  ['an object with a getter that throws', withThrowingGetter],
  ['an error', (data) => new AggregateError([new Error(data)], data)],
  ['a promise', (data) => Promise.resolve({ data })],
  ['a URL', (data) => ({ url: new URL(`http://x/${encodeURIComponent(data)}`) })],
  ['form fields', (data) => ({ form: new URLSearchParams({ data }) })],
  ['headers', (data) => new Headers({ data })],
  ['a String object', (data) => [new String(data)]],
  ['a WeakSet', (data) => [new WeakSet([{ data }])]],
  ['an iterator', (data) => ({ all: new Map([[data, data]]).entries() })],
  ['a Proxy', (data) => ({ proxy: new Proxy({ data }, {}) })],
  [
    'the config, whose answer leads to the socket',
    function (this: object) {
      return { of: this };
    },
  ],
];

describe('an API answer hides no token', () => {
  it.each(hiddenIn)('in %s', async (_, transformResponse) => {
    const error = await failureOf({ transformResponse });
    expect(error).toMatchObject({ isAxiosError: true, response: { status: 422 } });
    await new Promise(setImmediate);
    expectNoLeak(error);
    expect(() => JSON.stringify(error.response?.data)).not.toThrow(/private/);
  });
});

describe('what the app throws instead of an answer hides no token', () => {
  class ApiError extends Error {
    readonly details: object;
    readonly #body: string;

    constructor(body: string) {
      super(`The API says ${body}`);
      this.details = { body };
      this.#body = body;
    }

    get body(): string {
      return this.#body;
    }

    toJSON(): object {
      return { body: this.#body };
    }
  }

  const thrown: [string, (data: string) => unknown][] = [
    ['a string', (data) => data],
    ['an error with fields', (data) => new ApiError(data)],
    ['a frozen error', (data) => Object.freeze(new ApiError(data))],
    ['an error whose cause is text', (data) => new Error('no', { cause: data })],
    [
      'an error with a frozen cause',
      (data) => new Error('no', { cause: Object.freeze(new ApiError(data)) }),
    ],
    ['an error with a name', (data) => Object.assign(new Error('no'), { name: data })],
    ['an error of DOM', (data) => new DOMException(data, 'DataError')],
    ['errors together', (data) => new AggregateError([new ApiError(data)], 'no')],
    ...hiddenIn.map(([kind, make]): [string, (data: string) => unknown] => [
      `${kind}, thrown`,
      make,
    ]),
    ...hiddenIn.map(([kind, make]): [string, (data: string) => unknown] => [
      `${kind} of an error`,
      (data) => Object.assign(new Error('no'), { made: make.call({}, data) }),
    ]),
  ];

  it.each(thrown)('in %s', async (_, make) => {
    for (const url of ['/fine', '/x']) {
      const error = await failureOf({ transformResponse: thrower(make) }, url);
      await new Promise(setImmediate);
      expectNoLeak(error);
    }
  });

  it('in an error that has config, request and answer of its own', async () => {
    const transformResponse = function (this: { response: object }, data: string) {
      throw Object.assign(new ApiError(data), { config: this, response: this.response });
    };
    for (const url of ['/fine', '/x']) expectNoLeak(await failureOf({ transformResponse }, url));
  });

  it('in what cannot even be looked at', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const broken = Object.defineProperty(new Error('no'), 'cause', {
      get() {
        throw new Error(TOKEN);
      },
    });
    const { axiosRef } = account.http;
    for (const thing of [proxy, Object.assign(new Error(TOKEN), { proxy }), broken]) {
      // Not by a promise's result, for which a promise would look at the proxy.
      const [error] = await axiosRef.get('/x', { transformResponse: thrower(() => thing) }).then(
        () => [],
        (thrown: unknown) => [thrown],
      );
      const text = inspect(error, { depth: null, showHidden: true, getters: true });
      expect(text.includes(TOKEN)).toBe(false);
    }
  });

  it('and stays the error that was thrown, of its class', async () => {
    let made: unknown;
    const error = await failureOf({
      transformResponse: thrower((data) => (made = new ApiError(data))),
    });
    expect(error).toBe(made);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ details: { body: '{"message":"not [masked]"}' } });
    const frozen = await failureOf({
      transformResponse: thrower((data) => Object.freeze(new ApiError(data))),
    });
    expect(frozen).toBeInstanceOf(ApiError);
    expect(frozen.message).toBe('The API says {"message":"not [masked]"}');
  });
});

describe('what a parser says of an answer', () => {
  it('hides no token in what axios keeps of it under a symbol', async () => {
    const strict = { responseType: 'json', transitional: { silentJSONParsing: false } };
    for (const config of [strict, { ...strict, adapter: 'fetch' }]) {
      const error = await failureOf(config, '/no-json');
      expect(error).toMatchObject({ isAxiosError: true, name: 'SyntaxError', status: 200 });
      expect(error.message).toContain('"[masked] oops" is not valid JSON');
      expectNoLeak(error);
    }
  });
});

describe("the app's own objects", () => {
  it('in an answer are left as they are', async () => {
    const shared = { list: [`kept ${TOKEN}`], all: new Map([['a', `kept ${TOKEN}`]]) };
    const error = await failureOf({ transformResponse: () => shared });
    expectNoLeak(error);
    expect(error.response?.data).toMatchObject({ list: ['kept [masked]'] });
    expect(shared).toEqual({ list: ['kept token_1'], all: new Map([['a', 'kept token_1']]) });
  });

  it('can be used in an answer that has no token in them', async () => {
    const made = new Answer('nothing');
    const error = await failureOf({ transformResponse: (data: string) => ({ made, data }) });
    expectNoLeak(error);
    const given = (error.response?.data as { made?: Answer } | undefined)?.made;
    expect(given).toBe(made);
    expect(given?.sent).toBe('nothing');
  });

  it('keep their class where a token was in them', async () => {
    const error = await failureOf({ transformResponse: () => new PublicAnswer(`not ${TOKEN}`) });
    const given = error.response?.data as PublicAnswer;
    expect(given).toBeInstanceOf(PublicAnswer);
    expect([given.message, given.shouted]).toEqual(['not [masked]', 'not [masked]!']);
    expect(given.length()).toBe('not [masked]'.length);
  });
});
