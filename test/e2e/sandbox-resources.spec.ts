import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DokStampSandbox } from '../../lib/testing/index.js';

interface Item {
  uuid: string;
  [field: string]: unknown;
}

const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const NOT_FOUND = { success: false, message: 'Resource not found.' };
const UNAUTHENTICATED = { success: false, message: 'Unauthenticated.' };

let sandbox: DokStampSandbox;
let headers: Record<string, string>;

beforeEach(async () => {
  sandbox = await DokStampSandbox.start();
  const { clientId, clientSecret } = sandbox.credentials;
  const form = { grant_type: 'client_credentials', client_id: clientId };
  const body = new URLSearchParams({ ...form, client_secret: clientSecret });
  const response = await fetch(`${sandbox.url}/oauth/token`, { method: 'POST', body });
  const { access_token }: { access_token: string } = JSON.parse(await response.text());
  headers = { Authorization: `Bearer ${access_token}`, 'X-Tenant': sandbox.tenant };
});

afterEach(async () => {
  vi.useRealTimers();
  await sandbox.stop();
});

function call(method: string, path: string, body?: unknown) {
  const json: Record<string, string> =
    body === undefined ? {} : { 'Content-Type': 'application/json' };
  return fetch(sandbox.url + path, {
    method,
    headers: { ...headers, ...json },
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
  });
}

async function dataOf(response: Response): Promise<Item> {
  const { data }: { data: Item } = JSON.parse(await response.text());
  return data;
}

async function create(path: string, body: object): Promise<Item> {
  const response = await call('POST', path, body);
  expect(response.status).toBe(201);
  return dataOf(response);
}

async function list(path: string): Promise<Item[]> {
  const { data }: { data: Item[] } = JSON.parse(await (await call('GET', path)).text());
  return data;
}

async function found(path: string, field: string): Promise<unknown[]> {
  return (await list(path)).map((item) => item[field]);
}

async function errorsOf(response: Response): Promise<unknown> {
  expect(response.status).toBe(422);
  const body: { errors: unknown } = JSON.parse(await response.text());
  expect(body).toMatchObject({ success: false, message: 'The given data was invalid.' });
  return body.errors;
}

function post(body: FormData) {
  return fetch(`${sandbox.url}/files`, { method: 'POST', headers, body });
}

async function upload(...files: File[]): Promise<Item[]> {
  const body = new FormData();
  for (const file of files) body.append('files[]', file);
  const response = await post(body);
  expect(response.status).toBe(201);
  const { data }: { data: Item[] } = JSON.parse(await response.text());
  return data;
}

function pdf(content: string | Buffer<ArrayBuffer> = randomBytes(8), name = 'diploma.pdf'): File {
  return new File([content], name, { type: 'application/pdf' });
}

const INSTITUTION = { name: 'University', country: 'BR' };
const STUDENT = { name: 'Ana', email: 'ana@example.org', date_of_birth: '2000-01-31' };

async function certificateBody() {
  const institution = await create('/institutions', INSTITUTION);
  const email = `${randomUUID()}@example.org`;
  const student = await create('/students', { ...STUDENT, email });
  const course = await create('/courses', { name: 'Law', institution_uuid: institution.uuid });
  const [file] = await upload(pdf());
  return {
    institution_uuid: institution.uuid,
    course_uuid: course.uuid,
    student_uuid: student.uuid,
    file_uuid: file?.uuid,
  };
}

describe('who may call', () => {
  it.each([
    ['/certificates', 401, UNAUTHENTICATED],
    ['/files', 401, UNAUTHENTICATED],
    ['/students', 404, NOT_FOUND],
    ['/courses', 404, NOT_FOUND],
    ['/institutions', 404, NOT_FOUND],
  ])('%s without the tenant, or with another, answers %i', async (path, status, body) => {
    const { Authorization = '' } = headers;
    const tenants: Record<string, string>[] = [{}, { 'X-Tenant': 'another' }];
    for (const tenant of tenants) {
      const response = await fetch(sandbox.url + path, { headers: { Authorization, ...tenant } });
      expect(response.status).toBe(status);
      expect(await response.json()).toEqual(body);
    }
  });

  it('a missing token comes before a missing tenant', async () => {
    const response = await fetch(`${sandbox.url}/students`);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual(UNAUTHENTICATED);
  });

  it('/auth/me needs a token and no tenant', async () => {
    const { Authorization = '' } = headers;
    const response = await fetch(`${sandbox.url}/auth/me`, { headers: { Authorization } });
    expect(await dataOf(response)).toEqual({
      uuid: expect.stringMatching(V4),
      name: expect.any(String),
      email: expect.any(String),
      tenant: {
        uuid: expect.stringMatching(V4),
        name: expect.any(String),
        domain: 'my-university',
      },
    });
  });

  it('an unknown path answers 404 and a wrong method 405', async () => {
    const unknown = await call('GET', '/nowhere');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toEqual(NOT_FOUND);
    const wrong = await call('DELETE', '/students');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, POST');
  });
});

