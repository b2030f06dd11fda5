import { CertificateKind } from './certificate-kind.js';
import { FileKind } from './file-kind.js';
import { PlainKind } from './plain-kind.js';
import { COURSE_RULES, INSTITUTION_RULES, STUDENT_RULES } from './resource-rules.js';
import { ResourceStore } from './resource-store.js';
import type { SandboxCourse, SandboxInstitution, SandboxStudent } from './resource.interface.js';

/** A store that starts empty, and every kind of object in it. */
export class ResourceKinds {
  readonly store = new ResourceStore();
  readonly institutions: PlainKind<SandboxInstitution>;
  readonly students: PlainKind<SandboxStudent>;
  readonly courses: PlainKind<SandboxCourse>;
  readonly files: FileKind;
  readonly certificates: CertificateKind;

  /** @param origin where the sandbox listens */
  constructor(origin: () => string) {
    const { store } = this;
    // The fields are those that the rules and the stamps of a kind give it.
    this.institutions = new PlainKind(store, 'institutions', INSTITUTION_RULES, (record) => {
      return { ...record } as unknown as SandboxInstitution;
    });
    this.students = new PlainKind(store, 'students', STUDENT_RULES, (record) => {
      return { ...record } as unknown as SandboxStudent;
    });
    this.courses = new PlainKind(store, 'courses', COURSE_RULES, (record) => {
      const { institution_uuid, ...course } = record;
      const institution = store.institutions.mention(institution_uuid);
      return { ...course, institution, organization: null } as unknown as SandboxCourse;
    });
    this.files = new FileKind(store, origin);
    this.certificates = new CertificateKind(store);
  }
}
