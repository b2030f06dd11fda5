import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Certificate, CertificatePoller } from '../../docs/recipes/poller.js';
import { DokStampHttpService } from '../../lib/index.js';
import { bootProvider, callsOf, seedCertificate, seedCourse } from '../support/recipes.js';
import { letGoOn, pass, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';

let app: Awaited<ReturnType<typeof bootProvider<CertificatePoller>>>;
let axiosRef: DokStampHttpService['axiosRef'];
let course: Awaited<ReturnType<typeof seedCourse>>;
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
  course = await letGoOn(seedCourse(axiosRef));
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
    await letGoOn(seedCertificate(axiosRef, course, 'draft', false));
    const uuid = await letGoOn(seedCertificate(axiosRef, course, 'ana'));
    await nextPoll();
    await nextPoll();
    expect(changes).toEqual([`issued ${uuid}`]);
    await letGoOn(axiosRef.put(`/certificates/${uuid}/revoke`, {}));
    await nextPoll();
    await nextPoll();
    expect(changes).toEqual([`issued ${uuid}`, `revoked ${uuid}`]);
  });

  it('misses none where there is more than a page of them', async () => {
    const names = Array.from({ length: 205 }, (_, n) => `student-${n}`);
    const seeding = names.map((name) => seedCertificate(axiosRef, course, name));
    const issued = (await letGoOn(Promise.all(seeding))).map((uuid) => `issued ${uuid}`);
    await pass(30_000);
    await until(() => changes.length >= 205);
    await nextPoll();
    expect(changes.toSorted()).toEqual(issued.toSorted());
  });

  it('sees after an outage what was issued during it', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn');
    sandbox.api.fail({ status: 503, times: 5 });
    await pass(150_000, 30_000);
    const uuid = await letGoOn(seedCertificate(axiosRef, course, 'ana'));
    expect(warn).toHaveBeenCalledWith('Polling failed: Request failed with status code 503');
    expect(changes).toEqual([]);
    await nextPoll();
    expect(changes).toEqual([`issued ${uuid}`]);
  });

  it('begins no poll while one is going on', async () => {
    await until(() => asked() === 2 && under() === 0);
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
    await until(() => asked() === 2 && under() === 0);
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
