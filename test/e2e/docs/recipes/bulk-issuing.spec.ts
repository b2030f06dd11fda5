import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BulkIssuing, type Diploma } from '../../../../docs/recipes/bulk-issuing.js';
import { DokStampHttpService } from '../../../../lib/index.js';
import { DokStampSandbox } from '../../../../lib/testing/index.js';
import { serverLoad } from '../../../support/concurrent-requests.js';
import { bootProvider, callsOf } from '../../../support/recipes.js';
import { waitUntil } from '../../../support/time.js';

let sandbox: DokStampSandbox;
let app: Awaited<ReturnType<typeof bootProvider<BulkIssuing>>>;
let diplomas: Diploma[];

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  app = await bootProvider(sandbox, BulkIssuing);
  const { students, courses } = sandbox.seed({
    students: Array.from({ length: 12 }, () => ({})),
    courses: [{}],
  });
  diplomas = students.map(({ uuid, name }) => ({
    institution_uuid: courses[0].institution?.uuid ?? '',
    course_uuid: courses[0].uuid,
    student_uuid: uuid,
    name: `${name}.pdf`,
    pdf: new TextEncoder().encode(`%PDF of ${name}`),
  }));
});

afterEach(async () => {
  await app.close();
  await sandbox.stop();
});

const statusesOf = (outcomes: PromiseSettledResult<string>[]) =>
  outcomes.map(({ status }) => status);

describe('the recipe for bulk issuing', () => {
  it.each([
    [8, 'by default', undefined],
    [3, 'if that is the limit', 3],
  ])('has at most %i requests in flight %s', async (limit, _, concurrency) => {
    sandbox.api.delay(600_000);
    using load = serverLoad(sandbox.url);
    const issuing = app.recipe.issue(diplomas, concurrency);
    await waitUntil(() => load.most >= limit);
    sandbox.api.restore();
    expect(new Set(statusesOf(await issuing))).toEqual(new Set(['fulfilled']));
    expect(load.most).toBe(limit);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('returns the outcomes in the order of the diplomas, and continues after a failure', async () => {
    const [first, second, third] = diplomas;
    if (!first || !second || !third) throw new Error('There are fewer than three diplomas.');
    const wrong = { ...second, course_uuid: 'none' };
    const outcomes = await app.recipe.issue([first, wrong, third]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { response: { status: 422 } } },
      { status: 'fulfilled' },
    ]);
    const { axiosRef } = app.get(DokStampHttpService);
    const [uuid] = outcomes.map((outcome) => 'value' in outcome && outcome.value);
    const { data } = await axiosRef.get(`/certificates/${uuid}`);
    expect(data).toMatchObject({ data: { student: { uuid: first.student_uuid } } });
  });

  it('issues every diploma although the token is revoked meanwhile', async () => {
    const issuing = app.recipe.issue(diplomas, 3);
    await waitUntil(() => callsOf(sandbox).includes('POST /certificates'));
    sandbox.revokeTokens();
    expect(new Set(statusesOf(await issuing))).toEqual(new Set(['fulfilled']));
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('does not start the remaining diplomas if no token is available', async () => {
    await app.get(DokStampHttpService).axiosRef.get('/auth/me');
    sandbox.rotateCredentials();
    const before = callsOf(sandbox).length;
    const outcomes = await app.recipe.issue(diplomas);
    const reasons = outcomes.map((outcome) => 'reason' in outcome && (outcome.reason as Error));
    expect(reasons).toMatchObject([
      ...Array.from({ length: 8 }, () => ({ code: 'invalid_client' })),
      ...Array.from({ length: 4 }, () => ({ name: 'AbortError' })),
    ]);
    expect(callsOf(sandbox).length - before).toBe(8);
  });
});
