import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../lib/options/options.resolver.js';
import { TokenEndpointClient } from '../../lib/token/token-endpoint.client.js';
import { ManualClock } from '../support/manual-clock.js';
import { rejectionOf } from '../support/requests.js';
import { stubServer } from '../support/stub-server.js';

const PAIR = { clientId: 'client-1', clientSecret: 'secret-of-mine' };
const BOM = '\ufeff';
const GRANT = JSON.stringify({ token_type: 'Bearer', expires_in: 60, access_token: 'token_1' });

/** Asks a token endpoint that answers so. */
async function ask(status: number, body: string) {
  await using server = await stubServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  const options = resolveOptions({ baseURL: server.url, ...PAIR });
  const client = new TokenEndpointClient(options, new ManualClock());
  return await client.request(PAIR, new AbortController().signal);
}

describe('the answer of the token endpoint', () => {
  it('may begin with a byte order mark, which JSON may not have', async () => {
    expect((await ask(200, BOM + GRANT)).token.value).toBe('token_1');
    const error = JSON.stringify({ error: 'invalid_client', error_description: 'Unknown' });
    expect(await rejectionOf(ask(401, BOM + error))).toMatchObject({
      code: 'invalid_client',
      errorDescription: 'Unknown',
    });
  });

  it('is 64 KiB at most: a longer success is none, though it begins with a whole token', async () => {
    expect((await ask(200, GRANT.padEnd(64 * 1_024))).token.value).toBe('token_1');
    expect(await rejectionOf(ask(200, GRANT.padEnd(64 * 1_024 + 1)))).toMatchObject({
      code: 'token_response_invalid',
      message: expect.stringContaining('larger than 64 KiB'),
    });
  });

  it('that is longer is judged by its status alone, though it begins with a whole refusal', async () => {
    const error = JSON.stringify({ error: 'invalid_client', error_description: 'Unknown' });
    const failure = await rejectionOf(ask(401, error.padEnd(64 * 1_024 + 1)));
    expect(failure).toMatchObject({ code: 'token_request_rejected', status: 401 });
    expect(failure).not.toHaveProperty('errorDescription');
  });
});
