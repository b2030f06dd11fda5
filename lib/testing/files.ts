import type { Call, Handler, Methods } from './call.interface.js';
import { destroyOne } from './destroy.js';
import { listReply } from './query.js';
import { invalid, json, notFound, type Reply } from './replies.js';
import { MalformedBodyError } from './request-body.js';
import type { FileKind } from './resources/file-kind.js';
import type { Collection, StoredRecord } from './resources/resource-store.js';

/** What answers on the paths of files. */
export interface FileMethods {
  many: Methods;
  one: Methods;
  download: Handler;
}

export function files(kind: FileKind, collection: Collection): FileMethods {
  const render = (record: StoredRecord) => kind.render(record);

  const upload = async (call: Call): Promise<Reply> => {
    const parts = (await parseMultipart(call))?.getAll('files[]') ?? [];
    if (parts.length === 0) return invalid({ files: ['The files field is required.'] });
    const uploads: { file: File; bytes: Buffer }[] = [];
    for (const [index, file] of parts.entries()) {
      if (typeof file === 'string') {
        return invalid({ [`files.${index}`]: [`The files.${index} field must be a file.`] });
      }
      uploads.push({ file, bytes: Buffer.from(await file.arrayBuffer()) });
    }
    const records = uploads.map(({ file, bytes }) => kind.create(file, bytes));
    return json(201, { data: records.map((record) => uploaded(kind, record)) });
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
      if (!record) return notFound();
      const { original_name, mime_type } = render(record);
      const headers = { 'Content-Disposition': attachment(original_name) };
      return { status: 200, contentType: mime_type, body: kind.bytesOf(record), headers };
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
function uploaded(kind: FileKind, record: StoredRecord): object {
  const { uuid, original_name, mime_type, size, used_at } = kind.render(record);
  return { uuid, original_name, mime_type, size, used_at };
}

function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}
