import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  INSTITUTION,
  NOT_FOUND,
  STUDENT,
  TIMESTAMP,
  UUID,
  call,
  create,
  dataOf,
  errorsOf,
  get,
  headers,
  list,
  sandbox,
  startSandboxWithToken,
} from '../../support/sandbox-client.js';

beforeEach(startSandboxWithToken);

describe('POST of an institution, student or course', () => {
  it('creates an institution with its defaults', async () => {
    expect(await create('/institutions', INSTITUTION)).toEqual({
      uuid: expect.stringMatching(UUID),
      name: 'University',
      legal_name: null,
      tax_id: null,
      country: 'BR',
      website: null,
      linkedin_organization: null,
      status: 'active',
      is_badges_enabled: false,
      badge_image_uuid: null,
      created_at: expect.stringMatching(TIMESTAMP),
      updated_at: expect.stringMatching(TIMESTAMP),
    });
  });

  it('creates a student, and ignores fields that a student does not have', async () => {
    expect(await create('/students', { ...STUDENT, uuid: 'mine', shoe_size: 43 })).toEqual({
      uuid: expect.stringMatching(UUID),
      ...STUDENT,
      gender: null,
      social_name: null,
      created_at: expect.stringMatching(TIMESTAMP),
    });
  });

  it('creates a course that names its institution', async () => {
    const { uuid, name } = await create('/institutions', INSTITUTION);
    const course = await create('/courses', { name: 'Law', institution_uuid: uuid, code: 'L1' });
    expect(course).toEqual({
      uuid: expect.stringMatching(UUID),
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
      created_at: expect.stringMatching(TIMESTAMP),
    });
  });

  it('answers 422 to missing fields and to values that are not possible', async () => {
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

  it.each([
    ['an unknown uuid', randomUUID()],
    ['a malformed uuid', 'malformed'],
    ['a number', 7],
  ])('answers 422 to %s as a reference', async (_, uuid) => {
    const response = await call('POST', '/courses', { name: 'Law', institution_uuid: uuid });
    expect(await errorsOf(response)).toEqual({
      institution_uuid: ['The selected institution uuid is invalid.'],
    });
  });

  it('answers 422 to the email of another student, as PATCH does', async () => {
    const taken = { email: ['The email has already been taken.'] };
    const { uuid } = await create('/students', STUDENT);
    expect(await errorsOf(await call('POST', '/students', STUDENT))).toEqual(taken);
    const other = await create('/students', { ...STUDENT, email: 'b@example.org' });
    const { email } = STUDENT;
    const patched = await call('PATCH', `/students/${other.uuid}`, { email });
    expect(await errorsOf(patched)).toEqual(taken);
    expect((await call('PATCH', `/students/${uuid}`, { email })).status).toBe(200);
  });

  it.each(['{"name":', '[]', '"text"', 'null'])('answers 400 to the body %s', async (body) => {
    const response = await call('POST', '/students', body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ success: false, message: expect.any(String) });
  });

  it('accepts a form as well as JSON', async () => {
    const body = new URLSearchParams(STUDENT);
    const response = await fetch(`${sandbox.url}/students`, { method: 'POST', headers, body });
    expect(response.status).toBe(201);
  });
});

describe('a resource', () => {
  it('is changed by PATCH, and replaced by PUT', async () => {
    const { uuid } = await create('/students', { ...STUDENT, gender: 'f' });
    const path = `/students/${uuid}`;
    const changed = await dataOf(await call('PATCH', path, { name: 'Bea' }));
    expect(changed).toMatchObject({ ...STUDENT, uuid, name: 'Bea', gender: 'f' });
    expect(await get(path)).toEqual(changed);

    expect(await dataOf(await call('PUT', path, STUDENT))).toMatchObject({ uuid, gender: null });
    expect(await errorsOf(await call('PUT', path, { name: 'Bea' }))).toMatchObject({
      email: ['The email field is required.'],
    });
  });

  it('is answered with 404 after DELETE', async () => {
    const { uuid } = await create('/students', STUDENT);
    const path = `/students/${uuid}`;
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
});
