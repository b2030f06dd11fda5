import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../../../docs/recipes/axios-retry.js';
import { sandbox } from '../../../support/frozen-sandbox.js';
import { axiosRef, setUpRecipe, tearDownRecipe } from '../../../support/recipe-app.js';
import { callsOf } from '../../../support/recipes.js';
import { rejectionOf } from '../../../support/stub-account.js';
import { advance, settle, waitUntil } from '../../../support/time.js';

beforeEach(() => setUpRecipe(AppModule));
afterEach(tearDownRecipe);

/** Lets the API fail like this. Returns the requests since then. */
function failing(fault: Parameters<typeof sandbox.api.fail>[0]) {
  const before = sandbox.requests.length;
  sandbox.api.fail(fault);
  return () => sandbox.requests.slice(before);
}

/** Waits until the next attempt is planned. The only other timer is the one of the renewal. */
const plannedRetry = () => waitUntil(() => vi.getTimerCount() === 2);

describe('the recipe for axios-retry', () => {
  it.each([429, 503])('retries a %i after the seconds of Retry-After', async (status) => {
    const requests = failing({ status, retryAfter: 7, times: 1 });
    const call = axiosRef.get('/certificates');
    await plannedRetry();
    await advance(6_900);
    expect(requests()).toHaveLength(1);
    // axios-retry adds up to a fifth at random.
    await advance(1_500);
    expect((await settle(call)).status).toBe(200);
    expect(requests()).toHaveLength(2);
  });

  it('retries three times without Retry-After, after growing pauses', async () => {
    const requests = failing({ status: 500 });
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const call = rejectionOf<{ response: { status: number } }>(axiosRef.get('/certificates'));
    for (const [retries, pauseMs] of [400, 800, 1_600].entries()) {
      await plannedRetry();
      await advance(pauseMs - 1);
      expect(requests()).toHaveLength(retries + 1);
      await advance(1);
    }
    expect((await settle(call)).response.status).toBe(500);
    expect(requests()).toHaveLength(4);
  });

  it('returns the response if the API requires a long pause', async () => {
    const requests = failing({ status: 429, retryAfter: 3_600 });
    const error = await settle(rejectionOf(axiosRef.get('/certificates')));
    expect(error).toMatchObject({ response: { status: 429, headers: { 'retry-after': '3600' } } });
    expect(requests()).toHaveLength(1);
  });

  it('does not retry a POST or a PUT, because the API may have processed it', async () => {
    const requests = failing({ status: 503, retryAfter: 1 });
    await settle(rejectionOf(axiosRef.post('/students', {})));
    await settle(rejectionOf(axiosRef.put('/students/1', {})));
    expect(requests()).toHaveLength(2);
  });

  it('does not retry a 401, because the module renews the token and replays the call', async () => {
    sandbox.revokeTokens();
    const before = sandbox.requests.length;
    expect((await settle(axiosRef.get('/certificates'))).status).toBe(200);
    expect(sandbox.requests).toHaveLength(before + 3);
    const requests = failing({ status: 401 });
    await settle(rejectionOf(axiosRef.get('/certificates')));
    expect(requests().filter(({ path }) => path === '/certificates')).toHaveLength(2);
  });

  it('does not retry if no token is available', async () => {
    sandbox.revokeTokens();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 20 });
    const error = await settle(rejectionOf(axiosRef.get('/certificates')));
    expect(error).toMatchObject({ code: 'token_rate_limited', retryAt: expect.any(Date) });
    expect(sandbox.tokenRequests).toBe(2);
    expect(callsOf(sandbox)).toHaveLength(2);
  });
});
