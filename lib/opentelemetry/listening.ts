import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type {
  GateMessage,
  RequestReplayMessage,
  TokenRequestMessage,
  TokenWaitMessage,
} from '../diagnostics/messages.js';

/** What is told on which channel. */
interface Messages {
  readonly 'tracing:dokstamp:token.request:start': TokenRequestMessage;
  readonly 'tracing:dokstamp:token.request:asyncEnd': TokenRequestMessage;
  readonly 'dokstamp:token.wait': TokenWaitMessage;
  readonly 'dokstamp:request.replay': RequestReplayMessage;
  readonly 'dokstamp:gate': GateMessage;
}

/** Ends what was begun. */
export type End = () => void;

/** Listens to a channel. */
export function listen<Name extends keyof Messages>(
  channel: Name,
  told: (message: Messages[Name]) => void,
): End {
  const listener = (message: unknown) => told(message as Messages[Name]);
  subscribe(channel, listener);
  return () => unsubscribe(channel, listener);
}

/** Ends all of these. */
export function endOf(...ends: readonly End[]): End {
  return () => ends.forEach((end) => end());
}
