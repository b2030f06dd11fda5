import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Job, MemoryQueue, UnrecoverableError } from '../../docs/recipes/memory-queue.js';
import { type CertificateJob, CertificateProcessor } from '../../docs/recipes/queue-worker.js';
import { DokStampHttpService } from '../../lib/index.js';
import { bootProvider, callsOf } from '../support/recipes.js';
import { letGoOn, pass, until } from '../support/token-harness.js';
import { sandbox, setUp, tearDown } from '../support/token-sandbox.js';

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
    institution_uuid: courses[0].institution!.uuid,
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

async function issuedNow(): Promise<number> {
  const { data } = await letGoOn(axiosRef.get<{ meta: { total: number } }>('/certificates'));
  return data.meta.total;
}

/** Adds a job, and lets it begin. */
async function begin(data: CertificateJob): Promise<Job<CertificateJob>> {
  const job = queue.add(data);
  await pass(1);
  return job;
}

/** Lets the jobs go on, while time stands, until this many are through. */
async function through(jobs: number): Promise<void> {
  await until(() => queue.completed.length + queue.failed.length === jobs);
}

describe('the recipe of the queue worker', () => {
  it('issues the certificate of a job', async () => {
    await begin(certificate);
    await through(1);
    expect(queue.completed).toMatchObject([{ data: certificate, attemptsMade: 0 }]);
    expect(await issuedNow()).toBe(1);
  });

  it('lets the job wait until retryAt where no token can be had, at no cost of an attempt', async () => {
    sandbox.revokeTokens();
    sandbox.tokenEndpoint.fail({ status: 429, retryAfter: 120 });
    const job = await begin(certificate);
    await until(() => job.delayedUntil > 0);
    expect(job.delayedUntil).toBe(Date.now() + 120_000);
    const { tokenRequests } = sandbox;
    sandbox.tokenEndpoint.restore();
    await pass(119_000, 1_000);
    expect(sandbox.tokenRequests).toBe(tokenRequests);
    expect(queue.completed).toEqual([]);
    await pass(1_000);
    await through(1);
    expect(queue.completed).toMatchObject([{ attemptsMade: 0 }]);
  });

  it('lets it wait for another secret too', async () => {
    sandbox.rotateCredentials();
    const job = await begin(certificate);
    await until(() => job.delayedUntil > 0);
    expect(job.delayedUntil).toBe(Date.now() + 30_000);
    expect(queue.failed).toEqual([]);
  });

  it('tries again after 5xx, with growing pauses, as often as the queue says', async () => {
    sandbox.api.fail({ status: 503 });
    const before = callsOf(sandbox).length;
    const job = await begin(certificate);
    for (const [nth, pauseMs] of [1_000, 2_000, 4_000, 8_000].entries()) {
      await until(() => job.attemptsMade === nth + 1);
      await pass(pauseMs - 1);
      expect(callsOf(sandbox)).toHaveLength(before + nth + 1);
      await pass(1);
    }
    await through(1);
    expect(callsOf(sandbox)).toHaveLength(before + 5);
    expect(queue.failed).toMatchObject([{ job: { attemptsMade: 5 } }]);
  });

  it('issues one certificate though the answer was lost', async () => {
    let losses = 1;
    axiosRef.interceptors.response.use((response) => {
      const isLost = response.config.method === 'post' && losses-- > 0;
      return isLost ? Promise.reject(new Error('The answer was lost.')) : response;
    });
    await begin(certificate);
    await until(() => losses === 0);
    await pass(1_000);
    await through(1);
    expect(queue.completed).toMatchObject([{ attemptsMade: 1 }]);
    expect(await issuedNow()).toBe(1);
  });

  it('fails at once where the API refuses what the job says', async () => {
    await begin({ ...certificate, file_uuid: 'none' });
    await through(1);
    expect(queue.failed).toMatchObject([{ error: expect.any(UnrecoverableError) }]);
    expect(queue.failed).toMatchObject([{ job: { attemptsMade: 1 } }]);
  });
});
