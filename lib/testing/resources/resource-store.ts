import { randomUUID } from 'node:crypto';
import type { SandboxMention } from './resource.interface.js';

// A symbol for what is kept with an object and never shown, sorted or filtered by.
export type Fields = Readonly<Record<string | symbol, unknown>>;

/** A stored object. References to other objects are kept flat, as `<name>_uuid`. A change makes a new one. */
export type StoredRecord = Fields & { readonly uuid: string };

/** The objects of one kind, in order of creation. */
export class Collection {
  #records = new Map<string, StoredRecord>();
  #added = 0;

  /** How many were added so far, whatever became of them. */
  get added(): number {
    return this.#added;
  }

  add(fields: Fields): StoredRecord {
    const record = { ...fields, uuid: randomUUID() };
    this.#records.set(record.uuid, record);
    this.#added += 1;
    return record;
  }

  get(uuid: unknown): StoredRecord | undefined {
    return typeof uuid === 'string' ? this.#records.get(uuid) : undefined;
  }

  update(record: StoredRecord, change: Fields): StoredRecord {
    const changed = { ...record, ...change, uuid: record.uuid };
    this.#records.set(record.uuid, changed);
    return changed;
  }

  remove(uuid: string): void {
    this.#records.delete(uuid);
  }

  all(): StoredRecord[] {
    return [...this.#records.values()];
  }

  /** The object's `uuid` and `name`, the form in which others show it; null if it is gone. */
  mention(uuid: unknown): SandboxMention | null {
    const record = this.get(uuid);
    return record ? { uuid: record.uuid, name: record['name'] as string } : null;
  }

  /** @returns puts back what is there now */
  remember(): () => void {
    const records = new Map(this.#records);
    const added = this.#added;
    return () => {
      this.#records = records;
      this.#added = added;
    };
  }
}

/** Everything a sandbox stores. */
export class ResourceStore {
  readonly institutions = new Collection();
  readonly students = new Collection();
  readonly courses = new Collection();
  readonly files = new Collection();
  readonly certificates = new Collection();

  /** Lets `work` do all that it does, or nothing if it throws. */
  atomically<T>(work: () => T): T {
    const { institutions, students, courses, files, certificates } = this;
    const all = [institutions, students, courses, files, certificates];
    const undo = all.map((collection) => collection.remember());
    try {
      return work();
    } catch (error) {
      for (const putBack of undo) putBack();
      throw error;
    }
  }
}

export type CollectionName = Exclude<keyof ResourceStore, 'atomically'>;

/** A moment in DokStamp's spelling, with microseconds. */
export function timestamp(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}
