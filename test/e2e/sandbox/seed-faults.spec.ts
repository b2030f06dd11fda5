import { beforeEach, describe, expect, it } from 'vitest';
import { authenticate, everything, sandbox, startSandbox } from '../../support/sandbox-client.js';

beforeEach(startSandbox);

describe('sandbox.seed()', () => {
  it('makes nothing if one resource cannot be made', async () => {
    await authenticate();
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
    // The file is still unused.
    sandbox.seed({ certificates: [{ file: files[0] }] });
  });

  it.each<[string, unknown, string]>([
    ['undefined', undefined, 'seed() needs an object, such as { students: [{}] }.'],
    ['an array', [], 'seed() needs an object, such as { students: [{}] }.'],
    [
      'an unknown kind',
      { certificate: [{}] },
      'seed() makes institutions, students, courses, files, certificates, and no "certificate".',
    ],
    ['a count', { files: 3 }, 'seed() needs an array of files, such as [{}], or nothing.'],
    [
      'an entry that is not an object',
      { students: ['Ana'] },
      'seed() cannot make students[0]: it must be an object, such as {}.',
    ],
    [
      'a sparse array',
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
      'a field that JSON cannot hold',
      { students: [{ name: 1n }] },
      'seed() cannot make students[0]: JSON cannot hold its fields: ',
    ],
    [
      'the email of another student',
      { students: [{ email: 'a@b.c' }, { email: 'a@b.c' }] },
      'seed() cannot make students[1]: The email has already been taken.',
    ],
    [
      'a blank required field',
      { students: [{ name: ' ', email: null }] },
      'seed() cannot make students[0]: The name field is required. The email field is required.',
    ],
    [
      'an unknown status of a course',
      { courses: [{ status: 'gone' }] },
      'seed() cannot make courses[0]: The selected status is invalid.',
    ],
    [
      'a time that cannot be parsed',
      { students: [{ created_at: 'soon' }] },
      'seed() cannot make students[0]: created_at must be a Date, or a string that new Date() reads.',
    ],
    [
      'an invalid Date',
      { certificates: [{ status: 'issued', issued_at: new Date(Number.NaN) }] },
      'seed() cannot make certificates[0]: issued_at must be a Date',
    ],
    [
      'a number for a time',
      { students: [{ created_at: 5 }] },
      'seed() cannot make students[0]: created_at must be a Date',
    ],
    [
      'a student by name',
      { certificates: [{ student: 'Ana' }] },
      'seed() cannot make certificates[0]: student must be an object: one that is there, or one to be made.',
    ],
    [
      'both student and student_uuid',
      { certificates: [{ student: {}, student_uuid: 'x' }] },
      'seed() cannot make certificates[0]: give student or student_uuid, not both.',
    ],
    [
      'an unknown student',
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
      'a fault in a nested resource',
      { certificates: [{ course: { institution: { name: 'x'.repeat(256) } } }] },
      'seed() cannot make certificates[0].course.institution: The name field must not be greater than 255 characters.',
    ],
    [
      'an unknown institution',
      { certificates: [{ institution_uuid: 'x' }] },
      'seed() cannot make certificates[0]: The selected institution uuid is invalid.',
    ],
    [
      'a resource that the sandbox does not store',
      { certificates: [{ cohort_uuid: 'x' }] },
      'seed() cannot make certificates[0]: The selected cohort uuid is invalid.',
    ],
    [
      'an unknown status of a certificate',
      { certificates: [{ status: 'lost' }] },
      'seed() cannot make certificates[0]: status must be one of draft, issued, revoked, expired.',
    ],
    [
      'both status and finish',
      { certificates: [{ status: 'issued', finish: true }] },
      'seed() cannot make certificates[0]: give status or finish, not both.',
    ],
    [
      'a finish that is not a boolean',
      { certificates: [{ finish: 'yes' }] },
      'seed() cannot make certificates[0]: The finish field must be true or false.',
    ],
    [
      'a draft with a time of issue',
      { certificates: [{ issued_at: '2026-01-31' }] },
      'seed() cannot make certificates[0]: a draft has no issued_at.',
    ],
    [
      'a reason without a revocation',
      { certificates: [{ status: 'issued', revocation_reason: 'typo' }] },
      'seed() cannot make certificates[0]: only a certificate with the status revoked has a revocation_reason.',
    ],
    [
      'a reason that is not a string',
      { certificates: [{ status: 'revoked', revocation_reason: 5 }] },
      'seed() cannot make certificates[0]: The revocation reason field must be a string.',
    ],
    [
      'a content that is not a string or bytes',
      { files: [{ content: 5 }] },
      'seed() cannot make files[0]: content must be a string or a Uint8Array.',
    ],
    [
      'a type that no header may carry',
      { files: [{ mime_type: 'a\r\nb' }] },
      'seed() cannot make files[0]: mime_type must be a string such as application/pdf.',
    ],
    [
      'a blank name',
      { files: [{ original_name: ' ' }] },
      'seed() cannot make files[0]: original_name must be a string that is not blank.',
    ],
  ])('throws for %s, and makes nothing', (_, seed, message) => {
    // @ts-expect-error JavaScript callers may pass any value.
    const throwing = () => sandbox.seed(seed);
    expect(throwing).toThrow(TypeError);
    expect(throwing).toThrow(message);
    // The numbers would be higher.
    const made = sandbox.seed({ certificates: [{}] });
    expect(made).toMatchObject({
      institutions: [{ name: 'Institution 1' }],
      students: [{ name: 'Student 1' }],
      courses: [{ name: 'Course 1' }],
      files: [{ original_name: 'diploma-1.pdf' }],
    });
  });

  it('throws for a file that two certificates name', () => {
    const file = { original_name: 'a.pdf' };
    expect(() => sandbox.seed({ certificates: [{ file }, { file }] })).toThrow(
      'seed() cannot make certificates[1]: The selected file uuid is invalid.',
    );
  });
});
