import type { Methods } from './call.interface.js';
import { destroyOne } from './destroy.js';
import { listReply } from './query.js';
import { json, notFound } from './replies.js';
import { parseFields } from './request-body.js';
import type { PlainKind } from './resources/plain-kind.js';
import type { Collection } from './resources/resource-store.js';

/** What answers on `/<collection>` and on `/<collection>/{uuid}`. */
export interface ResourceMethods {
  many: Methods;
  one: Methods;
}

/** The plain resources: list, create, read, change and delete, as the house convention has it. */
export function resource<T extends object>(
  kind: PlainKind<T>,
  collection: Collection,
): ResourceMethods {
  const change =
    (keep: boolean): Methods[string] =>
    ({ uuid, body, headers }) => {
      const record = collection.get(uuid);
      if (!record) return notFound();
      const changed = kind.change(record, parseFields(body, headers['content-type']), keep);
      return json(200, { data: kind.render(changed) });
    };

  return {
    many: {
      GET: ({ query }) => listReply(collection.all(), query, kind.render),
      POST: ({ body, headers }) => {
        const record = kind.create(parseFields(body, headers['content-type']));
        return json(201, { data: kind.render(record) });
      },
    },
    one: {
      GET: ({ uuid }) => {
        const record = collection.get(uuid);
        return record ? json(200, { data: kind.render(record) }) : notFound();
      },
      PATCH: change(true),
      PUT: change(false),
      DELETE: destroyOne(collection),
    },
  };
}
