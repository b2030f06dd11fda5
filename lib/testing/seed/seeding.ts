import type { ResourceKinds } from '../resources/resource-kinds.js';
import type { CollectionName, Fields, StoredRecord } from '../resources/resource-store.js';
import { InvalidFieldsError } from '../resources/validation.js';
import { certificateOfStatus } from './certificate-status.js';
import { fileOf } from './file-content.js';
import { FreeFiles } from './free-files.js';
import { MadeThings } from './made-things.js';
import { SEED_DEFAULTS } from './seed-defaults.js';
import { asJson, givenFields, isObject, momentIn, refuse, type SeedLists } from './seed-input.js';

/** Where in the seed something stands. */
interface Place {
  readonly path: string;
  /** Its place in the list, or that of the thing that needs it. */
  readonly nth: number;
  readonly isListed?: boolean;
  /** The institution of a course that names none. */
  readonly institution?: unknown;
}

const KIND_OF = {
  institution: 'institutions',
  student: 'students',
  course: 'courses',
  file: 'files',
} as const;

/** One call of `seed()`: what it makes, and what belongs to what. */
export class Seeding {
  readonly made = new MadeThings();
  readonly #files: FreeFiles;
  readonly #courseOf = new Map<unknown, string>();
  #institution: string | undefined;

  constructor(
    private readonly kinds: ResourceKinds,
    { certificates }: SeedLists,
  ) {
    this.#files = new FreeFiles(kinds.store, this.made, certificates);
  }

  /**
   * Makes a thing, and first what it needs.
   * @returns its uuid
   */
  make(name: CollectionName, item: object, place: Place): string {
    const fields = givenFields(name, item, place.path);
    try {
      const record = this.#create(name, fields, place);
      this.made.add(name, item, record, place.isListed ?? false);
      return record.uuid;
    } catch (error) {
      if (error instanceof InvalidFieldsError) refuse(place.path, error.message);
      throw error;
    }
  }

  #create(name: CollectionName, given: Fields, place: Place): StoredRecord {
    const { kinds } = this;
    if (name === 'certificates') return this.#certificate(given, place);
    const fields = { ...SEED_DEFAULTS[name](kinds.store[name].added + 1), ...given };
    if (name === 'files') {
      const { file, bytes } = fileOf(fields, place.path);
      return kinds.files.create(file, bytes);
    }
    const { institution: _, ...own } = fields;
    const owner = name === 'courses' && {
      institution_uuid: this.#named('institution', fields, place, () => this.#ownerOf(place)),
    };
    const input = asJson({ ...own, ...owner }, place.path);
    return kinds[name].create(input, momentIn(fields, 'created_at', place.path));
  }

  #certificate(fields: Fields, place: Place): StoredRecord {
    const { kinds } = this;
    const institution = this.#named('institution', fields, place, () => undefined);
    const inside = { ...place, institution };
    const student_uuid = this.#named('student', fields, place, () => this.#studentFor(place));
    const course_uuid = this.#named('course', fields, inside, () => this.#courseFor(inside));
    const file_uuid = this.#named(
      'file',
      fields,
      place,
      () => this.#files.next() ?? this.#another('files', place),
    );
    const ofCourse = () => kinds.store.courses.get(course_uuid)?.['institution_uuid'];
    const institution_uuid =
      institution === undefined ? (ofCourse() ?? this.#ownerOf(place)) : institution;
    const references = { ...fields, institution_uuid, student_uuid, course_uuid, file_uuid };
    return certificateOfStatus(kinds.certificates, references, place.path);
  }

  /** The uuid of what a thing names in `field` or `<field>_uuid`; if it names nothing, another one. */
  #named(
    field: keyof typeof KIND_OF,
    fields: Fields,
    place: Place,
    otherwise: () => unknown,
  ): unknown {
    const target = fields[field];
    const uuid = fields[`${field}_uuid`];
    if (target === undefined) return uuid === undefined ? otherwise() : uuid;
    if (uuid !== undefined) refuse(place.path, `give ${field} or ${field}_uuid, not both.`);
    if (!isObject(target)) {
      refuse(place.path, `${field} must be an object: one that is there, or one to be made.`);
    }
    // Null is refused as a reference that is missing.
    if ('uuid' in target) return target.uuid ?? null;
    const path = `${place.path}.${field}`;
    return (
      this.made.of(target) ?? this.make(KIND_OF[field], target, { ...place, path, isListed: false })
    );
  }

  #studentFor(place: Place): string {
    return this.#inTurn(this.made.listed('students'), place) ?? this.#another('students', place);
  }

  #courseFor(place: Place): string {
    const { institution } = place;
    const courses = this.made.listed('courses').filter((uuid) => {
      const record = this.kinds.store.courses.get(uuid);
      return institution === undefined || record?.['institution_uuid'] === institution;
    });
    const course = this.#inTurn(courses, place);
    if (course !== undefined) return course;
    const owner = this.#ownerOf(place);
    const shared =
      this.#courseOf.get(owner) ?? this.#another('courses', { ...place, institution: owner });
    this.#courseOf.set(owner, shared);
    return shared;
  }

  #ownerOf(place: Place): unknown {
    if (place.institution !== undefined) return place.institution;
    const listed = this.#inTurn(this.made.listed('institutions'), place);
    if (listed !== undefined) return listed;
    this.#institution ??= this.#another('institutions', place);
    return this.#institution;
  }

  #inTurn(uuids: readonly string[], { nth }: Place): string | undefined {
    return uuids[nth % uuids.length];
  }

  #another(name: CollectionName, place: Place): string {
    return this.make(name, {}, { ...place, isListed: false });
  }
}
