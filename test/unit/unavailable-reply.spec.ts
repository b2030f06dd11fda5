import type { ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { DokStampError } from '../../lib/errors/dokstamp.error.js';
import { replyUnavailable } from '../../lib/errors/unavailable-reply.js';
import { stubServer } from '../support/stub-server.js';

interface Reply {
  readonly raw: ServerResponse;
  readonly sent: boolean;
  header(name: string, value: string): void;
}

/** The adapter of Fastify in Nest 11: it knows Fastify's reply, and Node's own response in `reply` only. */
const NEST_11 = {
  isHeadersSent: (response: Reply) => response.sent,
  setHeader: (response: Reply, name: string, value: string) => response.header(name, value),
  end: (response: Reply) => response.raw.end(),
  reply: (response: Reply | ServerResponse, body: object, status: number) => {
    const native = 'raw' in response ? response.raw : response;
    native.writeHead(status).end(JSON.stringify(body));
  },
} as unknown as HttpServer;

const ERROR = new DokStampError('closed', 'Over.', { retryAt: new Date(Date.now() - 1) });

async function answer(respond: (native: ServerResponse) => void) {
  await using server = await stubServer((_, native) => respond(native));
  const response = await fetch(server.url);
  return [response.status, response.headers.get('retry-after'), await response.text()];
}

/** A reply of Fastify, which counts as sent only when it was sent by Fastify. */
const replyOf = (raw: ServerResponse): Reply => ({
  raw,
  sent: false,
  header: (name, value) => void raw.setHeader(name, value),
});

describe('an answer of 503 by the Fastify adapter of Nest 11', () => {
  it('is given by a reply', async () => {
    const given = await answer((native) => replyUnavailable(NEST_11, replyOf(native), ERROR));
    expect(given).toEqual([503, '1', '{"code":"closed"}']);
  });

  it("is given by Node's own response, which a middleware has", async () => {
    const given = await answer((native) => replyUnavailable(NEST_11, native, ERROR));
    expect(given).toEqual([503, '1', '{"code":"closed"}']);
  });

  it.each([
    ['by a reply', replyOf],
    ["by Node's own response", (native: ServerResponse) => native],
  ])('only ends what has begun %s', async (_, responseOf) => {
    const given = await answer((native) => {
      native.write('begun');
      replyUnavailable(NEST_11, responseOf(native), ERROR);
    });
    expect(given).toEqual([200, null, 'begun']);
  });
});

describe('an answer of 503 by a platform that is not of Node', () => {
  it('is given through the adapter alone', () => {
    const calls: unknown[] = [];
    const call =
      (name: string) =>
      (_: unknown, ...args: unknown[]) =>
        void calls.push([name, ...args]);
    const adapter = { setHeader: call('setHeader'), reply: call('reply'), end: call('end') };
    const respond = (sent: boolean) =>
      replyUnavailable(
        { ...adapter, isHeadersSent: () => sent } as unknown as HttpServer,
        {},
        ERROR,
      );
    respond(false);
    expect(calls.splice(0)).toEqual([
      ['setHeader', 'Content-Type', 'application/json; charset=utf-8'],
      ['setHeader', 'Retry-After', '1'],
      ['reply', { code: 'closed' }, 503],
    ]);
    respond(true);
    expect(calls).toEqual([['end']]);
  });
});
