import type { Tree } from '@angular-devkit/schematics';
import type { Manifest } from './peers.js';

/** The major version of the app's Nest: as installed, else as declared, else the newest that is supported. */
export function nestMajor(tree: Tree, manifest: string): number {
  const installed = tree.read('node_modules/@nestjs/core/package.json')?.toString();
  const version = installed && (JSON.parse(installed) as { version?: string }).version;
  const { dependencies } = JSON.parse(manifest) as Manifest;
  const major = /\d+/.exec(version ?? dependencies?.['@nestjs/core'] ?? '');
  return major ? Number(major[0]) : 12;
}
