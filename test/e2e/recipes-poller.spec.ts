import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Certificate, CertificatePoller } from '../../docs/recipes/poller.js';
import { DokStampHttpService } from '../../lib/index.js';
import { bootProvider, callsOf } from '../support/recipes.js';
import { letGoOn, pass, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';

const ISSUED = { status: 'issued' } as const;

let app: Awaited<ReturnType<typeof bootProvider<CertificatePoller>>>;
let axiosRef: DokStampHttpService['axiosRef'];
let changes: string[];

beforeEach(async () => {
  await setUp();
  // rxjs counts its pauses by intervals.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: Date.parse('2026-01-01T00:00:00Z'),
  });
  app = await bootProvider(sandbox, CertificatePoller);
  ({ axiosRef } = app.get(DokStampHttpService));
  changes = [];
  app.recipe.changes$.subscribe(({ uuid, status }: Certificate) =>
    changes.push(`${status} ${uuid}`),
  );
  await until(() => asked() === 2 && under() === 0);
});

afterEach(async () => {
  await app.close();
  await tearDown();
});

/** How often the certificates were asked for. */
const asked = () => callsOf(sandbox).filter((call) => call === 'GET /certificates').length;
const under = () => sandbox.requests.filter(({ status }) => status === undefined).length;

/** Lets the pause pass, and the poll after it. */
async function nextPoll(): Promise<void> {
  const before = asked();
  await pass(30_000);
  await until(() => asked() >= before + 2 && under() === 0);
  await pass(1);
}

describe('the recipe of the poller', () => {
  it('tells each certificate once when it is issued, and once when it is revoked', async () => {
    const { certificates } = sandbox.seed({ certificates: [{ status: 'draft' }, ISSUED] });
    const { uuid } = certificates[1];
    await nextPoll();
    await nextPoll();
    expect(changes).toEqual([`issued ${uuid}`]);
    await letGoOn(axiosRef.put(`/certificates/${uuid}/revoke`, {}));
    await nextPoll();
    await nextPoll();
    expect(changes).toEqual([`issued ${uuid}`, `revoked ${uuid}`]);
  });

  it('misses none where there is more than a page of them', async () => {
    const { certificates } = sandbox.seed({
      certificates: Array.from({ length: 205 }, () => ISSUED),
    });
    const issued = certificates.map(({ uuid }) => `issued ${uuid}`);
    await pass(30_000);
    await until(() => changes.length >= 205);
    await nextPoll();
    expect(changes.toSorted()).toEqual(issued.toSorted());
  });

  it('sees after an outage what was issued during it', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn');
    sandbox.api.fail({ status: 503, times: 5 });
    await pass(150_000, 30_000);
    const { certificates } = sandbox.seed({ certificates: [ISSUED] });
    expect(warn).toHaveBeenCalledWith('Polling failed: Request failed with status code 503');
    expect(changes).toEqual([]);
    await nextPoll();
    expect(changes).toEqual([`issued ${certificates[0].uuid}`]);
  });

  it('begins no poll while one is going on', async () => {
    sandbox.api.delay(9_000);
    await pass(30_000);
    let most = 0;
    const before = asked();
    for (let second = 0; second < 60; second++) {
      await pass(1_000);
      most = Math.max(most, under());
    }
    // Two requests of 9 s and a pause of 30 s: one poll in 48 s.
    expect(asked() - before).toBeLessThanOrEqual(3);
    expect(most).toBe(1);
  });

  it('stops at shutdown, the request under way included', async () => {
    sandbox.api.delay(5_000);
    await pass(30_000);
    await until(() => under() === 1);
    const before = asked();
    let done = false;
    app.recipe.changes$.subscribe({ complete: () => (done = true) });
    await letGoOn(app.close());
    await pass(120_000, 30_000);
    expect(done).toBe(true);
    expect(asked()).toBe(before);
    expect(sandbox.requests.at(-1)?.status).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
