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
  it('has an error that names the next try if there is no token', async () => {
    dokStamp.fail(503);
    await using harness = await tokenHarness(dokStamp.options);
    const { retryAt } = await failureOf(harness.tokens.getToken());
    expect(harness.log).toEqual([
      { level: 'error', message: expect.stringContaining(String(retryAt?.toISOString())) },
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

  it('has another error if an outage turns into refused credentials, and none after it', async () => {
    dokStamp.fail(503);
    await using harness = await tokenHarness(dokStamp.options);
    await failureOf(harness.tokens.getToken());
    dokStamp.fail(401);
    await elapse(60_000);
    dokStamp.fail(503);
    await elapse(60_000);
    expect(harness.log.map(({ level }) => level)).toEqual(['error', 'error']);
  });

  it.each([
    ['403', answering(403), 'token_request_rejected'],
    ['429', answering(429), 'token_rate_limited'],
    ['malformed 200', answering(200, '{}'), 'token_response_invalid'],
  ])('has one line for each outage by a %s', async (_, endpoint, code) => {
    await using harness = await tokenHarness(dokStamp.options);
    // In the second outage a token is still valid.
    for (const level of ['error', 'warn']) {
      dokStamp.tokenEndpoint = endpoint;
      harness.log.length = 0;
      await failureOf(harness.tokens.renew());
      await elapse(100_000);
      expect(harness.log).toEqual([{ level, message: expect.stringContaining(code) }]);
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
      { level: 'warn', message: expect.stringContaining('returned no expires_in. Assuming 300 s') },
    ]);
  });
});
