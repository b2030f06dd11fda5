import { describe, expect, it } from 'vitest';
import { SecretMask } from '../../lib/redaction/secret-mask.js';
import {
  ASSUMED_LIFETIME_S,
  InvalidTokenResponse,
  parseTokenError,
  parseTokenResponse,
} from '../../lib/token/token-response.js';
import { anyText } from '../support/any-text.js';
import { fc } from '../support/properties.js';

const GOOD = { token_type: 'Bearer', expires_in: 43_200, access_token: 'token_1' };

const SECRET = 'se+cret/of the=test';

const mask = new SecretMask();
mask.add(SECRET);

const parsed = (changes: object) =>
  parseTokenResponse(JSON.stringify({ ...GOOD, ...changes }), mask);

function reasonOf(body: string): string {
  const result = parseTokenResponse(body, mask);
  if (!(result instanceof InvalidTokenResponse)) throw new Error('The response was accepted.');
  return result.reason;
}

describe('a token response', () => {
  it('has an access token and a lifetime', () => {
    expect(parsed({})).toEqual({ accessToken: 'token_1', expiresIn: 43_200 });
  });

  it('may have other members', () => {
    const more = parsed({ scope: 'a b', refresh_token: 'r', extra: { deep: [1] } });
    expect(more).toEqual({ accessToken: 'token_1', expiresIn: 43_200 });
  });

  it('may have null as error', () => {
    expect(parsed({ error: null })).toEqual({ accessToken: 'token_1', expiresIn: 43_200 });
  });

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])(
    'may have its token type in any case: %s',
    (t) => {
      expect(parsed({ token_type: t })).toMatchObject({ accessToken: 'token_1' });
    },
  );

  it.each([
    [1, 1],
    [0.5, 0.5],
    ['3600', 3_600],
    [' 3600 ', 3_600],
    ['1.5', 1.5],
    [1e12, 1e12],
  ])('may have the lifetime %j, a number or a numeric string', (expiresIn, seconds) => {
    expect(parsed({ expires_in: expiresIn })).toMatchObject({ expiresIn: seconds });
  });

  it.each([[undefined], [null]])('may have no lifetime (%j); 300 s are assumed', (none) => {
    expect(parsed({ expires_in: none })).toEqual({ accessToken: 'token_1', expiresIn: undefined });
    expect(ASSUMED_LIFETIME_S).toBe(300);
  });

  it.each(['eyJhbGciOi.J9.x-_', '1|abc', 'a b', 'tab\tinside', 'caf\u00e9', '~'])(
    'may have the token %j, which stays as it is',
    (token) => {
      expect(parsed({ access_token: token })).toMatchObject({ accessToken: token });
    },
  );
});

describe('a token response is invalid if', () => {
  it.each([
    ['empty', ''],
    ['HTML', '<html><body>Bad Gateway</body></html>'],
    ['truncated', '{"token_type":"Bearer","access_token":"token_1"'],
    ['form-encoded', 'access_token=token_1&token_type=bearer'],
    ['null', 'null'],
    ['an array', JSON.stringify([GOOD])],
    ['a string', JSON.stringify(JSON.stringify(GOOD))],
    ['a number', '42'],
    ['true', 'true'],
  ])('the body is %s', (_, body) => {
    expect(reasonOf(body)).toBe('the body is not a JSON object');
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['blank', '  '],
    ['a number', 5],
    ['an object', { value: 'token_1' }],
    ['an array', ['token_1']],
    ['text with a line end', 'token\r\nX-Evil: 1'],
    ['text with a NUL', 'token\u0000'],
    ['text with a DEL', 'token\u007f'],
    ['text beyond latin1', 'token_\u{1f511}'],
  ])('the access token is %s', (_, token) => {
    expect(parsed({ access_token: token })).toBeInstanceOf(InvalidTokenResponse);
  });

  it.each([[undefined], [null], [''], ['mac'], ['Bearer '], ['bearer token'], [1], [['Bearer']]])(
    'the token type is %j',
    (type) => {
      expect(parsed({ token_type: type })).toBeInstanceOf(InvalidTokenResponse);
    },
  );

  const lifetimes = [
    0,
    -1,
    '0',
    '-1',
    '',
    ' ',
    'soon',
    'e3',
    '0x10',
    'Infinity',
    'NaN',
    '9'.repeat(400),
    true,
    false,
    {},
    [],
    [60],
  ];
  it.each(lifetimes.map((lifetime) => ({ lifetime })))(
    'the lifetime is $lifetime',
    ({ lifetime }) => {
      expect(parsed({ expires_in: lifetime })).toBeInstanceOf(InvalidTokenResponse);
    },
  );

  it('the lifetime is too large for a number', () => {
    const body = '{"token_type":"Bearer","access_token":"token_1","expires_in":1e999}';
    expect(parseTokenResponse(body, mask)).toBeInstanceOf(InvalidTokenResponse);
  });

  it.each([['invalid_client'], [''], [0], [false], [{}]])('it has an error: %j', (error) => {
    expect(parsed({ error })).toBeInstanceOf(InvalidTokenResponse);
  });

  it('some member is wrong, with a reason that shows none of the content', () => {
    const faulty = [
      { access_token: 'token_1\n' },
      { token_type: 'token_1' },
      { expires_in: 'token_1' },
      { error: 'token_1' },
    ];
    for (const changes of faulty) {
      expect(reasonOf(JSON.stringify({ ...GOOD, ...changes }))).not.toContain('token_1');
    }
    expect(reasonOf('token_1')).not.toContain('token_1');
  });
});

