import type { IncomingMessage } from 'node:http';
import type { SandboxRequest } from './sandbox.interface.js';
import { isTokenRequest } from './token-endpoint.js';

/** A logged request whose status is yet to come. */
export type LogEntry = { -readonly [K in keyof SandboxRequest]: SandboxRequest[K] };

/** What came in, in order of arrival. */
export class RequestLog {
  readonly entries: LogEntry[] = [];
  tokenRequests = 0;

  /** @param ended told of each request that is over */
  constructor(readonly ended: (entry: SandboxRequest) => void = () => {}) {}

  add(request: IncomingMessage): LogEntry {
    const { method = '', url = '', headers } = request;
    if (isTokenRequest(request)) this.tokenRequests += 1;
    const entry: LogEntry = { method, path: url, headers, status: undefined };
    this.entries.push(entry);
    return entry;
  }

  clear(): void {
    this.entries.length = 0;
    this.tokenRequests = 0;
  }
}
