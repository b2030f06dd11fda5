import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  STUDENT,
  TIMESTAMP,
  UUID,
  call,
  create,
  dataOf,
  errorsOf,
  get,
  list,
  sandbox,
  startSandboxWithToken,
} from '../../support/sandbox-client.js';

beforeEach(startSandboxWithToken);

/** The body of a certificate whose institution, course, student and file exist. */
function certificateBody() {
  const { institutions, courses, students, files } = sandbox.seed({
    institutions: [{ name: 'University' }],
    courses: [{ name: 'Law' }],
    students: [{ ...STUDENT, email: `${randomUUID()}@example.org` }],
    files: [{}],
  });
  return {
    institution_uuid: institutions[0].uuid,
    course_uuid: courses[0].uuid,
    student_uuid: students[0].uuid,
    file_uuid: files[0].uuid,
  };
}

async function uuidsOf(query: string): Promise<string[]> {
  return (await list(`/certificates?${query}`)).map(({ uuid }) => uuid);
}

describe('POST /certificates', () => {
  it('issues a certificate with finish, and marks its file as used', async () => {
    const body = certificateBody();
    const certificate = await create('/certificates', { ...body, finish: true });
    const { uuid } = certificate;
    expect(certificate).toEqual({
      uuid: expect.stringMatching(UUID),
      status: 'issued',
      issued_at: expect.stringMatching(TIMESTAMP),
      revoked_at: null,
      revocation_reason: null,
      public_verification_url: `https://verificar.dokstamp.eu/${uuid.slice(0, 8)}`,
      blockchain_tx_hash: null,
      blockchain_tx_url: null,
      institution: { uuid: body.institution_uuid, name: 'University' },
      course: { uuid: body.course_uuid, name: 'Law' },
      student: { uuid: body.student_uuid, name: 'Ana' },
      cohort: null,
      enrollment: null,
      template: null,
      files: [{ type: 'certificate', uuid: body.file_uuid }],
    });
    expect(await get(`/certificates/${uuid}`)).toEqual(certificate);
    const file = await get(`/files/${body.file_uuid}`);
    expect(file['used_at']).toMatch(TIMESTAMP);
    expect(await list('/files?where[used_at]=null')).toEqual([]);
  });

  it('makes a draft without finish', async () => {
    expect(await create('/certificates', certificateBody())).toMatchObject({
      status: 'draft',
      issued_at: null,
      public_verification_url: null,
    });
  });

  it('copies the student into an issued certificate, and links it to a draft', async () => {
    const draft = certificateBody();
    const [{ uuid: file_uuid }] = sandbox.seed({ files: [{}] }).files;
    await create('/certificates', draft);
    await create('/certificates', { ...draft, file_uuid, finish: true });
    await call('PATCH', `/students/${draft.student_uuid}`, { name: 'Bea' });
    const students = (await list('/certificates')).map(({ student }) => student);
    expect(students).toMatchObject([{ name: 'Bea' }, { name: 'Ana' }]);
  });

  it('answers 422 to a file that is used', async () => {
    const body = certificateBody();
    await create('/certificates', body);
    expect(await errorsOf(await call('POST', '/certificates', body))).toEqual({
      file_uuid: ['The selected file uuid is invalid.'],
    });
  });

  it('creates one certificate for concurrent requests with the same file', async () => {
    const body = certificateBody();
    const attempts = Array.from({ length: 20 }, () => call('POST', '/certificates', body));
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 422)).toHaveLength(19);
  });

  it('answers 422 to missing references', async () => {
    expect(await errorsOf(await call('POST', '/certificates', { finish: 'yes' }))).toEqual({
      institution_uuid: ['The institution uuid field is required.'],
      course_uuid: ['The course uuid field is required.'],
      student_uuid: ['The student uuid field is required.'],
      file_uuid: ['The file uuid field is required.'],
      finish: ['The finish field must be true or false.'],
    });
  });

  it('answers 422 to unknown and malformed references, and leaves the file unused', async () => {
    const body = certificateBody();
    const wrong = { course_uuid: randomUUID(), student_uuid: 12, cohort_uuid: 'malformed' };
    expect(await errorsOf(await call('POST', '/certificates', { ...body, ...wrong }))).toEqual({
      course_uuid: ['The selected course uuid is invalid.'],
      student_uuid: ['The selected student uuid is invalid.'],
      cohort_uuid: ['The selected cohort uuid is invalid.'],
    });
    expect(await list('/files?where[used_at]=null')).toHaveLength(1);
  });
});

