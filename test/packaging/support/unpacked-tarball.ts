import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Tarball, pack, unpack } from './tarball.js';

/** The tarball of the present test file, and the folder of its content. */
export let tarball: Tarball;
export let unpacked: string;

/** Packs and unpacks the tarball. For `beforeAll`. */
export async function setUpTarball(): Promise<void> {
  tarball = await pack();
  unpacked = await unpack(tarball);
}

/** Removes both. For `afterAll`. */
export async function tearDownTarball(): Promise<void> {
  await rm(unpacked, { recursive: true });
  await rm(dirname(tarball.path), { recursive: true });
}
