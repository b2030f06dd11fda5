import { timestamp, type CollectionName } from './resource-store.js';
import type { Fields, ResourceStore, StoredRecord } from './resource-store.js';
import { fieldErrors, refuseInvalid, settable, type FieldRules } from './validation.js';

/** A kind of object that is what its fields say: how one is made, changed and shown. */
export class PlainKind<T extends object> {
  constructor(
    private readonly store: ResourceStore,
    readonly name: CollectionName,
    private readonly rules: FieldRules,
    readonly render: (record: StoredRecord) => T,
  ) {}

  /** @throws {InvalidFieldsError} */
  create(input: Fields, at = new Date()): StoredRecord {
    const given = settable(this.rules, input);
    const fields = { ...this.rules.defaults, ...given };
    this.#check(fields, given);
    const now = timestamp(at);
    const stamps = { created_at: now, ...(this.rules.showsUpdate && { updated_at: now }) };
    return this.store[this.name].add({ ...fields, ...stamps });
  }

  /**
   * @param keep whether what is not given stays as it is (PATCH) or goes back to its default (PUT)
   * @throws {InvalidFieldsError}
   */
  change(record: StoredRecord, input: Fields, keep: boolean): StoredRecord {
    const given = settable(this.rules, input);
    const fields = { ...(keep ? record : this.rules.defaults), ...given };
    this.#check(fields, given, record);
    const stamp = this.rules.showsUpdate && { updated_at: timestamp(new Date()) };
    return this.store[this.name].update(record, { ...fields, ...stamp });
  }

  #check(fields: Fields, given: Fields, current?: StoredRecord): void {
    refuseInvalid(fieldErrors(this.rules, this.store, this.name, fields, given, current));
  }
}
