import type { ResourceKinds } from '../resources/resource-kinds.js';
import type { CollectionName, StoredRecord } from '../resources/resource-store.js';
import type { SandboxSeeded } from './seed.interface.js';

/** What one call of `seed()` has made so far, by uuid. */
export class MadeThings {
  readonly #listed = uuidsByKind();
  readonly #others = uuidsByKind();
  readonly #byItem = new Map<object, string>();

  /** @param isListed whether it was asked for, or is there because others need it */
  add(name: CollectionName, item: object, { uuid }: StoredRecord, isListed: boolean): void {
    (isListed ? this.#listed : this.#others)[name].push(uuid);
    // Of one object that stands several times in a list, the first thing is meant where it is referred to.
    if (!this.#byItem.has(item)) this.#byItem.set(item, uuid);
  }

  /** What was made of this object. */
  of(item: object): string | undefined {
    return this.#byItem.get(item);
  }

  /** Those that were asked for. */
  listed(name: CollectionName): readonly string[] {
    return this.#listed[name];
  }

  /** Everything, as the API shows it now; the caller's own copy. */
  shown(kinds: ResourceKinds): SandboxSeeded {
    const show = <T extends object>(
      name: CollectionName,
      kind: { render(record: StoredRecord): T },
    ): T[] =>
      [...this.#listed[name], ...this.#others[name]]
        .map((uuid) => kinds.store[name].get(uuid))
        .filter((record) => record !== undefined)
        .map((record) => structuredClone(kind.render(record)));
    return {
      institutions: show('institutions', kinds.institutions),
      students: show('students', kinds.students),
      courses: show('courses', kinds.courses),
      files: show('files', kinds.files),
      certificates: show('certificates', kinds.certificates),
    };
  }
}

function uuidsByKind(): Record<CollectionName, string[]> {
  return { institutions: [], students: [], courses: [], files: [], certificates: [] };
}
