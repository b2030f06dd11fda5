import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { ResourceStore, StoredRecord } from './resource-store.js';
import type { SandboxFile } from './resource.interface.js';

interface Content {
  readonly hash: string;
  readonly bytes: Buffer;
}

const CONTENT = Symbol('content');

/** How a file is stored and shown; `origin` is where the sandbox listens: the `file` link leads back to it. */
export class FileKind {
  constructor(
    private readonly store: ResourceStore,
    private readonly origin: () => string,
  ) {}

  /**
   * The same bytes give the older record. `bytes` are those of `file`, which itself can only be read later.
   */
  create(file: File, bytes: Buffer): StoredRecord {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const { files } = this.store;
    const twin = files.all().find((record) => contentOf(record).hash === hash);
    if (twin) return twin;
    return files.add({
      original_name: file.name,
      mime_type: file.type || 'application/octet-stream',
      extension: extname(file.name).slice(1).toLowerCase(),
      size: bytes.length,
      used_at: null,
      [CONTENT]: { hash, bytes },
    });
  }

  bytesOf(record: StoredRecord): Buffer {
    return contentOf(record).bytes;
  }

  render(record: StoredRecord): SandboxFile {
    const { uuid, original_name, mime_type, extension, size, used_at } =
      record as unknown as SandboxFile;
    const file = `${this.origin()}/files/${uuid}/download`;
    return { uuid, original_name, mime_type, extension, size, used_at, file };
  }
}

function contentOf(record: StoredRecord): Content {
  return record[CONTENT] as Content;
}
