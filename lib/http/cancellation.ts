import { onAbort } from '../async/abort.js';
import type { AxiosConfig } from '../axios/axios.types.js';
import { hostAxios } from '../axios/host-axios.js';

interface CancelToken {
  subscribe?(listener: () => void): void;
  unsubscribe?(listener: () => void): void;
}

/** Why the caller has left, as axios would tell it; undefined while it waits. */
export function callerGone(config: AxiosConfig): unknown {
  const { cancelToken, signal } = config;
  if (cancelToken?.reason) return cancelToken.reason;
  return signal?.aborted ? new hostAxios.CanceledError(undefined, config) : undefined;
}

/**
 * Works with a signal that is aborted when the caller of this request leaves: by its signal or its cancel token (an
 * unsubscribed Observable). What then fails rejects as axios would.
 */
export async function whileCallerWaits<T>(
  config: AxiosConfig,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const left = new AbortController();
  const leave = () => left.abort();
  const cancelToken = config.cancelToken as CancelToken | undefined;
  cancelToken?.subscribe?.(leave);
  // axios takes anything for a signal that has what it calls.
  const signal = config.signal as AbortSignal | undefined;
  const stopListening = signal?.addEventListener ? onAbort(signal, leave) : undefined;
  try {
    return await work(left.signal);
  } catch (error) {
    throw callerGone(config) ?? error;
  } finally {
    cancelToken?.unsubscribe?.(leave);
    stopListening?.();
  }
}

/** How long the caller of this request waits for a token: as long as it would for an answer. */
export function timeoutOf({ timeout }: AxiosConfig): number | undefined {
  // 0 is no limit to axios; what is no number it refuses itself when it sends.
  return typeof timeout === 'number' && timeout > 0 ? timeout : undefined;
}
