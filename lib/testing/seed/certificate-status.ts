import type { CertificateKind } from '../resources/certificate-kind.js';
import type { Fields, StoredRecord } from '../resources/resource-store.js';
import { momentIn, refuse } from './seed-input.js';

const STATUSES = ['draft', 'issued', 'revoked', 'expired'] as const;

/** Makes a certificate, and leads it to the status that was asked for. */
export function certificateOfStatus(
  kind: CertificateKind,
  fields: Fields,
  path: string,
): StoredRecord {
  const status = statusOf(fields, path);
  const given = (field: string) => (fields[field] ?? null) !== null;
  if (status === 'draft' && given('issued_at')) refuse(path, 'a draft has no issued_at.');
  const foreign = ['revoked_at', 'revocation_reason'].find(given);
  if (status !== 'revoked' && foreign) {
    refuse(path, `only a certificate with the status revoked has a ${foreign}.`);
  }
  const record = kind.create(
    { finish: status !== 'draft', ...fields },
    momentIn(fields, 'issued_at', path),
  );
  if (status === 'revoked')
    return kind.revoke(record, fields, momentIn(fields, 'revoked_at', path));
  return status === 'expired' ? kind.expire(record) : record;
}

function statusOf({ status, finish }: Fields, path: string): (typeof STATUSES)[number] {
  if (status === undefined) return finish === true ? 'issued' : 'draft';
  if (finish !== undefined) refuse(path, 'give status or finish, not both.');
  const known = STATUSES.find((one) => one === status);
  return known ?? refuse(path, `status must be one of ${STATUSES.join(', ')}.`);
}
