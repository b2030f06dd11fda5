import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { readBody } from '../../lib/async/bounded-body.js';
import { uncaughtDuring } from '../support/deferred.js';

const { signal } = new AbortController();

/** What was read, as text. */
async function read(stream: Readable, mostBytes: number, until = signal) {
  const { bytes, ...rest } = await readBody(stream, mostBytes, until);
  return { text: bytes.toString(), ...rest };
}

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
    expect(await read(body('{"a":', '1}'), 100)).toEqual({ text: '{"a":1}' });
  });

  it('may be empty', async () => {
    expect(await read(body(), 100)).toEqual({ text: '' });
  });

  it('is bytes, whatever they are, a byte order mark included', async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x00]);
    const chunks = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect(await readBody(body(...chunks), 100, signal)).toEqual({ bytes });
  });

  it('may come as text, where the stream was told to decode', async () => {
    const stream = body('Zürich').setEncoding('utf8');
    expect(await read(stream, 100)).toEqual({ text: 'Zürich' });
  });

  it('comes over a real socket', async () => {
    const answer = await answerOf((response) => response.end('over the wire'));
    expect(await read(answer, 100)).toEqual({ text: 'over the wire' });
  });
});

describe('a body that is too long', () => {
  it('is not, as long as it has as many bytes as it may have', async () => {
    expect(await read(body('12345', '67890'), 10)).toEqual({ text: '1234567890' });
  });

  it.each([
    ['in one chunk', ['12345678901']],
    ['in the last of several', ['12345', '67890', '1']],
    ['in the midst of several', ['12345', '678901', '2']],
  ])('is cut off: %s', async (_, chunks) => {
    expect(await read(body(...chunks), 10)).toEqual({ text: '1234567890', flaw: 'too long' });
  });

  it('is counted in bytes, not in characters', async () => {
    expect(await read(body('ü'.repeat(6)), 10)).toMatchObject({ flaw: 'too long' });
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
    const { bytes, flaw } = await readBody(answer, 10_000, signal);
    expect([bytes.length, flaw]).toEqual([10_000, 'too long']);
    await vi.waitFor(() => expect(answer.destroyed && answer.socket.destroyed).toBe(true));
    expect(sent).toBeLessThan(100_000);
  });

  it('is cut off where it grows by being unpacked', async () => {
    const packed = body(Buffer.alloc(1_000_000)).pipe(createGzip());
    const answer = packed.pipe(createGunzip());
    const { bytes, flaw } = await readBody(answer, 65_536, signal);
    expect([bytes.length, flaw]).toEqual([65_536, 'too long']);
    expect(answer.destroyed).toBe(true);
  });
});

describe('a body that ends before its end', () => {
  it('is told with what came of it, and why: an error', async () => {
    const stream = new PassThrough();
    const reading = read(stream, 100);
    stream.write('half of ');
    setImmediate(() => stream.destroy(new Error('socket hang up')));
    const result = await reading;
    expect(result.text).toBe('half of ');
    expect(result.flaw).toMatchObject({ message: 'socket hang up' });
  });

  it('is told so too where the connection was cut', async () => {
    const answer = await answerOf((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half of ');
      setTimeout(() => response.destroy(), 20);
    });
    const result = await read(answer, 100);
    expect(result.text).toBe('half of ');
    expect(result.flaw).toBeInstanceOf(Error);
  });

  it('is told so where it was destroyed before it was read', async () => {
    const stream = body('never read');
    stream.destroy();
    expect(await read(stream, 100)).toMatchObject({
      text: '',
      flaw: expect.any(Error) as Error,
    });
  });

  it('is told with what came of it when the signal is aborted, and holds no socket', async () => {
    const controller = new AbortController();
    const answer = await answerOf((response) => response.write('half of '));
    const reading = read(answer, 100, controller.signal);
    setTimeout(() => controller.abort(), 50);
    const result = await reading;
    expect(result.text).toBe('half of ');
    expect(result.flaw).toBeInstanceOf(Error);
    expect(answer.socket.destroyed).toBe(true);
  });

  it('is none of it where the signal was aborted before', async () => {
    const stream = body('never read');
    const result = await read(stream, 100, AbortSignal.abort());
    expect(result).toMatchObject({ text: '', flaw: expect.any(Error) as Error });
    expect(stream.destroyed).toBe(true);
  });
});

describe('a body that was let go', () => {
  it.each([
    ['read to its end', 100, 'short'],
    ['too long', 2, 'long enough'],
  ])('raises no uncaught exception by a late error: %s', async (_, mostBytes, text) => {
    // As the answers of Node.js' client are.
    const stream = new PassThrough({ autoDestroy: false });
    const uncaught = await uncaughtDuring(async () => {
      const reading = read(stream, mostBytes);
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
      const reading = read(answer, 100, controller.signal);
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
    await read(stream, 100, controller.signal);
    let destroyed = 0;
    stream.destroy = () => (destroyed++, stream);
    controller.abort();
    expect(destroyed).toBe(0);
  });
});
