import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DokStampSandbox,
  type CertificateSeed,
  type SandboxCertificate,
  type SandboxSeed,
  type SandboxStudent,
} from '../../lib/testing/index.js';

const KINDS = ['institutions', 'students', 'courses', 'files', 'certificates'] as const;
const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

let sandbox: DokStampSandbox;
let headers: Record<string, string>;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  await authenticate();
});

afterEach(() => sandbox.stop());

async function authenticate(): Promise<void> {
  const { clientId, clientSecret } = sandbox.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId };
  const body = new URLSearchParams({ ...form, client_secret: clientSecret });
  const response = await fetch(`${sandbox.url}/oauth/token`, { method: 'POST', body });
  const { access_token }: { access_token: string } = JSON.parse(await response.text());
  headers = { Authorization: `Bearer ${access_token}`, 'X-Tenant': sandbox.tenant };
}

async function get<T = unknown>(path: string): Promise<T> {
  const { data }: { data: T } = JSON.parse(
    await (await fetch(sandbox.url + path, { headers })).text(),
  );
  return data;
}

function send(method: string, path: string, body: object = {}): Promise<Response> {
  const type = { 'Content-Type': 'application/json' };
  const init = { method, headers: { ...headers, ...type }, body: JSON.stringify(body) };
  return fetch(sandbox.url + path, init);
}

async function everything(): Promise<Record<string, unknown>> {
  const lists = KINDS.map(async (kind) => [kind, await get(`/${kind}?per_page=999`)] as const);
  return Object.fromEntries(await Promise.all(lists));
}

/** Seeds what the types do not allow. */
function seedUntyped(seed: unknown): void {
  sandbox.seed(seed as SandboxSeed);
}

