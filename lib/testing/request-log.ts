import type { IncomingMessage } from 'node:http';
import type { DokStampSandboxOptions, SandboxRequest } from './sandbox.interface.js';
import { isTokenRequest } from './token-endpoint.js';

/** A logged request whose status is yet to come. */
export type LogEntry = { -readonly [K in keyof SandboxRequest]: SandboxRequest[K] };

/** What came in, in order of arrival. */
export class RequestLog {
  readonly entries: LogEntry[] = [];
  tokenRequests = 0;

  /** Told of each request that is over. */
  readonly ended: (entry: SandboxRequest) => void;
  readonly #keep: number;

  constructor({ keepRequests = Infinity, onAnswer = () => {} }: DokStampSandboxOptions) {
    if (!(keepRequests >= 0)) {
      throw new RangeError(`keepRequests is a number of 0 or more, not ${keepRequests}.`);
    }
    this.ended = onAnswer;
    this.#keep = keepRequests;
  }

  add(request: IncomingMessage): LogEntry {
    const { method = '', url = '', headers } = request;
    if (isTokenRequest(request)) this.tokenRequests += 1;
    const entry: LogEntry = { method, path: url, headers, status: undefined };
    this.entries.push(entry);
    if (this.entries.length > this.#keep) this.entries.shift();
    return entry;
  }

  clear(): void {
    this.entries.length = 0;
    this.tokenRequests = 0;
  }
}
