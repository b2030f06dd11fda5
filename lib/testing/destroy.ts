import type { Handler } from './call.interface.js';
import { invalid, noContent, notFound } from './replies.js';
import { parseFields } from './request-body.js';
import type { Collection } from './resources/resource-store.js';
import { selectedIsInvalid, type FieldErrors } from './resources/validation.js';

/** `DELETE /{uuid}` */
export function destroyOne(collection: Collection): Handler {
  return ({ uuid }) => {
    if (!collection.get(uuid)) return notFound();
    collection.remove(uuid);
    return noContent();
  };
}

/** `DELETE /batch/destroy` with `{ uuids }`: all of them, or none if one is unknown. */
export function destroyBatch(collection: Collection): Handler {
  return ({ body, headers }) => {
    const { uuids } = parseFields(body, headers['content-type']);
    if (!Array.isArray(uuids) || uuids.length === 0) {
      return invalid({ uuids: ['The uuids field is required.'] });
    }
    const errors: FieldErrors = {};
    for (const [index, uuid] of uuids.entries()) {
      const field = `uuids.${index}`;
      if (!collection.get(uuid)) errors[field] = [selectedIsInvalid(field)];
    }
    if (Object.keys(errors).length > 0) return invalid(errors);
    for (const uuid of uuids) collection.remove(String(uuid));
    return noContent();
  };
}