describe('GET /certificates', () => {
  it('filters by status, course and student, and sorts and cuts the list', async () => {
    const first = certificateBody();
    const second = certificateBody();
    const { uuid: draft } = await create('/certificates', first);
    const { uuid: issued } = await create('/certificates', { ...second, finish: true });

    expect(await uuidsOf('where[status]=issued')).toEqual([issued]);
    expect(await uuidsOf(`where[course_uuid]=${first.course_uuid}`)).toEqual([draft]);
    expect(await uuidsOf(`where[student_uuid]=${second.student_uuid}`)).toEqual([issued]);
    expect(await uuidsOf('where[issued_at]=null')).toEqual([draft]);
    expect(await uuidsOf('sort[column]=status&sort[order]=desc')).toEqual([issued, draft]);
    const paged = await call('GET', '/certificates?per_page=1');
    expect(await paged.json()).toMatchObject({
      data: [{ uuid: draft }],
      meta: { current_page: 1, per_page: 1, total: 2 },
    });
  });
});

describe('PUT /certificates/{uuid}/revoke', () => {
  it('revokes an issued certificate once, and keeps the reason', async () => {
    const { uuid, public_verification_url } = await create('/certificates', {
      ...certificateBody(),
      finish: true,
    });
    const path = `/certificates/${uuid}/revoke`;
    const revoked = await call('PUT', path, { revocation_reason: 'typo' });
    expect(revoked.status).toBe(200);
    const data = await dataOf(revoked);
    expect(data).toEqual({
      uuid,
      status: 'revoked',
      revoked_at: expect.stringMatching(TIMESTAMP),
      revocation_reason: 'typo',
      public_verification_url,
    });
    expect(await dataOf(await call('PUT', path))).toEqual(data);
    expect(await uuidsOf('where[status]=revoked')).toEqual([uuid]);
  });

  it('needs no reason', async () => {
    const [{ uuid }] = sandbox.seed({ certificates: [{ status: 'issued' }] }).certificates;
    expect(await dataOf(await call('PUT', `/certificates/${uuid}/revoke`))).toMatchObject({
      status: 'revoked',
      revocation_reason: null,
    });
  });

  it('answers 422 for a draft, and 404 for an unknown certificate', async () => {
    const [{ uuid }] = sandbox.seed({ certificates: [{}] }).certificates;
    expect(await errorsOf(await call('PUT', `/certificates/${uuid}/revoke`))).toEqual({
      status: ['The selected status is invalid.'],
    });
    expect((await call('PUT', `/certificates/${randomUUID()}/revoke`)).status).toBe(404);
  });
});

describe('DELETE /certificates', () => {
  it('deletes one certificate', async () => {
    const [{ uuid }] = sandbox.seed({ certificates: [{}] }).certificates;
    expect((await call('DELETE', `/certificates/${uuid}`)).status).toBe(204);
    expect((await call('DELETE', `/certificates/${uuid}`)).status).toBe(404);
  });

  it('deletes all certificates of a batch, or none', async () => {
    const path = '/certificates/batch/destroy';
    const uuids = sandbox.seed({ certificates: [{}, {}] }).certificates.map(({ uuid }) => uuid);
    const unknown = { uuids: [...uuids, randomUUID()] };
    expect(await errorsOf(await call('DELETE', path, unknown))).toEqual({
      'uuids.2': ['The selected uuids.2 is invalid.'],
    });
    expect(await errorsOf(await call('DELETE', path))).toEqual({
      uuids: ['The uuids field is required.'],
    });
    expect(await list('/certificates')).toHaveLength(2);
    expect((await call('DELETE', path, { uuids })).status).toBe(204);
    expect(await list('/certificates')).toEqual([]);
  });
});
