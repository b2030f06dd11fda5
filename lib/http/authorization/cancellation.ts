import type { AxiosConfig } from '../../axios/axios.types.js';
import type { WaitOptions } from '../../token/caller-wait.js';
import { hostAxios } from '../../axios/host-axios.js';

/** The reason why nobody wants the answer any more, as axios would tell it; undefined while the caller waits. */
export function callerGone(config: AxiosConfig): unknown {
  const { cancelToken, signal } = config;
  if (cancelToken?.reason) return cancelToken.reason;
  return signal?.aborted ? new hostAxios.CanceledError(undefined, config) : undefined;
}

/**
 * Waits for a token as long as the caller of this request does: until its signal, its cancel token (an
 * unsubscribed Observable) or its `timeout` ends the wait.
 */
export async function whileCallerWaits<T>(
  config: AxiosConfig,
  ask: (wait: WaitOptions) => Promise<T>,
): Promise<T> {
  const { cancelToken, signal, timeout } = config;
  const left = new AbortController();
  const leave = () => left.abort();
  const listening = cancelToken as
    { subscribe?(f: () => void): void; unsubscribe?(f: () => void): void } | undefined;
  listening?.subscribe?.(leave);
  signal?.addEventListener?.('abort', leave);
  if (signal?.aborted) leave();
  try {
    return await ask({ signal: left.signal, timeout: isPositive(timeout) ? timeout : undefined });
  } catch (error) {
    throw callerGone(config) ?? error;
  } finally {
    listening?.unsubscribe?.(leave);
    signal?.removeEventListener?.('abort', leave);
  }
}

// 0 is no limit to axios; what is no number it refuses itself when it sends.
function isPositive(timeout: unknown): timeout is number {
  return typeof timeout === 'number' && timeout > 0;
}
