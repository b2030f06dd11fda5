import type { IncomingMessage } from 'node:http';
import type { Fields } from './resources/resource-store.js';

/** The request body cannot be read as what it says it is. */
export class MalformedBodyError extends Error {}

/** Reads a body to its end. Rejects when the client breaks off. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Reads a body to its end and forgets it. A refusal is sent after the last byte, as behind a proxy
 * that buffers uploads: many clients take an earlier answer for a broken connection.
 */
export async function drainBody(request: IncomingMessage): Promise<void> {
  for await (const chunk of request as AsyncIterable<Buffer>) void chunk;
}

/** The fields of a JSON or form body; no body means no fields. */
export function parseFields(body: Buffer, contentType = ''): Fields {
  const text = body.toString();
  if (/^application\/x-www-form-urlencoded/i.test(contentType)) {
    return Object.fromEntries(new URLSearchParams(text));
  }
  if (text.trim() === '') return {};
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new MalformedBodyError('The request body must be a JSON object.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedBodyError('The request body is not valid JSON.', { cause });
  }
}
