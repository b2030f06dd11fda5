import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './replies.js';

/** A request that was let in, with its body read. */
export interface Call {
  /** The `{uuid}` of the path, or an empty string. */
  uuid: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;

/** HTTP method to what answers it. */
export type Methods = Readonly<Record<string, Handler>>;
