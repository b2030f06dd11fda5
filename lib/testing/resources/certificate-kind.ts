import { CERTIFICATE_RULES } from './resource-rules.js';
import { timestamp, type Fields, type ResourceStore, type StoredRecord } from './resource-store.js';
import type { SandboxCertificate, SandboxMention } from './resource.interface.js';
import { fieldErrors, refuseInvalid, selectedIsInvalid, settable } from './validation.js';

/** How a certificate is made, comes to its end, and is shown. */
export class CertificateKind {
  constructor(private readonly store: ResourceStore) {}

  /**
   * A draft or, with `finish`, an issued one; it uses up its file.
   * @throws {InvalidFieldsError}
   */
  create(input: Fields, at = new Date()): StoredRecord {
    const { store } = this;
    const given = settable(CERTIFICATE_RULES, input);
    const fields = { ...CERTIFICATE_RULES.defaults, ...given };
    const errors = fieldErrors(CERTIFICATE_RULES, store, 'certificates', fields, given);
    const file = store.files.get(given['file_uuid']);
    if (file && file['used_at'] !== null) errors['file_uuid'] = [selectedIsInvalid('file_uuid')];
    const finish = input['finish'] ?? false;
    if (typeof finish !== 'boolean') errors['finish'] = ['The finish field must be true or false.'];
    refuseInvalid(errors);

    const now = timestamp(at);
    if (file) store.files.update(file, { used_at: now });
    return store.certificates.add({
      ...fields,
      status: finish ? 'issued' : 'draft',
      issued_at: finish ? now : null,
      revoked_at: null,
      revocation_reason: null,
      // Issuing freezes who the student is.
      student: finish ? store.students.mention(fields['student_uuid']) : undefined,
      created_at: now,
    });
  }

  /**
   * Twice is once: the first revocation stands. That a draft is refused is assumed.
   * @throws {InvalidFieldsError}
   */
  revoke(record: StoredRecord, input: Fields, at = new Date()): StoredRecord {
    const reason = input['revocation_reason'] ?? null;
    if (reason !== null && typeof reason !== 'string') {
      refuseInvalid({ revocation_reason: ['The revocation reason field must be a string.'] });
    }
    if (record['status'] === 'draft') refuseInvalid({ status: [selectedIsInvalid('status')] });
    if (record['status'] !== 'issued') return record;
    return this.store.certificates.update(record, {
      status: 'revoked',
      revoked_at: timestamp(at),
      revocation_reason: reason,
    });
  }

  /** What DokStamp does by itself, by a rule that it does not tell. */
  expire(record: StoredRecord): StoredRecord {
    return this.store.certificates.update(record, { status: 'expired' });
  }

  render(record: StoredRecord): SandboxCertificate {
    const { institutions, courses, students } = this.store;
    const { uuid, status, issued_at, revoked_at, revocation_reason } =
      record as unknown as SandboxCertificate;
    return {
      uuid,
      status,
      issued_at,
      revoked_at,
      revocation_reason,
      public_verification_url:
        status === 'draft' ? null : `https://verificar.dokstamp.eu/${uuid.slice(0, 8)}`,
      blockchain_tx_hash: null,
      blockchain_tx_url: null,
      institution: institutions.mention(record['institution_uuid']),
      course: courses.mention(record['course_uuid']),
      student:
        (record['student'] as SandboxMention | undefined) ??
        students.mention(record['student_uuid']),
      cohort: null,
      enrollment: null,
      template: null,
      files: [{ type: 'certificate', uuid: String(record['file_uuid']) }],
    };
  }
}
