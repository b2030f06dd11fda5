import type { Fields } from '../resources/resource-store.js';
import { refuse } from './seed-input.js';

/** A file as it comes with an upload, and its bytes. */
export function fileOf(fields: Fields, path: string): { file: File; bytes: Buffer } {
  const { original_name, mime_type, content } = fields;
  if (typeof original_name !== 'string' || original_name.trim() === '') {
    refuse(path, 'original_name must be a string that is not blank.');
  }
  // Of other characters no Content-Type could be made for the download.
  if (typeof mime_type !== 'string' || !/^[!-~][ -~]*$/.test(mime_type)) {
    refuse(path, 'mime_type must be a string such as application/pdf.');
  }
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) {
    refuse(path, 'content must be a string or a Uint8Array.');
  }
  return { file: new File([], original_name, { type: mime_type }), bytes: Buffer.from(content) };
}
