import { CERTIFICATE_RULES, COURSE_RULES } from '../resources/resource-rules.js';
import { INSTITUTION_RULES, STUDENT_RULES } from '../resources/resource-rules.js';
import type { CollectionName, Fields } from '../resources/resource-store.js';
import type { FieldRules } from '../resources/validation.js';

const fieldsIn = ({ defaults }: FieldRules) => Object.keys(defaults);

// In this order they are made, since each refers to earlier ones only.
const FIELDS: Readonly<Record<CollectionName, readonly string[]>> = {
  institutions: [...fieldsIn(INSTITUTION_RULES), 'created_at'],
  students: [...fieldsIn(STUDENT_RULES), 'created_at'],
  courses: [...fieldsIn(COURSE_RULES), 'institution', 'created_at'],
  files: ['original_name', 'mime_type', 'content'],
  certificates: [
    'status',
    'finish',
    'issued_at',
    'revoked_at',
    'revocation_reason',
    'student',
    'course',
    'institution',
    'file',
    ...fieldsIn(CERTIFICATE_RULES),
  ],
};

export const KINDS = Object.keys(FIELDS) as CollectionName[];

/** What was asked for, by kind. */
export type SeedLists = Readonly<Record<CollectionName, readonly object[]>>;

/** Ends the seeding. */
export function refuse(path: string, why: string): never {
  throw new TypeError(`seed() cannot make ${path}: ${why}`);
}

/** @throws {TypeError} for what is no object of lists of objects */
export function listsOf(seed: unknown): SeedLists {
  if (!isObject(seed)) throw new TypeError('seed() needs an object, such as { students: [{}] }.');
  for (const name of Object.keys(seed)) {
    if (!Object.hasOwn(FIELDS, name)) {
      throw new TypeError(`seed() makes ${KINDS.join(', ')}, and no "${name}".`);
    }
  }
  const lists = KINDS.map((name) => [name, listOf(name, (seed as Fields)[name] ?? [])] as const);
  return Object.fromEntries(lists) as Record<CollectionName, object[]>;
}

function listOf(name: CollectionName, list: unknown): object[] {
  if (!Array.isArray(list)) {
    throw new TypeError(`seed() needs an array of ${name}, such as [{}], or nothing.`);
  }
  // Array.from sees the holes of Array(3), too.
  return Array.from(list, (item: unknown, index) =>
    isObject(item) ? item : refuse(`${name}[${index}]`, 'it must be an object, such as {}.'),
  );
}

/** The fields of one thing, without those that have no value; a misspelt one is refused. */
export function givenFields(name: CollectionName, item: object, path: string): Fields {
  const given = Object.entries(item).filter(([, value]) => value !== undefined);
  const stranger = given.find(([field]) => !FIELDS[name].includes(field));
  if (stranger) {
    refuse(path, `there is no field "${stranger[0]}"; there are ${FIELDS[name].join(', ')}.`);
  }
  return Object.fromEntries(given);
}

/** The fields as a JSON body would carry them. */
export function asJson(fields: Fields, path: string): Fields {
  try {
    return JSON.parse(JSON.stringify(fields)) as Fields;
  } catch (error) {
    return refuse(path, `JSON cannot hold its fields: ${(error as Error).message}`);
  }
}

/** The moment in this field; now if it is not given. */
export function momentIn(fields: Fields, field: string, path: string): Date {
  const value = fields[field] ?? new Date();
  const moment = new Date(value instanceof Date || typeof value === 'string' ? value : Number.NaN);
  if (!Number.isNaN(moment.getTime())) return moment;
  return refuse(path, `${field} must be a Date, or a string that new Date() reads.`);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