describe('seed()', () => {
  it('gives all it made, as the lists of the API show it at once', async () => {
    const seeded = sandbox.seed({
      institutions: [{ name: 'Uni', is_badges_enabled: true }],
      students: [{ name: 'Ana', gender: 'f' }, {}],
      courses: [{ code: 'L1', workload_hours: 300 }],
      files: [{ content: 'text', mime_type: 'text/plain', original_name: 'A.TXT' }],
      certificates: [{ status: 'issued' }, { status: 'revoked', revocation_reason: 'typo' }, {}],
    });
    expect(await everything()).toEqual(seeded);
    for (const kind of KINDS) {
      for (const one of seeded[kind]) {
        expect(one.uuid).toMatch(V4);
        expect(await get(`/${kind}/${one.uuid}`)).toEqual(one);
      }
    }
  });

  it('needs no request and no token', () => {
    const before = sandbox.requests.length;
    sandbox.seed({ certificates: [{}] });
    expect(sandbox.requests).toHaveLength(before);
    expect(sandbox.tokenRequests).toBe(1);
  });

  it('makes nothing of nothing', async () => {
    const nothing = { institutions: [], students: [], courses: [], files: [], certificates: [] };
    expect(sandbox.seed({})).toEqual(nothing);
    expect(await everything()).toEqual(nothing);
  });

  it('fills only what the API requires; the rest is as the API has it', () => {
    const { institutions, students, courses, files, certificates } = sandbox.seed({
      certificates: [{}],
    });
    const uuid = expect.stringMatching(V4);
    const created_at = expect.stringMatching(MOMENT);
    const [institution, student, course, file] = [institutions, students, courses, files].flat();
    expect(institutions).toEqual([
      {
        uuid,
        name: 'Institution 1',
        legal_name: null,
        tax_id: null,
        country: 'BR',
        website: null,
        linkedin_organization: null,
        status: 'active',
        is_badges_enabled: false,
        badge_image_uuid: null,
        created_at,
        updated_at: created_at,
      },
    ]);
    expect(students).toEqual([
      {
        uuid,
        name: 'Student 1',
        email: 'student-1@sandbox.test',
        date_of_birth: '2000-01-01',
        gender: null,
        social_name: null,
        created_at,
      },
    ]);
    expect(courses).toEqual([
      {
        uuid,
        name: 'Course 1',
        code: null,
        description: null,
        workload_hours: null,
        area: null,
        version: null,
        status: 'draft',
        badge_image_uuid: null,
        institution: { uuid: institution?.uuid, name: 'Institution 1' },
        organization: null,
        created_at,
      },
    ]);
    expect(files).toEqual([
      {
        uuid,
        original_name: 'diploma-1.pdf',
        mime_type: 'application/pdf',
        extension: 'pdf',
        size: expect.any(Number),
        used_at: created_at,
        file: `${sandbox.url}/files/${file?.uuid}/download`,
      },
    ]);
    expect(certificates).toEqual([
      {
        uuid,
        status: 'draft',
        issued_at: null,
        revoked_at: null,
        revocation_reason: null,
        public_verification_url: null,
        blockchain_tx_hash: null,
        blockchain_tx_url: null,
        institution: { uuid: institution?.uuid, name: 'Institution 1' },
        course: { uuid: course?.uuid, name: 'Course 1' },
        student: { uuid: student?.uuid, name: 'Student 1' },
        cohort: null,
        enrollment: null,
        template: null,
        files: [{ type: 'certificate', uuid: file?.uuid }],
      },
    ]);
  });

  it('numbers what it names, across calls and beside what comes by POST', async () => {
    sandbox.seed({ students: [{}, { name: 'Ana' }], files: [{}] });
    const own = { name: 'Rui', email: 'rui@example.org', date_of_birth: '1999-12-31' };
    expect((await send('POST', '/students', own)).status).toBe(201);
    const { students, files } = sandbox.seed({ students: [{}], files: [{}] });
    expect(students[0].email).toBe('student-4@sandbox.test');
    expect(files[0].original_name).toBe('diploma-2.pdf');
  });

  it('makes one thing for each entry, also where all are one object', () => {
    const issued: CertificateSeed = { status: 'issued' };
    const { certificates, students } = sandbox.seed({
      certificates: Array.from({ length: 40 }, () => issued),
    });
    expect(new Set(certificates.map(({ uuid }) => uuid)).size).toBe(40);
    expect(new Set(students.map(({ email }) => email)).size).toBe(40);
  });

  it('gives a copy, which changes nothing in the sandbox', async () => {
    const { certificates } = sandbox.seed({ certificates: [{ status: 'issued' }] });
    const [certificate] = certificates;
    const shown = structuredClone(certificate);
    certificate.status = 'expired';
    if (certificate.student) certificate.student.name = 'Eve';
    expect(await get(`/certificates/${shown.uuid}`)).toEqual(shown);
  });

  it('takes a field without a value as one that is left out', () => {
    const seed = { students: [{ name: undefined, email: undefined }], courses: undefined };
    expect(sandbox.seed(seed).students[0]).toMatchObject({ name: 'Student 1' });
  });

  it('takes moments as Date or text', () => {
    const { students, institutions, courses } = sandbox.seed({
      students: [{ created_at: '2026-01-31' }],
      institutions: [{ created_at: new Date('2026-02-01T10:00:00Z') }],
      courses: [{ created_at: '2026-03-01T10:00:00.000000Z' }],
    });
    expect(students[0].created_at).toBe('2026-01-31T00:00:00.000000Z');
    expect(institutions[0]).toMatchObject({
      created_at: '2026-02-01T10:00:00.000000Z',
      updated_at: '2026-02-01T10:00:00.000000Z',
    });
    expect(courses[0].created_at).toBe('2026-03-01T10:00:00.000000Z');
  });
});

