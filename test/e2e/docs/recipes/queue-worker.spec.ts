import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Job,
  MemoryQueue,
  UnrecoverableError,
} from '../../../../docs/recipes/memory-queue.js';
import {
  type CertificateJob,
  CertificateProcessor,
} from '../../../../docs/recipes/queue-worker.js';
import { DokStampHttpService } from '../../../../lib/index.js';
import { sandbox, setUp, tearDown } from '../../../support/frozen-sandbox.js';
import { bootProvider, callsOf } from '../../../support/recipes.js';
import { advance, settle, waitUntil } from '../../../support/time.js';

let app: Awaited<ReturnType<typeof bootProvider<CertificateProcessor>>>;
let axiosRef: DokStampHttpService['axiosRef'];
let queue: MemoryQueue<CertificateJob>;
let certificate: CertificateJob;

beforeEach(async () => {
  await setUp();
  app = await bootProvider(sandbox, CertificateProcessor);
  ({ axiosRef } = app.get(DokStampHttpService));
  queue = new MemoryQueue(app.recipe);
  const { courses, students, files } = sandbox.seed({ courses: [{}], students: [{}], files: [{}] });
  certificate = {
    institution_uuid: courses[0].institution?.uuid ?? '',
    course_uuid: courses[0].uuid,
    student_uuid: students[0].uuid,
    file_uuid: files[0].uuid,
  };
});

afterEach(async () => {
  queue.close();
  await app.close();
  await tearDown();
});

async function issuedCertificates(): Promise<number> {
  const { data } = await settle(axiosRef.get<{ meta: { total: number } }>('/certificates'));
  return data.meta.total;
}

/** Adds a job, and starts its first attempt. */
async function start(data: CertificateJob): Promise<Job<CertificateJob>> {
  const job = queue.add(data);
  await vi.advanceTimersByTimeAsync(0);
  return job;
}

/** Waits, while time is frozen, until the queue has completed or failed one job. */
const finished = () => waitUntil(() => queue.completed.length + queue.failed.length === 1);

describe('the recipe for a queue worker', () => {
  it('issues the certificate of a job', async () => {
    await start(certificate);
    await finished();
    expect(queue.completed).toMatchObject([{ data: certificate, attemptsMade: 0 }]);
    expect(await issuedCertificates()).toBe(1);
  });

  it('delays the job until retryAt if no token is available, without counting an attempt', async () => {
    sandbox.revokeTokens();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 120 });
    const job = await start(certificate);
    await waitUntil(() => job.delayedUntil > 0);
    expect(job.delayedUntil).toBe(Date.now() + 120_000);
    const { tokenRequests } = sandbox;
    sandbox.tokenEndpoint.restore();
    await advance(119_000, 1_000);
    expect(sandbox.tokenRequests).toBe(tokenRequests);
    expect(queue.completed).toEqual([]);
    await advance(1_000);
    await finished();
    expect(queue.completed).toMatchObject([{ attemptsMade: 0 }]);
  });

  it('delays the job if DokStamp refuses the credentials', async () => {
    sandbox.rotateCredentials();
    const job = await start(certificate);
    await waitUntil(() => job.delayedUntil > 0);
    expect(job.delayedUntil).toBe(Date.now() + 30_000);
    expect(queue.failed).toEqual([]);
  });

  it('fails the attempt at a 5xx, so the queue retries with growing pauses', async () => {
    sandbox.api.fail({ status: 503 });
    const before = callsOf(sandbox).length;
    const job = await start(certificate);
    for (const [nth, pauseMs] of [1_000, 2_000, 4_000, 8_000].entries()) {
      await waitUntil(() => job.attemptsMade === nth + 1);
      await advance(pauseMs - 1);
      expect(callsOf(sandbox)).toHaveLength(before + nth + 1);
      await advance(1);
    }
    await finished();
    expect(callsOf(sandbox)).toHaveLength(before + 5);
    expect(queue.failed).toMatchObject([{ job: { attemptsMade: 5 } }]);
  });

  it('issues one certificate although a response is lost', async () => {
    let losses = 1;
    axiosRef.interceptors.response.use((response) => {
      const isLost = response.config.method === 'post' && losses-- > 0;
      return isLost ? Promise.reject(new Error('The response was lost.')) : response;
    });
    const job = await start(certificate);
    await waitUntil(() => job.attemptsMade === 1);
    await advance(1_000);
    await finished();
    expect(queue.completed).toMatchObject([{ attemptsMade: 1 }]);
    expect(await issuedCertificates()).toBe(1);
  });

  it('fails the job at once if the API refuses its data', async () => {
    await start({ ...certificate, file_uuid: 'none' });
    await finished();
    expect(queue.failed).toMatchObject([
      { error: expect.any(UnrecoverableError), job: { attemptsMade: 1 } },
    ]);
  });
});
