import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../docs/recipes/axios-retry.js';
import { axiosRef, setUpRecipe, tearDownRecipe } from '../support/recipe-app.js';
import { callsOf } from '../support/recipes.js';
import { rejectionOf } from '../support/requests.js';
import { letGoOn, pass, until } from '../support/token-harness.js';
import { sandbox } from '../support/token-sandbox.js';

beforeEach(() => setUpRecipe(AppModule));
afterEach(tearDownRecipe);

/** Lets the API answer with this; the requests that come in after the one of the set-up. */
function failing(fault: Parameters<typeof sandbox.api.fail>[0]) {
  const before = sandbox.requests.length;
  sandbox.api.fail(fault);
  return () => sandbox.requests.slice(before);
}

/** Lets a call go on until its next try is planned, as the one timer beside that of the renewal. */
async function waiting(): Promise<void> {
  await until(() => vi.getTimerCount() === 2);
}

describe('the recipe for axios-retry', () => {
  it.each([429, 503])('waits as Retry-After says before it tries a %i again', async (status) => {
    const requests = failing({ status, retryAfter: 7, times: 1 });
    const call = axiosRef.get('/certificates');
    await waiting();
    await pass(6_900, 100);
    expect(requests()).toHaveLength(1);
    await pass(1_500);
    expect((await letGoOn(call)).status).toBe(200);
    expect(requests()).toHaveLength(2);
  });

  it('tries three times without Retry-After, with growing pauses', async () => {
    const requests = failing({ status: 500 });
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const call = rejectionOf<{ response: { status: number } }>(axiosRef.get('/certificates'));
    for (const [tries, pauseMs] of [400, 800, 1_600].entries()) {
      await waiting();
      await pass(pauseMs - 1);
      expect(requests()).toHaveLength(tries + 1);
      await pass(1);
    }
    expect((await letGoOn(call)).response.status).toBe(500);
    expect(requests()).toHaveLength(4);
  });

  it('gives the answer to the caller where the API asks for a long pause', async () => {
    const requests = failing({ status: 429, retryAfter: 3_600 });
    const error = await letGoOn(rejectionOf(axiosRef.get('/certificates')));
    expect(error).toMatchObject({ response: { status: 429, headers: { 'retry-after': '3600' } } });
    expect(requests()).toHaveLength(1);
  });

  it('does not try again what may have been done', async () => {
    const requests = failing({ status: 503, retryAfter: 1 });
    await letGoOn(rejectionOf(axiosRef.post('/students', {})));
    await letGoOn(rejectionOf(axiosRef.put('/students/1', {})));
    expect(requests()).toHaveLength(2);
  });

  it('leaves a 401 to the module, which renews the token and sends the call once more', async () => {
    sandbox.revokeTokens();
    const before = sandbox.requests.length;
    expect((await letGoOn(axiosRef.get('/certificates'))).status).toBe(200);
    expect(sandbox.requests).toHaveLength(before + 3);
    const requests = failing({ status: 401 });
    await letGoOn(rejectionOf(axiosRef.get('/certificates')));
    expect(requests().filter(({ path }) => path === '/certificates')).toHaveLength(2);
  });

  it('does not try again where no token can be had', async () => {
    sandbox.revokeTokens();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 20 });
    const error = await letGoOn(rejectionOf(axiosRef.get('/certificates')));
    expect(error).toMatchObject({ code: 'token_rate_limited', retryAt: expect.any(Date) });
    expect(sandbox.tokenRequests).toBe(2);
    expect(callsOf(sandbox)).toHaveLength(2);
  });
});
