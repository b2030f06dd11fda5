import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BulkIssuing, type Diploma } from '../../docs/recipes/bulk-issuing.js';
import { DokStampHttpService } from '../../lib/index.js';
import { DokStampSandbox } from '../../lib/testing/index.js';
import { bootProvider, callsOf } from '../support/recipes.js';
import { serverLoad } from '../support/server-load.js';
import { until } from '../support/token-harness.js';

let sandbox: DokStampSandbox;
let app: Awaited<ReturnType<typeof bootProvider<BulkIssuing>>>;
let diplomas: Diploma[];

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  app = await bootProvider(sandbox, BulkIssuing);
  const { students, courses } = sandbox.seed({
    students: Array.from({ length: 40 }, () => ({})),
    courses: [{}],
  });
  diplomas = students.map(({ uuid, name }) => ({
    institution_uuid: courses[0].institution!.uuid,
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

describe('the recipe of bulk issuing', () => {
  it.each([undefined, 3])('never has more in flight than its limit (%s)', async (concurrency) => {
    const limit = concurrency ?? 8;
    sandbox.api.delay(600_000);
    using load = serverLoad(sandbox.url);
    const issuing = app.recipe.issue(diplomas, concurrency);
    await until(() => load.most >= limit);
    sandbox.api.restore();
    expect(new Set(statusesOf(await issuing))).toEqual(new Set(['fulfilled']));
    expect(load.most).toBe(limit);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('gives the outcomes in the order of the diplomas, and one failure stops no other', async () => {
    const wrong = { ...diplomas[1]!, course_uuid: 'none' };
    const outcomes = await app.recipe.issue([diplomas[0]!, wrong, diplomas[2]!]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { response: { status: 422 } } },
      { status: 'fulfilled' },
    ]);
    const { axiosRef } = app.get(DokStampHttpService);
    const [uuid] = outcomes.map((outcome) => 'value' in outcome && outcome.value);
    const { data } = await axiosRef.get(`/certificates/${uuid}`);
    expect(data).toMatchObject({ data: { student: { uuid: diplomas[0]!.student_uuid } } });
  });

  it('loses no diploma where the token is revoked in the midst of it', async () => {
    const issuing = app.recipe.issue(diplomas);
    await until(() => callsOf(sandbox).filter((call) => call === 'POST /certificates').length > 5);
    sandbox.revokeTokens();
    expect(new Set(statusesOf(await issuing))).toEqual(new Set(['fulfilled']));
    expect(sandbox.tokenRequests).toBe(2);
  });

  it('does not begin the rest where no token can be had', async () => {
    await app.get(DokStampHttpService).axiosRef.get('/auth/me');
    sandbox.rotateCredentials();
    const before = callsOf(sandbox).length;
    const outcomes = await app.recipe.issue(diplomas);
    const reasons = outcomes.map((outcome) => 'reason' in outcome && (outcome.reason as Error));
    for (const reason of reasons.slice(0, 8))
      expect(reason).toMatchObject({ code: 'invalid_client' });
    for (const reason of reasons.slice(8)) expect(reason).toMatchObject({ name: 'AbortError' });
    expect(callsOf(sandbox).length - before).toBe(8);
  });
});
