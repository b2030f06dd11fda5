import type { ResourceStore } from '../resources/resource-store.js';
import type { MadeThings } from './made-things.js';
import { isObject } from './seed-input.js';

/** The files of a seed that its certificates may still use up: a file serves one certificate only. */
export class FreeFiles {
  #named: ReadonlySet<unknown> | undefined;

  /** @param certificates as they were asked for */
  constructor(
    private readonly store: ResourceStore,
    private readonly made: MadeThings,
    private readonly certificates: readonly object[],
  ) {}

  /** The first one that is not used, and that no certificate names. */
  next(): string | undefined {
    // By then all files of the list are made.
    this.#named ??= new Set(this.certificates.map((one) => this.#fileNamedBy(one)));
    const isFree = (uuid: string) => this.store.files.get(uuid)?.['used_at'] === null;
    return this.made
      .listed('files')
      .find((uuid) => isFree(uuid) && this.#named?.has(uuid) === false);
  }

  #fileNamedBy(certificate: { file?: unknown }): string | undefined {
    return isObject(certificate.file) ? this.made.of(certificate.file) : undefined;
  }
}
