import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { readBody } from '../../lib/async/bounded-body.js';
import { uncaughtDuring } from '../support/deferred.js';

const { signal } = new AbortController();

/** A stream of these chunks, that has come to its end. */
const body = (...chunks: (string | Buffer)[]) =>
  Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

/** An answer over a socket of its own; the server goes with it. */
async function answerOf(answer: (response: ServerResponse) => void): Promise<IncomingMessage> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sent = request({ port: (server.address() as AddressInfo).port, agent: false });
  sent.on('error', () => {}).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.once('close', () => server.close());
  return response;
}

describe('a body', () => {
  it('is read to its end', async () => {
    expect(await readBody(body('{"a":', '1}'), 100, signal)).toEqual({ text: '{"a":1}' });
  });

  it('may be empty', async () => {
    expect(await readBody(body(), 100, signal)).toEqual({ text: '' });
  });

  it('is text in UTF-8, also where a character comes in two chunks', async () => {
    const bytes = Buffer.from('Zürich \u{1f511}');
    const chunks = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect((await readBody(body(...chunks), 100, signal)).text).toBe('Zürich \u{1f511}');
  });

  it('is text, whatever its bytes are', async () => {
    expect((await readBody(body(Buffer.from([0x61, 0xff, 0x62])), 100, signal)).text).toBe(
      'a\ufffdb',
    );
  });

  it('loses its byte order mark, which JSON may not have', async () => {
    expect(await readBody(body('\ufeff{"a":1}'), 100, signal)).toEqual({ text: '{"a":1}' });
  });

  it('comes over a real socket', async () => {
    const answer = await answerOf((response) => response.end('over the wire'));
    expect(await readBody(answer, 100, signal)).toEqual({ text: 'over the wire' });
  });
});

describe('a body that is too long', () => {
  it('is not, as long as it has as many bytes as it may have', async () => {
    expect(await readBody(body('12345', '67890'), 10, signal)).toEqual({ text: '1234567890' });
  });

  it.each([
    ['in one chunk', ['12345678901']],
    ['in the last of several', ['12345', '67890', '1']],
  ])('is not kept: %s', async (_, chunks) => {
    expect(await readBody(body(...chunks), 10, signal)).toEqual({ text: '', flaw: 'too long' });
  });

  it('is counted in bytes, not in characters', async () => {
    expect(await readBody(body('ü'.repeat(6)), 10, signal)).toMatchObject({ flaw: 'too long' });
  });

  it('is let go at once: an endless one is not read on, and holds no socket', async () => {
    let sent = 0;
    const answer = await answerOf((response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1_024))) sent++;
      };
      response.on('drain', more);
      more();
    });
    expect(await readBody(answer, 10_000, signal)).toEqual({ text: '', flaw: 'too long' });
    await vi.waitFor(() => expect(answer.destroyed && answer.socket.destroyed).toBe(true));
    expect(sent).toBeLessThan(100_000);
  });

  it('is cut off where it grows by being unpacked', async () => {
    const packed = body(Buffer.alloc(1_000_000)).pipe(createGzip());
    const answer = packed.pipe(createGunzip());
    expect(await readBody(answer, 65_536, signal)).toEqual({ text: '', flaw: 'too long' });
    expect(answer.destroyed).toBe(true);
  });
});

describe('a body that ends before its end', () => {
  it('is told with what came of it, and why: an error', async () => {
    const stream = new PassThrough();
    const reading = readBody(stream, 100, signal);
    stream.write('half of ');
    setImmediate(() => stream.destroy(new Error('socket hang up')));
    const read = await reading;
    expect(read.text).toBe('half of ');
    expect(read.flaw).toMatchObject({ message: 'socket hang up' });
  });

  it('is told so too where the connection was cut', async () => {
    const answer = await answerOf((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half of ');
      setTimeout(() => response.destroy(), 20);
    });
    const read = await readBody(answer, 100, signal);
    expect(read.text).toBe('half of ');
    expect(read.flaw).toBeInstanceOf(Error);
  });

  it('is told so where it was destroyed before it was read', async () => {
    const stream = body('never read');
    stream.destroy();
    expect(await readBody(stream, 100, signal)).toMatchObject({
      text: '',
      flaw: expect.any(Error) as Error,
    });
  });

  it('is told with what came of it when the signal is aborted, and holds no socket', async () => {
    const controller = new AbortController();
    const answer = await answerOf((response) => response.write('half of '));
    const reading = readBody(answer, 100, controller.signal);
    setTimeout(() => controller.abort(), 50);
    const read = await reading;
    expect(read.text).toBe('half of ');
    expect(read.flaw).toBeInstanceOf(Error);
    expect(answer.socket.destroyed).toBe(true);
  });

  it('is none of it where the signal was aborted before', async () => {
    const stream = body('never read');
    const read = await readBody(stream, 100, AbortSignal.abort());
    expect(read).toMatchObject({ text: '', flaw: expect.any(Error) as Error });
    expect(stream.destroyed).toBe(true);
  });
});

describe('a body that was let go', () => {
  it.each([
    ['read to its end', 100, 'short'],
    ['too long', 2, 'long enough'],
  ])('raises no uncaught exception by a late error: %s', async (_, mostBytes, text) => {
    const stream = new PassThrough();
    const uncaught = await uncaughtDuring(async () => {
      const reading = readBody(stream, mostBytes, signal);
      stream.end(text);
      await reading;
      stream.emit('error', new Error('late'));
    });
    expect(uncaught).toEqual([]);
  });

  it('raises no uncaught exception by the connection either, aborted or cut', async () => {
    const uncaught = await uncaughtDuring(async () => {
      const controller = new AbortController();
      const answer = await answerOf((response) => response.write('half of '));
      const reading = readBody(answer, 100, controller.signal);
      setTimeout(() => controller.abort(), 50);
      await reading;
      answer.destroy(new Error('late'));
      answer.socket.destroy(new Error('later'));
    });
    expect(uncaught).toEqual([]);
  });

  it('is not touched by the signal any more', async () => {
    const controller = new AbortController();
    const stream = body('short');
    await readBody(stream, 100, controller.signal);
    let destroyed = 0;
    stream.destroy = () => (destroyed++, stream);
    controller.abort();
    expect(destroyed).toBe(0);
  });
});
