import type { Call, Handler, Methods } from './call.interface.js';
import { destroyOne } from './destroy.js';
import { listReply } from './query.js';
import { json, notFound } from './replies.js';
import { parseFields } from './request-body.js';
import type { CertificateKind } from './resources/certificate-kind.js';
import type { Collection, Fields, StoredRecord } from './resources/resource-store.js';

/** What answers on the paths of certificates. */
export interface CertificateMethods {
  many: Methods;
  one: Methods;
  revoke: Handler;
}

export function certificates(kind: CertificateKind, collection: Collection): CertificateMethods {
  const render = (record: StoredRecord) => kind.render(record);
  return {
    many: {
      GET: ({ query }) => listReply(collection.all(), query, render),
      POST: (call) => json(201, { data: render(kind.create(fieldsOf(call))) }),
    },
    one: {
      GET: ({ uuid }) => {
        const record = collection.get(uuid);
        return record ? json(200, { data: render(record) }) : notFound();
      },
      DELETE: destroyOne(collection),
    },
    revoke: (call) => {
      const record = collection.get(call.uuid);
      if (!record) return notFound();
      const { uuid, status, revoked_at, revocation_reason, public_verification_url } = render(
        kind.revoke(record, fieldsOf(call)),
      );
      const data = { uuid, status, revoked_at, revocation_reason, public_verification_url };
      return json(200, { data });
    },
  };
}

function fieldsOf({ body, headers }: Call): Fields {
  return parseFields(body, headers['content-type']);
}
