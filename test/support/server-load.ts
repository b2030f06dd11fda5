import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

/** How many requests a server has under way at once, as Node.js itself tells it. */
export interface ServerLoad extends Disposable {
  readonly most: number;
}

/** Watches the server of this process that listens at the URL. */
export function serverLoad(url: string): ServerLoad {
  const { port } = new URL(url);
  let underWay = 0;
  let most = 0;
  const isOurs = (message: unknown) =>
    String((message as { request: IncomingMessage }).request.socket.localPort) === port;
  const began = (message: unknown) => {
    if (isOurs(message)) most = Math.max(most, ++underWay);
  };
  const ended = (message: unknown) => {
    if (isOurs(message)) underWay--;
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
