import { beforeEach, describe, expect, it } from 'vitest';
import type { CertificateSeed } from '../../../lib/testing/index.js';
import {
  TIMESTAMP,
  UUID,
  authenticate,
  call,
  everything,
  get,
  pdf,
  sandbox,
  startSandboxWithToken,
  upload,
  KINDS,
} from '../../support/sandbox-client.js';

beforeEach(startSandboxWithToken);

describe('sandbox.seed()', () => {
  it('returns all that it made, which the API lists at once', async () => {
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
        expect(one.uuid).toMatch(UUID);
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

  it('makes nothing of an empty seed', async () => {
    const nothing = { institutions: [], students: [], courses: [], files: [], certificates: [] };
    expect(sandbox.seed({})).toEqual(nothing);
    expect(await everything()).toEqual(nothing);
  });

  it('fills the fields that the API requires, and leaves the others as the API does', () => {
    const { institutions, students, courses, files, certificates } = sandbox.seed({
      certificates: [{}],
    });
    const uuid = expect.stringMatching(UUID);
    const created_at = expect.stringMatching(TIMESTAMP);
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

  it('numbers the names that it makes, across calls and after a POST', async () => {
    sandbox.seed({ students: [{}, { name: 'Ana' }], files: [{}] });
    const own = { name: 'Rui', email: 'rui@example.org', date_of_birth: '1999-12-31' };
    expect((await call('POST', '/students', own)).status).toBe(201);
    const { students, files } = sandbox.seed({ students: [{}], files: [{}] });
    expect(students[0].email).toBe('student-4@sandbox.test');
    expect(files[0].original_name).toBe('diploma-2.pdf');
  });

  it('makes one resource for each entry, although all entries are the same object', () => {
    const issued: CertificateSeed = { status: 'issued' };
    const { certificates, students } = sandbox.seed({
      certificates: Array.from({ length: 40 }, () => issued),
    });
    expect(new Set(certificates.map(({ uuid }) => uuid)).size).toBe(40);
    expect(new Set(students.map(({ email }) => email)).size).toBe(40);
  });

  it('returns a copy, so a change of it has no effect', async () => {
    const { certificates } = sandbox.seed({ certificates: [{ status: 'issued' }] });
    const [certificate] = certificates;
    const shown = structuredClone(certificate);
    certificate.status = 'expired';
    if (certificate.student) certificate.student.name = 'Eve';
    expect(await get(`/certificates/${shown.uuid}`)).toEqual(shown);
  });

  it('treats undefined as left out', () => {
    const seed = { students: [{ name: undefined, email: undefined }], courses: undefined };
    expect(sandbox.seed(seed).students[0]).toMatchObject({ name: 'Student 1' });
  });

  it('takes a Date or a string for a time', () => {
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

describe('a seeded file', () => {
  async function download(uuid: string | undefined): Promise<[string | null, Buffer]> {
    const response = await fetch(`${sandbox.url}/files/${uuid}/download`);
    expect(response.status).toBe(200);
    return [response.headers.get('content-type'), Buffer.from(await response.arrayBuffer())];
  }

  it('is downloaded with its content', async () => {
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

  it('keeps the bytes that the array had in seed()', async () => {
    const content = new Uint8Array([1, 2, 3]);
    const { files } = sandbox.seed({ files: [{ content }] });
    content.fill(0);
    expect((await download(files[0].uuid))[1]).toEqual(Buffer.from([1, 2, 3]));
  });

  it('is a PDF of one page by default, and no two are the same', async () => {
    const { files } = sandbox.seed({ files: [{}, {}] });
    const [type, bytes] = await download(files[0].uuid);
    const [, other] = await download(files[1].uuid);
    const text = bytes.toString('latin1');
    expect(type).toBe('application/pdf');
    expect(files[0].size).toBe(bytes.length);
    expect(bytes.equals(other)).toBe(false);
    expect(text).toMatch(/^%PDF-1\.4\n[^]*\(Diploma 1\)[^]*%%EOF\n$/);
    // The cross-reference table of the PDF: its offset, and the offset of each object.
    const table = Number(/startxref\n(\d+)\n/.exec(text)?.[1]);
    expect(text.slice(table)).toMatch(/^xref\n0 5\n/);
    const offsets = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, at]) => at);
    for (const [index, offset] of offsets.entries()) {
      expect(text.slice(Number(offset))).toMatch(new RegExp(`^${index + 1} 0 obj\n`));
    }
    expect(offsets).toHaveLength(4);
  });

  it('is the same file as another of the same content, as in the API', async () => {
    const { files } = sandbox.seed({ files: [{ content: 'same' }, { content: 'same' }] });
    expect(files[0]).toEqual(files[1]);
    const [uploaded] = await upload(pdf('same', 'other.pdf'));
    expect(uploaded).toMatchObject({ uuid: files[0].uuid });
  });
});

describe('sandbox.reset()', () => {
  it('removes what was seeded, and numbers start at 1 again', async () => {
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
