import { channel, tracingChannel } from 'node:diagnostics_channel';
import type { Clock } from '../async/clock.js';
import { isDokStampError } from '../errors/dokstamp.error.js';
import type {
  GateMessage,
  RequestReplayMessage,
  TokenRequestMessage,
  TokenWaitMessage,
} from './messages.js';

const tokenRequest = tracingChannel<unknown, TokenRequestMessage>('dokstamp:token.request');
const tokenWait = channel('dokstamp:token.wait');
const requestReplay = channel('dokstamp:request.replay');
const gate = channel('dokstamp:gate');

/**
 * Makes a token request; where somebody listens, with word of it. What it gives is not in the message, and of what it
 * fails with only code and status.
 */
export function traceTokenRequest<T>(
  about: () => TokenRequestMessage,
  clock: Clock,
  request: () => Promise<T>,
): Promise<T> {
  return tokenRequest.hasSubscribers ? traced(about(), clock, request) : request();
}

async function traced<T>(
  message: TokenRequestMessage,
  clock: Clock,
  request: () => Promise<T>,
): Promise<T> {
  const startedAt = clock.monotonic();
  let result: Promise<T> | undefined;
  // A tracing channel puts on the message what its promise settles with: so that is another one than the caller's.
  const told = tokenRequest.tracePromise(async () => {
    result = request();
    try {
      await result;
      Object.assign(message, { outcome: 'issued', status: 200 });
    } catch (error) {
      const failure = toldOf(error);
      Object.assign(message, { outcome: 'failed', ...failure });
      throw Object.assign(new Error(failure.code), failure);
    } finally {
      message.durationMs = clock.monotonic() - startedAt;
    }
  }, message);
  await told.catch(() => {});
  return result as Promise<T>;
}

/** Waits for a token; where somebody listens, with word of how long it took. */
export function traceTokenWait<T>(
  about: Pick<TokenWaitMessage, 'account' | 'reason'>,
  clock: Clock,
  wait: () => Promise<T>,
): Promise<T> {
  if (!tokenWait.hasSubscribers) return wait();
  const startedAt = clock.monotonic();
  const tell = (rest: Pick<TokenWaitMessage, 'outcome' | 'code'>) => {
    const message: TokenWaitMessage = {
      ...about,
      ...rest,
      durationMs: clock.monotonic() - startedAt,
    };
    tokenWait.publish(message);
  };
  return wait().then(
    (value) => {
      tell({ outcome: 'served' });
      return value;
    },
    (error: unknown) => {
      tell({ outcome: 'failed', ...codeOf(error) });
      throw error;
    },
  );
}

/** What became of a request whose token was refused. */
export function tellReplay(message: RequestReplayMessage): void {
  if (requestReplay.hasSubscribers) requestReplay.publish(message);
}

/** How the gate of an account is now. */
export function publishPause(message: () => GateMessage): void {
  if (gate.hasSubscribers) gate.publish(message());
}

function toldOf(error: unknown): Pick<TokenRequestMessage, 'code' | 'status'> {
  const { status } = error as { status?: number };
  return { ...codeOf(error), ...(status !== undefined && { status }) };
}

function codeOf(error: unknown): Pick<TokenRequestMessage, 'code'> {
  return isDokStampError(error) ? { code: error.code } : {};
}
