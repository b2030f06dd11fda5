import { PassThrough } from 'node:stream';

/** Uploads a stream of so many bytes, and whether the caller was told of a failure. */
export async function upload({ upload, uploadAnew }, { bytes, anew }) {
  const makeStream = () => new PassThrough({ highWaterMark: bytes }).end(Buffer.alloc(bytes));
  try {
    await (anew ? uploadAnew : upload)('/files', makeStream);
    return 'told of success';
  } catch {
    return 'told of failure';
  }
}
