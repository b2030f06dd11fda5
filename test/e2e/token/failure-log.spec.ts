import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryDokStamp } from '../../support/memory-dokstamp.js';
import { issueToken, json } from '../../support/stub-server.js';
import { elapse, freezeTime } from '../../support/time.js';
import { answering, failureOf } from '../../support/token-failure.js';
import { tokenHarness } from '../../support/token-harness.js';

let dokStamp: MemoryDokStamp;

beforeEach(() => {
  freezeTime();
  dokStamp = new MemoryDokStamp();
});

const issues = () => {
  dokStamp.tokenEndpoint = (_, response) => issueToken(response, 'token');
};

describe('the log', () => {
  it('has the first token, and no later one', async () => {
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    await harness.tokens.renew();
    expect(harness.log).toEqual([
      { level: 'debug', message: expect.stringMatching(/^First token obtained; valid until 20/) },
    ]);
  });

  it('has one warning when renewals begin to fail, and one when they succeed again', async () => {
    dokStamp.expiresIn = 300;
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    harness.log.length = 0;
    dokStamp.fail(503);
    await elapse(285_000);
    issues();
    await elapse(10_000);
    const [failing, again] = harness.log;
    expect(harness.log).toHaveLength(2);
    expect(failing?.level).toBe('warn');
    expect(failing?.message).toMatch(/failing \(token_request_failed\).*503.*lasts another 60 s/);
    expect(again?.message).toMatch(/works again/);
  });

  it('has a warning that names the next try if there is no token', async () => {
    dokStamp.fail(503);
    await using harness = await tokenHarness(dokStamp.options);
    const { retryAt } = await failureOf(harness.tokens.getToken());
    expect(harness.log).toEqual([
      { level: 'warn', message: expect.stringContaining(String(retryAt?.toISOString())) },
    ]);
  });

  it('has one error for refused credentials, with the remedy and without the secret', async () => {
    dokStamp.fail(401);
    await using harness = await tokenHarness(dokStamp.options);
    for (let refusal = 0; refusal < 3; refusal++) {
      await failureOf(harness.tokens.getToken());
      await elapse(300_000);
    }
    expect(harness.log).toEqual([
      { level: 'error', message: expect.stringMatching(/invalid_client.*account manager/) },
    ]);
    expect(harness.log[0]?.message).not.toContain(dokStamp.options.clientSecret);
  });

  it('has an error for refused credentials also after an outage has begun, and no warning after it', async () => {
    dokStamp.fail(503);
    await using harness = await tokenHarness(dokStamp.options);
    await failureOf(harness.tokens.getToken());
    dokStamp.fail(401);
    await elapse(60_000);
    dokStamp.fail(503);
    await elapse(60_000);
    expect(harness.log.map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  it.each([
    ['403', answering(403), 'token_request_rejected'],
    ['429', answering(429), 'token_rate_limited'],
    ['malformed 200', answering(200, '{}'), 'token_response_invalid'],
  ])('has one warning for each outage by a %s', async (_, endpoint, code) => {
    await using harness = await tokenHarness(dokStamp.options);
    for (let outage = 1; outage <= 2; outage++) {
      dokStamp.tokenEndpoint = endpoint;
      harness.log.length = 0;
      await failureOf(harness.tokens.renew());
      await elapse(100_000);
      expect(harness.log).toEqual([{ level: 'warn', message: expect.stringContaining(code) }]);
      issues();
      await elapse(300_000);
      expect(harness.log).toHaveLength(2);
    }
  });

  it('has one warning if the token response has no expires_in', async () => {
    dokStamp.tokenEndpoint = (_, response) =>
      json(response, 200, { token_type: 'Bearer', access_token: 'token_1' });
    await using harness = await tokenHarness(dokStamp.options);
    await harness.tokens.getToken();
    await harness.tokens.renew();
    expect(harness.log.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', message: expect.stringContaining('no expires_in; 300 s are assumed') },
    ]);
  });
});
