import type {
  SandboxCertificate,
  SandboxCourse,
  SandboxFile,
  SandboxInstitution,
  SandboxStudent,
} from '../resources/resource.interface.js';

type List = readonly unknown[];
type Each<T extends List, Item> = { [K in keyof T]: Item };

/** A moment: a `Date`, or what `new Date()` reads. */
export type SeedMoment = Date | string;

/** Something that is there: what `seed()` gave, or any object with its uuid. */
export interface SeedReference {
  readonly uuid: string;
}

/** What may be given of a thing: all but what the API sets itself. */
type Given<T> = {
  [Name in Exclude<keyof T, 'uuid' | 'created_at' | 'updated_at'>]?: T[Name] | undefined;
};

/** An institution to be made. What is left out is as the API has it. */
export interface InstitutionSeed extends Given<SandboxInstitution> {
  /** @default 'Institution 1', and so on */
  name?: string | undefined;

  /** @default 'BR' */
  country?: string | undefined;

  /** @default now */
  created_at?: SeedMoment | undefined;
}

/** A student to be made. What is left out is as the API has it. */
export interface StudentSeed extends Given<SandboxStudent> {
  /** @default 'Student 1', and so on */
  name?: string | undefined;

  /**
   * Unique in the sandbox.
   * @default 'student-1@sandbox.test', and so on
   */
  email?: string | undefined;

  /**
   * `YYYY-MM-DD`
   * @default '2000-01-01'
   */
  date_of_birth?: string | undefined;

  /** @default now */
  created_at?: SeedMoment | undefined;
}

/** A course to be made. What is left out is as the API has it. */
export interface CourseSeed extends Given<Omit<SandboxCourse, 'institution' | 'organization'>> {
  /** @default 'Course 1', and so on */
  name?: string | undefined;

  /**
   * One that is there, or one to be made; or give `institution_uuid`.
   * @default the institutions of the same call in turn; without any, one that all of the call share
   */
  institution?: InstitutionSeed | SeedReference | undefined;
  institution_uuid?: string | undefined;

  /** @default now */
  created_at?: SeedMoment | undefined;
}

/** A file to be made. The same content is the same file. */
export interface FileSeed {
  /** @default 'diploma-1.pdf', and so on */
  original_name?: string | undefined;

  /** @default 'application/pdf' */
  mime_type?: string | undefined;

  /** @default a PDF of one page, each with another text */
  content?: string | Uint8Array | undefined;
}

/** A certificate to be made. What it refers to can be given as the API has it too: `student_uuid` and so on. */
export interface CertificateSeed {
  /** @default 'draft', as in the API */
  status?: SandboxCertificate['status'] | undefined;

  /** As in the API: true is the same as the status `issued`. */
  finish?: boolean | undefined;

  /**
   * For all but drafts. Certificates of one moment are listed in the order of the call.
   * @default now
   */
  issued_at?: SeedMoment | null | undefined;

  /**
   * For revoked ones.
   * @default now
   */
  revoked_at?: SeedMoment | null | undefined;

  /** For revoked ones. */
  revocation_reason?: string | null | undefined;

  /**
   * One that is there, or one to be made.
   * @default the students of the same call in turn; without any, one of its own
   */
  student?: StudentSeed | SeedReference | undefined;
  student_uuid?: string | undefined;

  /**
   * One that is there, or one to be made.
   * @default the courses of the same call in turn, those of `institution` if that is given; without any, one that
   * all of the call share
   */
  course?: CourseSeed | SeedReference | undefined;
  course_uuid?: string | undefined;

  /**
   * One that is there, or one to be made.
   * @default the institution of the course
   */
  institution?: InstitutionSeed | SeedReference | undefined;
  institution_uuid?: string | undefined;

  /**
   * One that is there and free, or one to be made.
   * @default the next free file of the same call; without any, one of its own
   */
  file?: FileSeed | SeedReference | undefined;
  file_uuid?: string | undefined;
}

/** What {@link DokStampSandbox.seed} makes. The type parameters hold how many of each. */
export interface SandboxSeed<
  Institutions extends List = List,
  Students extends List = List,
  Courses extends List = List,
  Files extends List = List,
  Certificates extends List = List,
> {
  institutions?: readonly [...Each<Institutions, InstitutionSeed>] | undefined;
  students?: readonly [...Each<Students, StudentSeed>] | undefined;
  courses?: readonly [...Each<Courses, CourseSeed>] | undefined;
  files?: readonly [...Each<Files, FileSeed>] | undefined;
  certificates?: readonly [...Each<Certificates, CertificateSeed>] | undefined;
}

/**
 * What {@link DokStampSandbox.seed} made, as `GET /<kind>/{uuid}` shows it. In each list those that were asked for
 * come first, in their order, then those that were made because others need them.
 */
export interface SandboxSeeded<
  Institutions extends List = List,
  Students extends List = List,
  Courses extends List = List,
  Files extends List = List,
  Certificates extends List = List,
> {
  institutions: [...Each<Institutions, SandboxInstitution>, ...SandboxInstitution[]];
  students: [...Each<Students, SandboxStudent>, ...SandboxStudent[]];
  courses: [...Each<Courses, SandboxCourse>, ...SandboxCourse[]];
  files: [...Each<Files, SandboxFile>, ...SandboxFile[]];
  certificates: [...Each<Certificates, SandboxCertificate>, ...SandboxCertificate[]];
}
