import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Certificate, CertificatePoller } from '../../../../docs/recipes/poller.js';
import { DokStampHttpService } from '../../../../lib/index.js';
import { sandbox, setUp, tearDown } from '../../../support/frozen-sandbox.js';
import { bootProvider, callsOf } from '../../../support/recipes.js';
import { advance, settle, waitUntil } from '../../../support/time.js';

const ISSUED = { status: 'issued' } as const;
const PAUSE_MS = 30_000;

let app: Awaited<ReturnType<typeof bootProvider<CertificatePoller>>>;
let axiosRef: DokStampHttpService['axiosRef'];
let changes: string[];
let ended: () => number;

beforeEach(async () => {
  await setUp();
  // RxJS measures its pauses by intervals.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    now: Date.parse('2026-01-01T00:00:00Z'),
  });
  // Each poll ends with the start of a pause.
  const intervals = vi.spyOn(globalThis, 'setInterval');
  ended = () => intervals.mock.calls.length;
  app = await bootProvider(sandbox, CertificatePoller);
  ({ axiosRef } = app.get(DokStampHttpService));
  changes = [];
  app.recipe.changes$.subscribe(({ uuid, status }: Certificate) =>
    changes.push(`${status} ${uuid}`),
  );
  await waitUntil(() => ended() === 1);
});

afterEach(async () => {
  await app.close();
  await tearDown();
});

const requests = () => callsOf(sandbox).filter((call) => call === 'GET /certificates').length;
const inFlight = () => sandbox.requests.filter(({ status }) => status === undefined).length;

/** Moves time to the next poll, and waits for its end. */
async function nextPoll(): Promise<void> {
  const before = ended();
  await advance(PAUSE_MS);
  await waitUntil(() => ended() > before);
}

describe('the recipe for a poller', () => {
  it('publishes each certificate once when it is issued, and once when it is revoked', async () => {
    const { certificates } = sandbox.seed({ certificates: [{ status: 'draft' }, ISSUED] });
    const { uuid } = certificates[1];
    await nextPoll();
    await nextPoll();
    expect(changes).toEqual([`issued ${uuid}`]);
    await settle(axiosRef.put(`/certificates/${uuid}/revoke`, {}));
    await nextPoll();
    await nextPoll();
    expect(changes).toEqual([`issued ${uuid}`, `revoked ${uuid}`]);
  });

  it('reads every page', async () => {
    const { certificates } = sandbox.seed({
      certificates: Array.from({ length: 205 }, () => ISSUED),
    });
    const issued = certificates.map(({ uuid }) => `issued ${uuid}`);
    await nextPoll();
    await nextPoll();
    expect(changes.toSorted()).toEqual(issued.toSorted());
  });

  it('publishes after an outage what was issued during it', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn');
    sandbox.api.fail({ status: 503, times: 5 });
    for (let nth = 1; nth <= 5; nth++) await nextPoll();
    const { certificates } = sandbox.seed({ certificates: [ISSUED] });
    expect(warn).toHaveBeenCalledWith('Polling failed: Request failed with status code 503');
    expect(changes).toEqual([]);
    await nextPoll();
    expect(changes).toEqual([`issued ${certificates[0].uuid}`]);
  });

  it('starts the pause at the end of a poll, so no two polls overlap', async () => {
    sandbox.api.delay(600_000);
    await advance(PAUSE_MS);
    await waitUntil(() => inFlight() === 1);
    await advance(5_000);
    const ends = ended();
    sandbox.api.restore();
    await waitUntil(() => ended() === ends + 1);
    const sent = requests();
    await advance(PAUSE_MS - 1);
    expect(requests()).toBe(sent);
    await advance(1);
    await waitUntil(() => requests() > sent);
  });

  it('aborts the request in flight at shutdown, and sends no other one', async () => {
    const failures: string[] = [];
    axiosRef.interceptors.response.use(undefined, (error: Error & { code: string }) => {
      failures.push(error.code);
      throw error;
    });
    sandbox.api.delay(600_000);
    await advance(PAUSE_MS);
    await waitUntil(() => inFlight() === 1);
    const sent = requests();
    let isComplete = false;
    app.recipe.changes$.subscribe({ complete: () => (isComplete = true) });
    await settle(app.close());
    expect(failures).toEqual(['ERR_CANCELED']);
    expect(isComplete).toBe(true);
    await advance(4 * PAUSE_MS, PAUSE_MS);
    expect(requests()).toBe(sent);
  });
});
