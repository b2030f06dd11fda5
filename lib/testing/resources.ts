import type { Call, Methods } from './call.interface.js';
import { destroyOne } from './destroy.js';
import { listReply } from './query.js';
import { invalid, json, notFound, type Reply } from './replies.js';
import { parseFields } from './request-body.js';
import { timestamp } from './resource-store.js';
import type { CollectionName, Fields, ResourceStore, StoredRecord } from './resource-store.js';
import { fieldErrors, settable, type FieldRules } from './validation.js';

/** What answers on `/<collection>` and on `/<collection>/{uuid}`. */
export interface ResourceMethods {
  many: Methods;
  one: Methods;
}

/** The plain resources: list, create, read, change and delete, as the house convention has it. */
export function resource(
  store: ResourceStore,
  name: CollectionName,
  rules: FieldRules,
  render: (record: StoredRecord) => object = (record) => record,
): ResourceMethods {
  const collection = store[name];

  // PATCH keeps what is not given; PUT puts it back to its default.
  const change = (call: Call, keep: boolean): Reply => {
    const record = collection.get(call.uuid);
    if (!record) return notFound();
    const given = settable(rules, parseFields(call.body, call.headers['content-type']));
    const fields = keep ? { ...record, ...given } : { ...rules.defaults, ...given };
    return checked(fields, given, record, () => {
      Object.assign(record, fields, rules.showsUpdate && { updated_at: timestamp() });
      return json(200, { data: render(record) });
    });
  };

  const checked = (
    fields: Fields,
    given: Fields,
    current: StoredRecord | undefined,
    then: () => Reply,
  ): Reply => {
    const errors = fieldErrors(rules, store, name, fields, given, current);
    return Object.keys(errors).length > 0 ? invalid(errors) : then();
  };

  return {
    many: {
      GET: ({ query }) => listReply(collection.all(), query, render),
      POST: ({ body, headers }) => {
        const given = settable(rules, parseFields(body, headers['content-type']));
        const fields = { ...rules.defaults, ...given };
        return checked(fields, given, undefined, () => {
          const now = timestamp();
          const stamps = { created_at: now, ...(rules.showsUpdate && { updated_at: now }) };
          const record = collection.add({ ...fields, ...stamps });
          return json(201, { data: render(record) });
        });
      },
    },
    one: {
      GET: ({ uuid }) => {
        const record = collection.get(uuid);
        return record ? json(200, { data: render(record) }) : notFound();
      },
      PATCH: (call) => change(call, true),
      PUT: (call) => change(call, false),
      DELETE: destroyOne(collection),
    },
  };
}
