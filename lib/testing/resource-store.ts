import { randomUUID } from 'node:crypto';

export type Fields = Record<string, unknown>;

/** A stored object. References to other objects are kept flat, as `<name>_uuid`. */
export type StoredRecord = Fields & { uuid: string };

/** The objects of one kind, in order of creation. */
export class Collection {
  readonly #records = new Map<string, StoredRecord>();

  add(fields: Fields): StoredRecord {
    const record = { ...fields, uuid: randomUUID() };
    this.#records.set(record.uuid, record);
    return record;
  }

  get(uuid: unknown): StoredRecord | undefined {
    return typeof uuid === 'string' ? this.#records.get(uuid) : undefined;
  }

  remove(uuid: string): void {
    this.#records.delete(uuid);
  }

  all(): StoredRecord[] {
    return [...this.#records.values()];
  }

  /** The object's `uuid` and `name`, the form in which others show it; null if it is gone. */
  mention(uuid: unknown): { uuid: string; name: unknown } | null {
    const record = this.get(uuid);
    return record ? { uuid: record.uuid, name: record['name'] } : null;
  }
}

/** Everything a sandbox stores. */
export class ResourceStore {
  readonly institutions = new Collection();
  readonly students = new Collection();
  readonly courses = new Collection();
  readonly files = new Collection();
  readonly certificates = new Collection();
}

export type CollectionName = keyof ResourceStore;

/** A moment in DokStamp's spelling, with microseconds. */
export function timestamp(date = new Date()): string {
  return date.toISOString().replace('Z', '000Z');
}
