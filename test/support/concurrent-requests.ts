import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/** How many requests a server handles at once, by the diagnostics channels of Node.js. */
export interface ServerLoad extends Disposable {
  readonly most: number;
}

/** Counts the requests of the server of this process that listens at the URL. */
export function serverLoad(url: string): ServerLoad {
  const { port } = new URL(url);
  let inFlight = 0;
  let most = 0;
  const isOurs = (message: unknown) =>
    String((message as { request: IncomingMessage }).request.socket.localPort) === port;
  const began = (message: unknown) => {
    if (isOurs(message)) most = Math.max(most, ++inFlight);
  };
  const ended = (message: unknown) => {
    if (isOurs(message)) inFlight--;
  };
  subscribe('http.server.request.start', began);
  subscribe('http.server.response.finish', ended);
  return {
    get most() {
      return most;
    },
    [Symbol.dispose]() {
      unsubscribe('http.server.request.start', began);
      unsubscribe('http.server.response.finish', ended);
    },
  };
}