describe('the plain resources', () => {
  it('create an institution with its defaults', async () => {
    expect(await create('/institutions', INSTITUTION)).toEqual({
      uuid: expect.stringMatching(V4),
      name: 'University',
      legal_name: null,
      tax_id: null,
      country: 'BR',
      website: null,
      linkedin_organization: null,
      status: 'active',
      is_badges_enabled: false,
      badge_image_uuid: null,
      created_at: expect.stringMatching(MOMENT),
      updated_at: expect.stringMatching(MOMENT),
    });
  });

  it('create a student and leave out what a student does not have', async () => {
    expect(await create('/students', { ...STUDENT, uuid: 'mine', shoe_size: 43 })).toEqual({
      uuid: expect.stringMatching(V4),
      ...STUDENT,
      gender: null,
      social_name: null,
      created_at: expect.stringMatching(MOMENT),
    });
  });

  it('create a course that names its institution', async () => {
    const { uuid, name } = await create('/institutions', INSTITUTION);
    const course = await create('/courses', { name: 'Law', institution_uuid: uuid, code: 'L1' });
    expect(course).toEqual({
      uuid: expect.stringMatching(V4),
      name: 'Law',
      code: 'L1',
      description: null,
      workload_hours: null,
      area: null,
      version: null,
      status: 'draft',
      badge_image_uuid: null,
      institution: { uuid, name },
      organization: null,
      created_at: expect.stringMatching(MOMENT),
    });
  });

  it('answer 422 to missing and impossible fields', async () => {
    expect(await errorsOf(await call('POST', '/students', {}))).toEqual({
      name: ['The name field is required.'],
      email: ['The email field is required.'],
      date_of_birth: ['The date of birth field is required.'],
    });
    const institution = { name: 'x'.repeat(256), country: ' ', status: 'gone' };
    expect(await errorsOf(await call('POST', '/institutions', institution))).toEqual({
      name: ['The name field must not be greater than 255 characters.'],
      country: ['The country field is required.'],
      status: ['The selected status is invalid.'],
    });
    expect(await errorsOf(await call('POST', '/courses', { name: 5 }))).toEqual({
      name: ['The name field must be a string.'],
      institution_uuid: ['The institution uuid field is required.'],
    });
  });

  it.each([randomUUID(), 'malformed', 7])(
    'answer 422 to the unknown reference %s',
    async (uuid) => {
      const response = await call('POST', '/courses', { name: 'Law', institution_uuid: uuid });
      expect(await errorsOf(response)).toEqual({
        institution_uuid: ['The selected institution uuid is invalid.'],
      });
    },
  );

  it("keep a student's email unique", async () => {
    const taken = { email: ['The email has already been taken.'] };
    const { uuid } = await create('/students', STUDENT);
    expect(await errorsOf(await call('POST', '/students', STUDENT))).toEqual(taken);
    const other = await create('/students', { ...STUDENT, email: 'b@example.org' });
    const { email } = STUDENT;
    expect(await errorsOf(await call('PATCH', `/students/${other.uuid}`, { email }))).toEqual(
      taken,
    );
    expect((await call('PATCH', `/students/${uuid}`, { email })).status).toBe(200);
  });

  it('read, change, replace and delete by uuid', async () => {
    const { uuid } = await create('/students', { ...STUDENT, gender: 'f' });
    const path = `/students/${uuid}`;
    const changed = await dataOf(await call('PATCH', path, { name: 'Bea' }));
    expect(changed).toMatchObject({ ...STUDENT, uuid, name: 'Bea', gender: 'f' });
    expect(await dataOf(await call('GET', path))).toEqual(changed);

    expect(await dataOf(await call('PUT', path, STUDENT))).toMatchObject({ uuid, gender: null });
    expect(await errorsOf(await call('PUT', path, { name: 'Bea' }))).toMatchObject({
      email: ['The email field is required.'],
    });

    const deleted = await call('DELETE', path);
    expect(deleted.status).toBe(204);
    expect(await deleted.text()).toBe('');
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const response = await call(method, path, method === 'GET' ? undefined : {});
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual(NOT_FOUND);
    }
    expect(await list('/students')).toEqual([]);
  });

  it.each(['{"name":', '[]', '"text"', 'null'])('answer 400 to the body %s', async (body) => {
    const response = await call('POST', '/students', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ success: false, message: expect.any(String) });
  });

  it('take a form as well as JSON', async () => {
    const body = new URLSearchParams(STUDENT);
    const response = await fetch(`${sandbox.url}/students`, { method: 'POST', headers, body });
    expect(response.status).toBe(201);
  });
});

