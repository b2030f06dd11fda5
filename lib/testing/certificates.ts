import type { Call, Handler, Methods } from './call.interface.js';
import { destroyOne } from './destroy.js';
import { listReply } from './query.js';
import { invalid, json, notFound, type Reply } from './replies.js';
import { parseFields } from './request-body.js';
import { CERTIFICATE_RULES } from './resource-rules.js';
import { timestamp, type ResourceStore, type StoredRecord } from './resource-store.js';
import { fieldErrors, selectedIsInvalid, settable } from './validation.js';

/** What answers on the paths of certificates. */
export interface CertificateMethods {
  many: Methods;
  one: Methods;
  revoke: Handler;
}

export function certificates(store: ResourceStore): CertificateMethods {
  const render = (record: StoredRecord) => renderCertificate(store, record);
  return {
    many: {
      GET: ({ query }) => listReply(store.certificates.all(), query, render),
      POST: (call) => create(store, call),
    },
    one: {
      GET: ({ uuid }) => {
        const record = store.certificates.get(uuid);
        return record ? json(200, { data: render(record) }) : notFound();
      },
      DELETE: destroyOne(store.certificates),
    },
    revoke: (call) => revoke(store, call),
  };
}

function create(store: ResourceStore, { body, headers }: Call): Reply {
  const input = parseFields(body, headers['content-type']);
  const given = settable(CERTIFICATE_RULES, input);
  const fields = { ...CERTIFICATE_RULES.defaults, ...given };
  const errors = fieldErrors(CERTIFICATE_RULES, store, 'certificates', fields, given);
  const file = store.files.get(given['file_uuid']);
  if (file && file['used_at'] !== null) errors['file_uuid'] = [selectedIsInvalid('file_uuid')];
  const finish = input['finish'] ?? false;
  if (typeof finish !== 'boolean') errors['finish'] = ['The finish field must be true or false.'];
  if (Object.keys(errors).length > 0) return invalid(errors);

  const now = timestamp();
  if (file) file['used_at'] = now;
  const record = store.certificates.add({
    ...fields,
    status: finish ? 'issued' : 'draft',
    issued_at: finish ? now : null,
    revoked_at: null,
    revocation_reason: null,
    // Issuing freezes who the student is.
    student: finish ? store.students.mention(fields['student_uuid']) : undefined,
    created_at: now,
  });
  return json(201, { data: renderCertificate(store, record) });
}

// Twice is once: the first revocation stands. That a draft is refused with 422 is assumed.
function revoke(store: ResourceStore, { uuid, body, headers }: Call): Reply {
  const record = store.certificates.get(uuid);
  if (!record) return notFound();
  const reason = parseFields(body, headers['content-type'])['revocation_reason'] ?? null;
  if (reason !== null && typeof reason !== 'string') {
    return invalid({ revocation_reason: ['The revocation reason field must be a string.'] });
  }
  if (record['status'] === 'draft') return invalid({ status: [selectedIsInvalid('status')] });
  if (record['status'] === 'issued') {
    const change = { status: 'revoked', revoked_at: timestamp(), revocation_reason: reason };
    Object.assign(record, change);
  }
  return json(200, {
    data: {
      uuid,
      status: record['status'],
      revoked_at: record['revoked_at'],
      revocation_reason: record['revocation_reason'],
      public_verification_url: verificationUrl(record),
    },
  });
}

function renderCertificate(store: ResourceStore, record: StoredRecord): object {
  return {
    uuid: record.uuid,
    status: record['status'],
    issued_at: record['issued_at'],
    revoked_at: record['revoked_at'],
    revocation_reason: record['revocation_reason'],
    public_verification_url: verificationUrl(record),
    blockchain_tx_hash: null,
    blockchain_tx_url: null,
    institution: store.institutions.mention(record['institution_uuid']),
    course: store.courses.mention(record['course_uuid']),
    student: record['student'] ?? store.students.mention(record['student_uuid']),
    cohort: null,
    enrollment: null,
    template: null,
    files: [{ type: 'certificate', uuid: record['file_uuid'] }],
  };
}

function verificationUrl(record: StoredRecord): string | null {
  if (record['status'] === 'draft') return null;
  return `https://verificar.dokstamp.eu/${record.uuid.slice(0, 8)}`;
}
