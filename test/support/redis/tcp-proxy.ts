import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** A way to a server that can be spoiled. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Passes everything on. */
  mend(): void;
  /** Takes everything and answers nothing. */
  swallow(): void;
  /** Passes on what comes from the server so much later. */
  delay(ms: number): void;
  /** Answers every command with this error, as the server would. */
  answer(error: string): void;
  /** Cuts every connection, and refuses others until it is mended. */
  refuse(): void;
}

export async function startProxy(target: number): Promise<TcpProxy> {
  let refuses = false;
  let swallows = false;
  let delayMs = 0;
  let error: string | undefined;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    if (refuses) {
      client.destroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      if (error !== undefined) client.write(`-${error}\r\n`.repeat(commandsIn(chunk)));
      else if (!swallows) upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      const late = () => void (swallows || client.write(chunk));
      if (delayMs > 0) setTimeout(late, delayMs);
      else late();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => open.forEach((socket) => socket.destroy());
  const mend = () => {
    // A connection that has lost bytes is no connection any more: its answers would belong to other commands.
    if (swallows) cut();
    refuses = swallows = false;
    delayMs = 0;
    error = undefined;
  };
  return {
    port: (server.address() as AddressInfo).port,
    mend,
    swallow: () => void (swallows = true),
    delay: (ms) => void (delayMs = ms),
    answer: (told) => void (error = told),
    refuse: () => {
      refuses = true;
      cut();
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

// RESP: each command is an array of bulk strings; none of ours holds such a line.
function commandsIn(chunk: Buffer): number {
  return chunk.toString('latin1').match(/(^|\r\n)\*\d+\r\n/g)?.length ?? 0;
}