describe('a token response with any body', () => {
  const LEGAL = /^[\t\x20-\x7e\x80-\xff]+$/;

  const values = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('Bearer', 'bearer', 'token_1', 300, '300', 0, -1, null, ''),
    anyText(),
    fc.double(),
  );
  const nearly = fc.record(
    {
      token_type: values,
      expires_in: values,
      access_token: values,
      error: fc.constantFrom(undefined, null),
    },
    { requiredKeys: [] },
  );
  const plausible = fc.record(
    {
      token_type: fc.mixedCase(fc.constant('bearer')),
      expires_in: fc.oneof(fc.double(), fc.integer(), fc.nat().map(String), fc.constant(null)),
      access_token: fc.oneof(fc.string(), anyText(), fc.base64String()),
    },
    { requiredKeys: ['token_type', 'access_token'] },
  );
  const bodies = fc.oneof(
    fc.string(),
    anyText(),
    fc.json(),
    nearly.map((body) => JSON.stringify(body)),
    nearly.map((body) => JSON.stringify({ ...GOOD, ...body })),
    plausible.map((body) => JSON.stringify(body)),
    plausible.map((body) => JSON.stringify(body)),
  );

  it('causes no exception, and keeps every rule if it is accepted', () => {
    let accepted = 0;
    fc.assert(
      fc.property(bodies, (body) => {
        const result = parseTokenResponse(body, mask);
        if (result instanceof InvalidTokenResponse) {
          expect(result.reason).not.toBe('');
          return;
        }
        accepted++;
        const sent = JSON.parse(body) as Record<string, unknown>;
        expect(result.accessToken).toBe(sent.access_token);
        expect(result.accessToken).toMatch(LEGAL);
        expect(String(sent.token_type).toLowerCase()).toBe('bearer');
        if (result.expiresIn === undefined) {
          expect(sent.expires_in ?? null).toBeNull();
        } else {
          expect(Number.isFinite(result.expiresIn)).toBe(true);
          expect(result.expiresIn).toBeGreaterThan(0);
          expect(result.expiresIn).toBe(Number(sent.expires_in));
        }
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it('has an error description of one line and 200 characters at most', () => {
    fc.assert(
      fc.property(bodies, anyText(400), (body, description) => {
        expect(() => parseTokenError(body, mask)).not.toThrow();
        const error = { error: 'invalid_client', error_description: description };
        const read = parseTokenError(JSON.stringify(error), mask);
        expect(read.error).toBe('invalid_client');
        expect(read.description?.length).toBeLessThanOrEqual(200);
        expect(read.description).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('an OAuth error body', () => {
  it('has error and error_description', () => {
    const body = { error: 'invalid_scope', error_description: 'Unknown\nscope', message: 'x' };
    expect(parseTokenError(JSON.stringify(body), mask)).toEqual({
      error: 'invalid_scope',
      description: 'Unknown scope',
    });
  });

  it.each(['', 'oops', '[]', 'null', '{}', '{"error":5,"error_description":{}}'])(
    'has neither if it is %j',
    (body) => {
      expect(parseTokenError(body, mask)).toEqual({});
    },
  );

  it('has its secret masked at each place of the description', () => {
    const padding = fc.integer({ min: 0, max: 260 });
    const spellings = fc.constantFrom(
      SECRET,
      encodeURIComponent(SECRET),
      new URLSearchParams({ '': SECRET }).toString().slice(1),
      Buffer.from(SECRET).toString('base64'),
    );
    fc.assert(
      fc.property(padding, spellings, (length, spelling) => {
        const description = `${'.'.repeat(length)}${spelling} is wrong`;
        const body = JSON.stringify({ error: 'invalid_client', error_description: description });
        const read = parseTokenError(body, mask).description ?? '';
        expect(read.length).toBeLessThanOrEqual(200);
        // At the cut, the beginning of the secret would be left.
        expect(read).not.toContain(spelling.slice(0, 4));
      }),
    );
  });

  it('is masked before it is cut to 200 characters', () => {
    for (let shown = 1; shown < SECRET.length; shown++) {
      const description = 'x'.repeat(200 - shown) + SECRET;
      const body = JSON.stringify({ error: 'invalid_client', error_description: description });
      const expected = `${'x'.repeat(200 - shown)}[masked]`.slice(0, 200);
      expect(parseTokenError(body, mask).description).toBe(expected);
    }
  });

  it('has a secret masked that the server has broken over two lines', () => {
    const description = `The secret ${SECRET.replace(' ', '\n')} is wrong`;
    const body = JSON.stringify({ error: 'invalid_client', error_description: description });
    expect(parseTokenError(body, mask).description).not.toContain(SECRET);
  });
});
