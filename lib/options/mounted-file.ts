import { readFile } from 'node:fs/promises';

const readsUnderWay = new Map<string, Promise<string>>();

/**
 * The text of a mounted file. A read under way is shared by all accounts: if the file system hangs, each read
 * blocks one of the few threads that all file access and DNS lookups of the process share.
 */
export function readMountedFile(path: string): Promise<string> {
  const underWay = readsUnderWay.get(path);
  if (underWay) return underWay;
  const reading = readFile(path, 'utf8').finally(() => readsUnderWay.delete(path));
  readsUnderWay.set(path, reading);
  return reading;
}
