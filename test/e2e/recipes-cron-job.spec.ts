import { Logger } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../../docs/recipes/cron-job.js';
import { app, setUpRecipe, tearDownRecipe } from '../support/recipe-app.js';
import { callsOf } from '../support/recipes.js';
import { pass, until } from '../support/token-harness.js';
import { sandbox } from '../support/token-sandbox.js';

const TEN_MINUTES = 600_000;

beforeEach(() => setUpRecipe(AppModule));
afterEach(tearDownRecipe);

const runs = () => callsOf(sandbox).filter((call) => call === 'GET /certificates').length;

async function nextRun(): Promise<void> {
  const before = runs();
  await pass(TEN_MINUTES, 60_000);
  await until(() => runs() > before && sandbox.requests.at(-1)?.status !== undefined);
  await pass(1);
}

describe('the recipe of the CRON job', () => {
  it('runs once each ten minutes, beside the renewal in the same registry', async () => {
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

  it('is logged where a run fails, and the next run works', async () => {
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

  it('is not run a second time while a run goes on', async () => {
    sandbox.api.delay(29_000);
    const job = app.get(SchedulerRegistry).getCronJob('drafts');
    const first = job.fireOnTick();
    await until(() => runs() === 1);
    await job.fireOnTick();
    expect(runs()).toBe(1);
    await pass(30_000, 1_000);
    await first;
    await nextRun();
    expect(runs()).toBe(2);
  });
});
