import { beforeEach, describe, expect, it } from 'vitest';
import type {
  SandboxCertificate,
  SandboxSeed,
  SandboxStudent,
} from '../../../lib/testing/index.js';
import {
  TIMESTAMP,
  call,
  get,
  sandbox,
  startSandboxWithToken,
} from '../../support/sandbox-client.js';

beforeEach(startSandboxWithToken);

describe('sandbox.seed()', () => {
  it('gives certificates the students of the call in turn, and its course and institution', () => {
    const { students, courses, institutions, certificates } = sandbox.seed({
      institutions: [{ name: 'Uni' }],
      courses: [{ name: 'Law' }],
      students: [{ name: 'Ana' }, { name: 'Rui' }],
      certificates: [{}, {}, {}],
    });
    expect(certificates.map(({ student }) => student?.name)).toEqual(['Ana', 'Rui', 'Ana']);
    expect([students, courses, institutions].map((list) => list.length)).toEqual([2, 1, 1]);
    for (const { course, institution } of certificates) {
      expect([course?.name, institution?.name]).toEqual(['Law', 'Uni']);
    }
  });

  it('gives each certificate a student and a file of its own, and all of them one course, if the call has none', async () => {
    const { certificates } = sandbox.seed({ certificates: [{}, {}] });
    const different = (of: (one: SandboxCertificate) => string | undefined) =>
      new Set(certificates.map(of)).size;
    expect(different(({ student }) => student?.uuid)).toBe(2);
    expect(different(({ files }) => files[0]?.uuid)).toBe(2);
    expect(different(({ course }) => course?.uuid)).toBe(1);
    expect(different(({ institution }) => institution?.uuid)).toBe(1);
    expect(await get('/institutions')).toHaveLength(1);
  });

  it('takes resources that an earlier call or the API returned', async () => {
    const { students, courses, institutions, files } = sandbox.seed({
      institutions: [{}, { name: 'Second' }],
      courses: [{}],
      students: [{}, { name: 'Ana' }],
      files: [{}],
    });
    const [, ana] = students;
    const [, second] = institutions;
    const { certificates, ...others } = sandbox.seed({
      certificates: [
        { student: ana, course: courses[0], institution: second, file: files[0] },
        { student: await get<SandboxStudent>(`/students/${ana.uuid}`), course: courses[0] },
      ],
    });
    expect(certificates[0]).toMatchObject({
      student: { uuid: ana.uuid },
      course: { uuid: courses[0].uuid },
      institution: { name: 'Second' },
      files: [{ uuid: files[0].uuid }],
    });
    expect(certificates[1]).toMatchObject({
      student: { uuid: ana.uuid },
      institution: { uuid: institutions[0].uuid },
    });
    // Resources that existed before are not listed as made; the file of the second certificate is.
    expect(others).toMatchObject({ institutions: [], students: [], courses: [] });
    expect(others.files).toHaveLength(1);
  });

  it('takes an object of the same call, or the fields of another resource', () => {
    const ana = { name: 'Ana' };
    const law = { name: 'Law', institution: { name: 'Uni' } };
    const { students, courses, institutions, certificates } = sandbox.seed({
      students: [{ name: 'Rui' }, ana],
      certificates: [{ student: ana, course: law }, { course: law }, { student: { name: 'Eva' } }],
    });
    const shown = certificates.map(({ student, course, institution }) =>
      [student, course, institution].map((one) => one?.name),
    );
    expect(shown).toEqual([
      ['Ana', 'Law', 'Uni'],
      ['Ana', 'Law', 'Uni'],
      ['Eva', 'Course 2', 'Institution 2'],
    ]);
    expect(students.map(({ name }) => name)).toEqual(['Rui', 'Ana', 'Eva']);
    expect(courses.map(({ name }) => name)).toEqual(['Law', 'Course 2']);
    expect(institutions.map(({ name }) => name)).toEqual(['Uni', 'Institution 2']);
  });

  it('takes the uuid fields of the API', () => {
    const made = sandbox.seed({ certificates: [{}], files: [{}, {}] });
    const { certificates, ...others } = sandbox.seed({
      certificates: [
        {
          institution_uuid: made.institutions[0]?.uuid,
          course_uuid: made.courses[0]?.uuid,
          student_uuid: made.students[0]?.uuid,
          file_uuid: made.files[1].uuid,
          finish: true,
        },
      ],
    });
    expect(certificates[0]).toMatchObject({
      status: 'issued',
      student: { uuid: made.students[0]?.uuid },
      files: [{ uuid: made.files[1].uuid }],
    });
    expect(Object.values(others).flat()).toEqual([]);
  });

  it('gives a course the institution of its certificate', () => {
    const [one, two] = sandbox.seed({ institutions: [{ name: 'A' }, { name: 'B' }] }).institutions;
    const { courses, certificates } = sandbox.seed({
      courses: [{ institution: one }, { institution: two, name: 'Law' }],
      certificates: [
        { institution: two },
        { institution: { name: 'C' } },
        { institution: two, course: { name: 'Art' } },
      ],
    });
    expect(certificates.map(({ course }) => course?.name)).toEqual(['Law', 'Course 3', 'Art']);
    expect(courses.map(({ institution }) => institution?.name)).toEqual(['A', 'B', 'C', 'B']);
  });

  it('gives courses, or else certificates, the institutions of the call in turn', () => {
    const institutions = [{ name: 'A' }, { name: 'B' }];
    const { courses } = sandbox.seed({ institutions, courses: [{}, {}, {}] });
    expect(courses.map(({ institution }) => institution?.name)).toEqual(['A', 'B', 'A']);
    const { certificates } = sandbox.seed({ institutions, certificates: [{}, {}] });
    expect(certificates.map(({ institution }) => institution?.name)).toEqual(['A', 'B']);
  });

  it('gives certificates the free files of the call in order, except those that another certificate names', () => {
    const named = { original_name: 'named.pdf' };
    const { files, certificates } = sandbox.seed({
      files: [named, { original_name: 'free.pdf' }],
      certificates: [{}, {}, { file: named }],
    });
    const nameOf = (uuid?: string) => files.find((file) => file.uuid === uuid)?.original_name;
    const names = certificates.map((certificate) => nameOf(certificate.files[0]?.uuid));
    expect(names).toEqual(['free.pdf', 'diploma-3.pdf', 'named.pdf']);
    expect(files.every(({ used_at }) => used_at !== null)).toBe(true);
  });

  it('returns tuples of the length of the seed, and checks fields at compile time', () => {
    const { students, certificates } = sandbox.seed({ students: [{}, {}], certificates: [{}] });
    const emails: string[] = [students[0].email, students[1].email];
    // @ts-expect-error The seed has no third student.
    expect(() => students[2].email).toThrow(TypeError);
    expect([...emails, certificates[0].status]).toHaveLength(3);
    // @ts-expect-error an unknown status
    expect(() => sandbox.seed({ certificates: [{ status: 'lost' }] })).toThrow(/status/);
    // @ts-expect-error an unknown field
    expect(() => sandbox.seed({ students: [{ nam: 'Ana' }] })).toThrow(/"nam"/);
    const some: SandboxSeed = { students: [] };
    const first: SandboxStudent | undefined = sandbox.seed(some).students[0];
    expect(first).toBeUndefined();
  });
});

