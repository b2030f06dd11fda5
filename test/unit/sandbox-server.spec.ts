import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../lib/testing/replies.js';
import { RequestLog } from '../../lib/testing/request-log.js';
import { SandboxServer } from '../../lib/testing/sandbox-server.js';

describe('an answer that cannot be sent', () => {
  let reply: Reply;
  let log: RequestLog;
  let server: SandboxServer;

  beforeEach(async () => {
    log = new RequestLog({});
    server = new SandboxServer(log, async () => reply);
    await server.listen(0);
  });

  afterEach(() => server.stop());

  it.each<[string, Partial<Reply>]>([
    ['a header that no header may be', { headers: { 'Retry-After': 'a\r\nb' } }],
    ['a body that is none', { body: undefined }],
    ['a status that is none', { status: 99 }],
  ])('closes the connection: %s', async (_, wrong) => {
    reply = { status: 200, contentType: 'text/plain', body: 'text', ...wrong };
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
    expect(log.entries).toMatchObject([{ status: undefined }]);
    reply = { status: 200, contentType: 'text/plain', body: 'text' };
    expect(await (await fetch(server.url)).text()).toBe('text');
  });
});
