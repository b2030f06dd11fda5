import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { Call, Handler, Methods } from './call.interface.js';
import { destroyOne } from './destroy.js';
import { listReply } from './query.js';
import { invalid, json, notFound, type Reply } from './replies.js';
import { MalformedBodyError } from './request-body.js';
import type { Collection, StoredRecord } from './resource-store.js';

interface Content {
  hash: string;
  bytes: Buffer;
}

/** What answers on the paths of files. */
export interface FileMethods {
  many: Methods;
  one: Methods;
  download: Handler;
}

/** `origin` is where the sandbox listens: the `file` link of an object leads back to it. */
export function files(collection: Collection, origin: () => string): FileMethods {
  const contents = new Map<string, Content>();
  const render = (record: StoredRecord) => ({
    ...record,
    file: `${origin()}/files/${record.uuid}/download`,
  });

  const stored = async (file: File): Promise<StoredRecord> => {
    const bytes = Buffer.from(await file.arrayBuffer());
    const hash = createHash('sha256').update(bytes).digest('hex');
    const twin = collection.all().find(({ uuid }) => contents.get(uuid)?.hash === hash);
    if (twin) return twin;
    const record = collection.add({
      original_name: file.name,
      mime_type: file.type || 'application/octet-stream',
      extension: extname(file.name).slice(1).toLowerCase(),
      size: bytes.length,
      used_at: null,
    });
    contents.set(record.uuid, { hash, bytes });
    return record;
  };

  const upload = async (call: Call): Promise<Reply> => {
    const parts = (await parseMultipart(call))?.getAll('files[]') ?? [];
    if (parts.length === 0) return invalid({ files: ['The files field is required.'] });
    const records: StoredRecord[] = [];
    for (const [index, part] of parts.entries()) {
      if (typeof part === 'string') {
        return invalid({ [`files.${index}`]: [`The files.${index} field must be a file.`] });
      }
      records.push(await stored(part));
    }
    return json(201, { data: records.map(renderUpload) });
  };

  return {
    many: { GET: ({ query }) => listReply(collection.all(), query, render), POST: upload },
    one: {
      GET: ({ uuid }) => {
        const record = collection.get(uuid);
        return record ? json(200, { data: render(record) }) : notFound();
      },
      DELETE: destroyOne(collection),
    },
    download: ({ uuid }) => {
      const record = collection.get(uuid);
      const bytes = contents.get(uuid)?.bytes;
      if (!record || !bytes) return notFound();
      const headers = { 'Content-Disposition': attachment(String(record['original_name'])) };
      return { status: 200, contentType: String(record['mime_type']), body: bytes, headers };
    },
  };
}

async function parseMultipart({ body, headers }: Call): Promise<FormData | undefined> {
  const type = headers['content-type'] ?? '';
  if (!/^multipart\/form-data/i.test(type)) return undefined;
  try {
    return await new Response(body, { headers: { 'Content-Type': type } }).formData();
  } catch (cause) {
    throw new MalformedBodyError('The request body is not valid multipart/form-data.', { cause });
  }
}

// The upload answer shows less than the other file answers do.
function renderUpload({ uuid, ...record }: StoredRecord): object {
  const { original_name, mime_type, size, used_at } = record;
  return { uuid, original_name, mime_type, size, used_at };
}

function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}