describe('a seeded certificate', () => {
  it('has the fields that the API gives a certificate of that status', () => {
    const { certificates } = sandbox.seed({
      certificates: [
        {},
        { status: 'issued', issued_at: '2026-01-31' },
        { status: 'revoked', revocation_reason: 'typo', revoked_at: new Date('2026-02-01') },
        { status: 'expired', issued_at: '2020-01-31' },
        { finish: true },
        { finish: false, issued_at: null, revoked_at: null, revocation_reason: null },
      ],
    });
    const url = (one: SandboxCertificate) =>
      `https://verificar.dokstamp.eu/${one.uuid.slice(0, 8)}`;
    const [draft, issued, revoked, expired, finished, unfinished] = certificates;
    for (const one of [draft, unfinished]) {
      const nothing = { issued_at: null, revoked_at: null, public_verification_url: null };
      expect(one).toMatchObject({ status: 'draft', ...nothing });
    }
    expect(issued).toMatchObject({
      status: 'issued',
      issued_at: '2026-01-31T00:00:00.000000Z',
      public_verification_url: url(issued),
    });
    expect(revoked).toMatchObject({
      status: 'revoked',
      issued_at: expect.stringMatching(TIMESTAMP),
      revoked_at: '2026-02-01T00:00:00.000000Z',
      revocation_reason: 'typo',
      public_verification_url: url(revoked),
    });
    expect(expired).toMatchObject({ status: 'expired', issued_at: '2020-01-31T00:00:00.000000Z' });
    expect(finished).toMatchObject({
      status: 'issued',
      issued_at: expect.stringMatching(TIMESTAMP),
    });
  });

  it('is found by where, sort and per_page', async () => {
    const { certificates, students } = sandbox.seed({
      students: [{ name: 'Ana' }, { name: 'Rui' }],
      certificates: [
        { status: 'issued', issued_at: '2026-01-01' },
        { status: 'issued', issued_at: '2026-03-01' },
        { status: 'issued', issued_at: '2026-02-01' },
        { status: 'revoked' },
      ],
    });
    const uuids = async (query: string) =>
      (await get<SandboxCertificate[]>(`/certificates?${query}`)).map(({ uuid }) => uuid);
    const [first, second, third, fourth] = certificates.map(({ uuid }) => uuid);
    expect(
      await uuids('where[status]=issued&sort[column]=issued_at&sort[order]=desc&per_page=2'),
    ).toEqual([second, third]);
    expect(await uuids(`where[student_uuid]=${students[0].uuid}`)).toEqual([first, third]);
    expect(await uuids('where[status]=revoked')).toEqual([fourth]);
    expect(await get('/students?where[name]=Rui')).toEqual([students[1]]);
    expect(await get('/files?where[used_at]=null')).toEqual([]);
  });

  it('can be revoked, deleted and follow its student, as one that the API made', async () => {
    const { certificates, students } = sandbox.seed({ certificates: [{ status: 'issued' }, {}] });
    const [issued, draft] = certificates;
    const reason = { revocation_reason: 'typo' };
    expect((await call('PUT', `/certificates/${issued.uuid}/revoke`, reason)).status).toBe(200);
    expect(await get(`/certificates/${issued.uuid}`)).toMatchObject({ status: 'revoked' });
    for (const { uuid } of students) await call('PATCH', `/students/${uuid}`, { name: 'Bea' });
    const names = (await get<SandboxCertificate[]>('/certificates')).map(({ student }) => student);
    expect(names).toMatchObject([{ name: 'Student 1' }, { name: 'Bea' }]);
    expect((await call('DELETE', `/certificates/${draft.uuid}`)).status).toBe(204);
  });
});
