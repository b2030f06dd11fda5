import { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../../../docs/recipes/cron-job.js';
import { sandbox } from '../../../support/frozen-sandbox.js';
import { app, setUpRecipe, tearDownRecipe } from '../../../support/recipe-app.js';
import { callsOf } from '../../../support/recipes.js';
import { advance, settle, waitUntil } from '../../../support/time.js';

const TEN_MINUTES = 600_000;

beforeEach(() => setUpRecipe(AppModule));
afterEach(tearDownRecipe);

const job = () => app.get(SchedulerRegistry).getCronJob('drafts');
const runs = () => callsOf(sandbox).filter((call) => call === 'GET /certificates').length;

/** Moves time to the next run, and waits for its end. */
async function nextRun(): Promise<void> {
  const before = runs();
  await advance(TEN_MINUTES, 60_000);
  await waitUntil(() => runs() > before && !job().isCallbackRunning);
}

describe('the recipe for a CRON job', () => {
  it('runs every ten minutes, and shares the scheduler registry with the token renewal', async () => {
    for (let nth = 1; nth <= 3; nth++) {
      await nextRun();
      expect(runs()).toBe(nth);
    }
    const registry = app.get(SchedulerRegistry);
    expect([...registry.getCronJobs().keys()]).toEqual(['drafts']);
    expect(registry.getTimeouts()).toEqual(['dokstamp:token-renewal']);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('warns of drafts', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn');
    sandbox.seed({ certificates: [{ status: 'draft' }, { status: 'issued' }] });
    await nextRun();
    expect(warn).toHaveBeenCalledWith('1 certificates are still drafts.');
  });

  it('logs a run that fails, and runs again', async () => {
    const error = vi.spyOn(Logger.prototype, 'error');
    sandbox.api.fail({ status: 500, times: 1 });
    await nextRun();
    expect(error).toHaveBeenCalledWith(
      expect.objectContaining({ message: 'Request failed with status code 500' }),
    );
    await nextRun();
    expect(error).toHaveBeenCalledTimes(1);
    expect(sandbox.requests.at(-1)?.status).toBe(200);
  });

  it('does not start while a run is in progress', async () => {
    sandbox.api.delay(29_000);
    const first = Promise.resolve(job().fireOnTick());
    await waitUntil(() => runs() === 1);
    await job().fireOnTick();
    expect(runs()).toBe(1);
    sandbox.api.restore();
    await settle(first);
    await nextRun();
    expect(runs()).toBe(2);
  });
});