describe('lists', () => {
  const emails = ['c@x.test', 'a@x.test', 'b@x.test'];
  beforeEach(async () => {
    for (const email of emails) {
      const gender = email.startsWith('a') ? null : 'f';
      await create('/students', { ...STUDENT, email, gender });
    }
  });

  it('come in order of creation, fifteen to a page, with their meta', async () => {
    for (let i = 0; i < 14; i += 1) await create('/students', { ...STUDENT, email: `${i}@x.test` });
    const response = await call('GET', '/students');
    const body: { data: Item[]; meta: object } = JSON.parse(await response.text());
    expect(body.meta).toEqual({ current_page: 1, per_page: 15, total: 17 });
    expect(body.data).toHaveLength(15);
    expect(body.data.slice(0, 3).map(({ email }) => email)).toEqual(emails);
    expect(await list('/students?page=2')).toHaveLength(2);
  });

  it('are cut by per_page and page', async () => {
    expect(await found('/students?per_page=2', 'email')).toEqual(['c@x.test', 'a@x.test']);
    expect(await found('/students?per_page=2&page=2', 'email')).toEqual(['b@x.test']);
    expect(await found('/students?per_page=2&page=3', 'email')).toEqual([]);
    expect(await found('/students?per_page=zero&page=-1', 'email')).toHaveLength(3);
  });

  it.each([
    ['where[email]=a@x.test', ['a@x.test']],
    ['where%5Bemail%5D=a%40x.test', ['a@x.test']],
    ['where[gender]=f', ['c@x.test', 'b@x.test']],
    ['where[gender]=null', ['a@x.test']],
    ['where[gender]=f&where[email]=b@x.test', ['b@x.test']],
    ['where[gender]=f&where[email]=a@x.test', []],
    ['where[unknown]=null', []],
  ])('are filtered by %s', async (query, expected) => {
    expect(await found(`/students?${query}`, 'email')).toEqual(expected);
  });

  it.each([
    ['sort[column]=email', ['a@x.test', 'b@x.test', 'c@x.test']],
    ['sort[column]=email&sort[order]=asc', ['a@x.test', 'b@x.test', 'c@x.test']],
    ['sort[column]=email&sort[order]=desc', ['c@x.test', 'b@x.test', 'a@x.test']],
    ['sort[column]=gender', ['a@x.test', 'c@x.test', 'b@x.test']],
    ['sort[column]=email&sort[order]=desc&per_page=1', ['c@x.test']],
  ])('are sorted by %s', async (query, expected) => {
    expect(await found(`/students?${query}`, 'email')).toEqual(expected);
  });

  it('sort numbers as numbers', async () => {
    await upload(pdf('x'.repeat(10)), pdf('y'.repeat(9)));
    const sizes = (await list('/files?sort[column]=size')).map(({ size }) => size);
    expect(sizes).toEqual([9, 10]);
  });
});

