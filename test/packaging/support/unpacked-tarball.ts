import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Tarball, pack, unpack } from './tarball.js';

/** The tarball of the test file that runs, and the folder it is unpacked in. */
export let tarball: Tarball;
export let unpacked: string;

/** Packs and unpacks it: `beforeAll(setUpTarball)`. */
export async function setUpTarball(): Promise<void> {
  tarball = await pack();
  unpacked = await unpack(tarball);
}

/** Removes both: `afterAll(tearDownTarball)`. */
export async function tearDownTarball(): Promise<void> {
  await rm(unpacked, { recursive: true });
  await rm(dirname(tarball.path), { recursive: true });
}