describe('what belongs to what', () => {
  it('certificates take students in turn, and the course and institution of the call', () => {
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

  it('without any, each has a student and a file of its own, and all share a course', async () => {
    const { certificates } = sandbox.seed({ certificates: [{}, {}] });
    const different = (of: (one: SandboxCertificate) => string | undefined) =>
      new Set(certificates.map(of)).size;
    expect(different(({ student }) => student?.uuid)).toBe(2);
    expect(different(({ files }) => files[0]?.uuid)).toBe(2);
    expect(different(({ course }) => course?.uuid)).toBe(1);
    expect(different(({ institution }) => institution?.uuid)).toBe(1);
    expect(await get('/institutions')).toHaveLength(1);
  });

  it('is named by what an earlier call gave, and by what other answers of the API show', async () => {
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
    // What was there already is not said to be made; the second one's file is.
    expect(others).toMatchObject({ institutions: [], students: [], courses: [] });
    expect(others.files).toHaveLength(1);
  });

  it('is named by an object of the same call, and by the fields of one more', () => {
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

  it("is named by uuid under the API's own names", () => {
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

  it('a course belongs to the institution that its certificate names', () => {
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

  it('institutions of the call are taken in turn by its courses, or by certificates', () => {
    const institutions = [{ name: 'A' }, { name: 'B' }];
    const { courses } = sandbox.seed({ institutions, courses: [{}, {}, {}] });
    expect(courses.map(({ institution }) => institution?.name)).toEqual(['A', 'B', 'A']);
    const { certificates } = sandbox.seed({ institutions, certificates: [{}, {}] });
    expect(certificates.map(({ institution }) => institution?.name)).toEqual(['A', 'B']);
  });

  it('free files of the call are used up in order, but not one that another names', () => {
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

  it('the types know how many were asked for', () => {
    const { students, certificates } = sandbox.seed({ students: [{}, {}], certificates: [{}] });
    const emails: string[] = [students[0].email, students[1].email];
    // @ts-expect-error a third was not asked for
    expect(() => students[2].email).toThrow(TypeError);
    expect([...emails, certificates[0].status]).toHaveLength(3);
    // @ts-expect-error a status that there is not
    expect(() => sandbox.seed({ certificates: [{ status: 'lost' }] })).toThrow(/status/);
    // @ts-expect-error a field that there is not
    expect(() => sandbox.seed({ students: [{ nam: 'Ana' }] })).toThrow(/"nam"/);
    const some: SandboxSeed = { students: [] };
    const first: SandboxStudent | undefined = sandbox.seed(some).students[0];
    expect(first).toBeUndefined();
  });
});

describe('certificates of every status', () => {
  it('are led there as the API would lead them', () => {
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
      issued_at: expect.stringMatching(MOMENT),
      revoked_at: '2026-02-01T00:00:00.000000Z',
      revocation_reason: 'typo',
      public_verification_url: url(revoked),
    });
    expect(expired).toMatchObject({ status: 'expired', issued_at: '2020-01-31T00:00:00.000000Z' });
    expect(finished).toMatchObject({ status: 'issued', issued_at: expect.stringMatching(MOMENT) });
  });

  it('are found by where, sort and per_page', async () => {
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

  it('live on: an issued one is revoked, a draft follows its student', async () => {
    const { certificates, students } = sandbox.seed({ certificates: [{ status: 'issued' }, {}] });
    const [issued, draft] = certificates;
    const reason = { revocation_reason: 'typo' };
    expect((await send('PUT', `/certificates/${issued.uuid}/revoke`, reason)).status).toBe(200);
    expect(await get(`/certificates/${issued.uuid}`)).toMatchObject({ status: 'revoked' });
    for (const { uuid } of students) await send('PATCH', `/students/${uuid}`, { name: 'Bea' });
    const names = (await get<SandboxCertificate[]>('/certificates')).map(({ student }) => student);
    expect(names).toMatchObject([{ name: 'Student 1' }, { name: 'Bea' }]);
    expect((await send('DELETE', `/certificates/${draft.uuid}`)).status).toBe(204);
  });
});

describe('files', () => {
  async function download(uuid: string | undefined): Promise<[string | null, Buffer]> {
    const response = await fetch(`${sandbox.url}/files/${uuid}/download`);
    expect(response.status).toBe(200);
    return [response.headers.get('content-type'), Buffer.from(await response.arrayBuffer())];
  }

  it('are downloaded with the content they were given', async () => {
    const bytes = Buffer.from([0, 255, 13, 10]);
    const { files } = sandbox.seed({
      files: [
        { content: 'Olá', mime_type: 'text/plain; charset=utf-8', original_name: 'a.txt' },
        { content: new Uint8Array(bytes), mime_type: 'image/png' },
      ],
    });
    expect(await download(files[0].uuid)).toEqual([
      'text/plain; charset=utf-8',
      Buffer.from('Olá'),
    ]);
    expect(await download(files[1].uuid)).toEqual(['image/png', bytes]);
    expect(files[0]).toMatchObject({ size: 4, extension: 'txt', used_at: null });
  });

  it('keep the bytes of then, whatever becomes of the array', async () => {
    const content = new Uint8Array([1, 2, 3]);
    const { files } = sandbox.seed({ files: [{ content }] });
    content.fill(0);
    expect((await download(files[0].uuid))[1]).toEqual(Buffer.from([1, 2, 3]));
  });

  it('are PDFs of one page unless told otherwise, each another one', async () => {
    const { files } = sandbox.seed({ files: [{}, {}] });
    const [type, bytes] = await download(files[0].uuid);
    const [, other] = await download(files[1].uuid);
    const text = bytes.toString('latin1');
    expect(type).toBe('application/pdf');
    expect(files[0].size).toBe(bytes.length);
    expect(bytes.equals(other)).toBe(false);
    expect(text).toMatch(/^%PDF-1\.4\n[^]*\(Diploma 1\)[^]*%%EOF\n$/);
    // The table of contents of a PDF: where it is, and where in the file each object begins.
    const table = Number(/startxref\n(\d+)\n/.exec(text)?.[1]);
    expect(text.slice(table)).toMatch(/^xref\n0 5\n/);
    const offsets = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, at]) => at);
    for (const [index, offset] of offsets.entries()) {
      expect(text.slice(Number(offset))).toMatch(new RegExp(`^${index + 1} 0 obj\n`));
    }
    expect(offsets).toHaveLength(4);
  });

  it('of the same content are the same file, as in the API', async () => {
    const { files } = sandbox.seed({ files: [{ content: 'same' }, { content: 'same' }] });
    expect(files[0]).toEqual(files[1]);
    const form = new FormData();
    form.append('files[]', new File(['same'], 'other.pdf'));
    const response = await fetch(`${sandbox.url}/files`, { method: 'POST', headers, body: form });
    expect(await response.json()).toMatchObject({ data: [{ uuid: files[0].uuid }] });
  });
});

describe('all or nothing', () => {
  it('leaves everything as it was when one thing cannot be made', async () => {
    const { files } = sandbox.seed({ files: [{}] });
    const before = await everything();
    expect(() =>
      sandbox.seed({
        institutions: [{}],
        courses: [{}],
        students: [{ name: 'Ana' }],
        certificates: [{ status: 'issued', file: files[0] }, { course_uuid: 'none' }],
      }),
    ).toThrow(/^seed\(\) cannot make certificates\[1\]: The selected course uuid is invalid\.$/);
    expect(await everything()).toEqual(before);
    expect(sandbox.seed({ students: [{}] }).students[0].name).toBe('Student 1');
    // The file is still free.
    sandbox.seed({ certificates: [{ file: files[0] }] });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'seed() needs an object, such as { students: [{}] }.'],
    ['a list', [], 'seed() needs an object, such as { students: [{}] }.'],
    [
      'a kind that there is not',
      { certificate: [{}] },
      'seed() makes institutions, students, courses, files, certificates, and no "certificate".',
    ],
    ['a count', { files: 3 }, 'seed() needs an array of files, such as [{}], or nothing.'],
    [
      'an entry that is no object',
      { students: ['Ana'] },
      'seed() cannot make students[0]: it must be an object, such as {}.',
    ],
    [
      'a hole',
      { students: Array(1) },
      'seed() cannot make students[0]: it must be an object, such as {}.',
    ],
    [
      'a misspelt field',
      { students: [{}, { nam: 'Ana' }] },
      'seed() cannot make students[1]: there is no field "nam"; there are name, email, date_of_birth, gender, social_name, created_at.',
    ],
    ['a uuid of its own', { files: [{ uuid: '1' }] }, 'there is no field "uuid"'],
    [
      'fields that JSON cannot hold',
      { students: [{ name: 1n }] },
      'seed() cannot make students[0]: JSON cannot hold its fields: ',
    ],
    [
      'an email that is taken',
      { students: [{ email: 'a@b.c' }, { email: 'a@b.c' }] },
      'seed() cannot make students[1]: The email has already been taken.',
    ],
    [
      'a required field that is blank',
      { students: [{ name: ' ', email: null }] },
      'seed() cannot make students[0]: The name field is required. The email field is required.',
    ],
    [
      'a status of courses that there is not',
      { courses: [{ status: 'gone' }] },
      'seed() cannot make courses[0]: The selected status is invalid.',
    ],
    [
      'a moment that is none',
      { students: [{ created_at: 'soon' }] },
      'seed() cannot make students[0]: created_at must be a Date, or a string that new Date() reads.',
    ],
    [
      'an invalid Date',
      { certificates: [{ status: 'issued', issued_at: new Date(Number.NaN) }] },
      'seed() cannot make certificates[0]: issued_at must be a Date',
    ],
    [
      'a number for a moment',
      { students: [{ created_at: 5 }] },
      'seed() cannot make students[0]: created_at must be a Date',
    ],
    [
      'a student by name',
      { certificates: [{ student: 'Ana' }] },
      'seed() cannot make certificates[0]: student must be an object: one that is there, or one to be made.',
    ],
    [
      'a student twice',
      { certificates: [{ student: {}, student_uuid: 'x' }] },
      'seed() cannot make certificates[0]: give student or student_uuid, not both.',
    ],
    [
      'a student that is not there',
      { certificates: [{ student: { uuid: 'x' } }] },
      'seed() cannot make certificates[0]: The selected student uuid is invalid.',
    ],
    [
      'an object without its uuid',
      { certificates: [{ student: { uuid: undefined } }] },
      'seed() cannot make certificates[0]: The student uuid field is required.',
    ],
    [
      'an institution without its uuid',
      { certificates: [{ institution: { uuid: undefined } }] },
      'seed() cannot make certificates[0]: The institution uuid field is required.',
    ],
    [
      'a fault in a thing within',
      { certificates: [{ course: { institution: { name: 'x'.repeat(256) } } }] },
      'seed() cannot make certificates[0].course.institution: The name field must not be greater than 255 characters.',
    ],
    [
      'an institution that is not there',
      { certificates: [{ institution_uuid: 'x' }] },
      'seed() cannot make certificates[0]: The selected institution uuid is invalid.',
    ],
    [
      'what the sandbox does not keep',
      { certificates: [{ cohort_uuid: 'x' }] },
      'seed() cannot make certificates[0]: The selected cohort uuid is invalid.',
    ],
    [
      'a status of certificates that there is not',
      { certificates: [{ status: 'lost' }] },
      'seed() cannot make certificates[0]: status must be one of draft, issued, revoked, expired.',
    ],
    [
      'status and finish',
      { certificates: [{ status: 'issued', finish: true }] },
      'seed() cannot make certificates[0]: give status or finish, not both.',
    ],
    [
      'a finish that is no boolean',
      { certificates: [{ finish: 'yes' }] },
      'seed() cannot make certificates[0]: The finish field must be true or false.',
    ],
    [
      'a draft that was issued',
      { certificates: [{ issued_at: '2026-01-31' }] },
      'seed() cannot make certificates[0]: a draft has no issued_at.',
    ],
    [
      'a reason without a revocation',
      { certificates: [{ status: 'issued', revocation_reason: 'typo' }] },
      'seed() cannot make certificates[0]: only a certificate with the status revoked has a revocation_reason.',
    ],
    [
      'a reason that is no text',
      { certificates: [{ status: 'revoked', revocation_reason: 5 }] },
      'seed() cannot make certificates[0]: The revocation reason field must be a string.',
    ],
    [
      'a content that is none',
      { files: [{ content: 5 }] },
      'seed() cannot make files[0]: content must be a string or a Uint8Array.',
    ],
    [
      'a type that no header may carry',
      { files: [{ mime_type: 'a\r\nb' }] },
      'seed() cannot make files[0]: mime_type must be a string such as application/pdf.',
    ],
    [
      'a name that is blank',
      { files: [{ original_name: ' ' }] },
      'seed() cannot make files[0]: original_name must be a string that is not blank.',
    ],
  ])('refuses %s', async (_, seed, message) => {
    expect(() => seedUntyped(seed)).toThrow(TypeError);
    expect(() => seedUntyped(seed)).toThrow(message);
    expect(Object.values(await everything()).flat()).toEqual([]);
  });

  it('refuses a file that two certificates name', () => {
    const file = { original_name: 'a.pdf' };
    expect(() => sandbox.seed({ certificates: [{ file }, { file }] })).toThrow(
      'seed() cannot make certificates[1]: The selected file uuid is invalid.',
    );
  });
});

describe('reset()', () => {
  it('takes away what was seeded, and lets the numbers begin anew', async () => {
    const { files, certificates } = sandbox.seed({ certificates: [{ status: 'issued' }] });
    sandbox.reset();
    await authenticate();
    expect(Object.values(await everything()).flat()).toEqual([]);
    expect((await fetch(`${sandbox.url}/files/${files[0]?.uuid}/download`)).status).toBe(404);
    expect(() => sandbox.seed({ certificates: [{ student: certificates[0] }] })).toThrow(
      'The selected student uuid is invalid.',
    );
    expect(sandbox.seed({ students: [{}] }).students[0].name).toBe('Student 1');
  });
});