describe('files', () => {
  it('are uploaded several at a time, answered in an array in their order', async () => {
    const data = await upload(
      pdf('one', 'a.pdf'),
      new File(['two'], 'b.png', { type: 'image/png' }),
    );
    const uuid = expect.stringMatching(V4);
    const used_at = null;
    const mime_type = 'application/pdf';
    expect(data).toEqual([
      { uuid, original_name: 'a.pdf', mime_type, size: 3, used_at },
      { uuid, original_name: 'b.png', mime_type: 'image/png', size: 3, used_at },
    ]);
  });

  it('are told apart by their content: the same bytes give the older record', async () => {
    const [first, twin] = await upload(pdf('same', 'a.pdf'), pdf('same', 'b.pdf'));
    const [later] = await upload(pdf('same', 'c.pdf'));
    expect(twin).toEqual(first);
    expect(later).toEqual(first);
    expect(await list('/files')).toHaveLength(1);
  });

  it('show their metadata with a download link to the sandbox', async () => {
    const [file] = await upload(pdf('content', 'Diploma.PDF'));
    const path = `/files/${file?.uuid}`;
    const full = { ...file, extension: 'pdf', file: `${sandbox.url}${path}/download` };
    expect(await dataOf(await call('GET', path))).toEqual(full);
    expect(await list('/files')).toEqual([full]);
  });

  it('are downloaded by anyone, byte for byte, with type and name', async () => {
    const bytes = randomBytes(1000);
    const [file] = await upload(pdf(bytes, 'Título "1".pdf'));
    const response = await fetch(`${sandbox.url}/files/${file?.uuid}/download`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="T_tulo _1_.pdf"; filename*=UTF-8''T%C3%ADtulo%20%221%22.pdf`,
    );
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('that are unknown or deleted cannot be had', async () => {
    const [file] = await upload(pdf());
    expect((await call('DELETE', `/files/${file?.uuid}`)).status).toBe(204);
    for (const path of [`/files/${file?.uuid}`, `/files/${randomUUID()}`, '/files/malformed']) {
      expect((await call('GET', path)).status).toBe(404);
      expect((await call('GET', `${path}/download`)).status).toBe(404);
    }
  });

  it('have to be there, under the name files[], and be files', async () => {
    const required = { files: ['The files field is required.'] };
    expect(await errorsOf(await call('POST', '/files', {}))).toEqual(required);
    const misnamed = new FormData();
    misnamed.append('files', pdf());
    expect(await errorsOf(await post(misnamed))).toEqual(required);
    const text = new FormData();
    text.append('files[]', 'text');
    expect(await errorsOf(await post(text))).toEqual({
      'files.0': ['The files.0 field must be a file.'],
    });
    text.set('files[]', pdf());
    text.append('files[]', 'text');
    expect(await errorsOf(await post(text))).toEqual({
      'files.1': ['The files.1 field must be a file.'],
    });
    expect(await list('/files')).toEqual([]);
  });

  it('in a garbled multipart body answer 400', async () => {
    const type = { 'Content-Type': 'multipart/form-data; boundary=x' };
    const init = { method: 'POST', headers: { ...headers, ...type }, body: 'garbled' };
    expect((await fetch(`${sandbox.url}/files`, init)).status).toBe(400);
  });

  it('may be 20 MB large, with a token that is good and with one that is not', async () => {
    const bytes = randomBytes(20 * 1024 * 1024);
    const [file] = await upload(pdf(bytes));
    expect(file?.['size']).toBe(bytes.length);
    const download = await fetch(`${sandbox.url}/files/${file?.uuid}/download`);
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true);

    sandbox.revokeTokens();
    const body = new FormData();
    body.append('files[]', pdf(bytes));
    const refused = await post(body);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toEqual(UNAUTHENTICATED);
  });
});

describe('certificates', () => {
  it('are issued with finish, and use up their file', async () => {
    const body = await certificateBody();
    const certificate = await create('/certificates', { ...body, finish: true });
    const { uuid } = certificate;
    expect(certificate).toEqual({
      uuid: expect.stringMatching(V4),
      status: 'issued',
      issued_at: expect.stringMatching(MOMENT),
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
    expect(await dataOf(await call('GET', `/certificates/${uuid}`))).toEqual(certificate);
    const file = await dataOf(await call('GET', `/files/${body.file_uuid}`));
    expect(file['used_at']).toMatch(MOMENT);
    expect(await list('/files?where[used_at]=null')).toEqual([]);
  });

  it('are drafts without finish', async () => {
    expect(await create('/certificates', await certificateBody())).toMatchObject({
      status: 'draft',
      issued_at: null,
      public_verification_url: null,
    });
  });

  it('keep the student as issued, while a draft follows the student', async () => {
    const draft = await certificateBody();
    const issued = { ...draft, file_uuid: (await upload(pdf()))[0]?.uuid, finish: true };
    const uuids = [(await create('/certificates', draft)).uuid];
    uuids.push((await create('/certificates', issued)).uuid);
    await call('PATCH', `/students/${draft.student_uuid}`, { name: 'Bea' });
    const names = (await list('/certificates')).map(({ student }) => student);
    expect(names).toMatchObject([{ name: 'Bea' }, { name: 'Ana' }]);
  });

  it('use a file once', async () => {
    const body = await certificateBody();
    await create('/certificates', body);
    expect(await errorsOf(await call('POST', '/certificates', body))).toEqual({
      file_uuid: ['The selected file uuid is invalid.'],
    });
  });

  it('that compete for one file are created once', async () => {
    const body = await certificateBody();
    const attempts = Array.from({ length: 20 }, () => call('POST', '/certificates', body));
    const statuses = (await Promise.all(attempts)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 422)).toHaveLength(19);
  });

  it('need all they refer to', async () => {
    expect(await errorsOf(await call('POST', '/certificates', { finish: 'yes' }))).toEqual({
      institution_uuid: ['The institution uuid field is required.'],
      course_uuid: ['The course uuid field is required.'],
      student_uuid: ['The student uuid field is required.'],
      file_uuid: ['The file uuid field is required.'],
      finish: ['The finish field must be true or false.'],
    });
  });

  it('refuse uuids that are unknown or malformed, and leave the file unused', async () => {
    const body = await certificateBody();
    const wrong = { course_uuid: randomUUID(), student_uuid: 12, cohort_uuid: 'malformed' };
    expect(await errorsOf(await call('POST', '/certificates', { ...body, ...wrong }))).toEqual({
      course_uuid: ['The selected course uuid is invalid.'],
      student_uuid: ['The selected student uuid is invalid.'],
      cohort_uuid: ['The selected cohort uuid is invalid.'],
    });
    expect(await list('/files?where[used_at]=null')).toHaveLength(1);
  });

  it('are listed by status, course and student, sorted and in pages', async () => {
    const first = await certificateBody();
    const second = await certificateBody();
    const draft = await create('/certificates', first);
    const issued = await create('/certificates', { ...second, finish: true });

    expect(await found('/certificates?where[status]=issued', 'uuid')).toEqual([issued.uuid]);
    expect(await found(`/certificates?where[course_uuid]=${first.course_uuid}`, 'uuid')).toEqual([
      draft.uuid,
    ]);
    expect(await found(`/certificates?where[student_uuid]=${second.student_uuid}`, 'uuid')).toEqual(
      [issued.uuid],
    );
    expect(await found('/certificates?where[issued_at]=null', 'uuid')).toEqual([draft.uuid]);
    expect(await found('/certificates?sort[column]=status&sort[order]=desc', 'uuid')).toEqual([
      issued.uuid,
      draft.uuid,
    ]);
    const paged = await call('GET', '/certificates?per_page=1');
    expect(await paged.json()).toMatchObject({
      data: [{ uuid: draft.uuid }],
      meta: { current_page: 1, per_page: 1, total: 2 },
    });
  });

  it('are revoked with a reason or without, once', async () => {
    const { uuid, public_verification_url } = await create('/certificates', {
      ...(await certificateBody()),
      finish: true,
    });
    const revoked = await call('PUT', `/certificates/${uuid}/revoke`, {
      revocation_reason: 'typo',
    });
    expect(revoked.status).toBe(200);
    const data = await dataOf(revoked);
    expect(data).toEqual({
      uuid,
      status: 'revoked',
      revoked_at: expect.stringMatching(MOMENT),
      revocation_reason: 'typo',
      public_verification_url,
    });
    expect(await dataOf(await call('PUT', `/certificates/${uuid}/revoke`))).toEqual(data);
    expect(await list('/certificates?where[status]=revoked')).toHaveLength(1);

    const other = await create('/certificates', { ...(await certificateBody()), finish: true });
    expect(await dataOf(await call('PUT', `/certificates/${other.uuid}/revoke`))).toMatchObject({
      status: 'revoked',
      revocation_reason: null,
    });
  });

  it('that are drafts or unknown cannot be revoked', async () => {
    const { uuid } = await create('/certificates', await certificateBody());
    expect(await errorsOf(await call('PUT', `/certificates/${uuid}/revoke`))).toEqual({
      status: ['The selected status is invalid.'],
    });
    expect((await call('PUT', `/certificates/${randomUUID()}/revoke`)).status).toBe(404);
  });

  it('are deleted one by one', async () => {
    const { uuid } = await create('/certificates', await certificateBody());
    expect((await call('DELETE', `/certificates/${uuid}`)).status).toBe(204);
    expect((await call('DELETE', `/certificates/${uuid}`)).status).toBe(404);
  });

  it('are deleted in a batch, all or none', async () => {
    const path = '/certificates/batch/destroy';
    const uuids = [];
    for (let i = 0; i < 2; i += 1) {
      uuids.push((await create('/certificates', await certificateBody())).uuid);
    }
    const unknown = { uuids: [...uuids, randomUUID()] };
    expect(await errorsOf(await call('DELETE', path, unknown))).toEqual({
      'uuids.2': ['The selected uuids.2 is invalid.'],
    });
    expect(await errorsOf(await call('DELETE', path))).toEqual({
      uuids: ['The uuids field is required.'],
    });
    expect((await call('DELETE', path, { uuids })).status).toBe(204);
    expect(await list('/certificates')).toEqual([]);
  });
});
