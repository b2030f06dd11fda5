import { randomBytes } from 'node:crypto';

/** Names an owner that no other process has. */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}
