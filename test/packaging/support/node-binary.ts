import { join } from 'node:path';
import type { OutsideApp } from './outside-app.js';

const alias = (version: string) => `node-${version}`;

/** A version of Node as a dependency, for `npm install`. */
export function nodeDependency(version: string): string {
  return `${alias(version)}@npm:node-${process.platform}-${process.arch}@${version}`;
}

/** Where the app that has installed this version of Node has it. */
export function nodeBinary(app: OutsideApp, version: string): string {
  return join(app.folder, 'node_modules', alias(version), 'bin', 'node');
}
