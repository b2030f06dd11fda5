import type { AxiosConfig } from './axios.types.js';
import { hostAxios } from './host-axios.js';

type CancelToken = NonNullable<AxiosConfig['cancelToken']>;
type Listener = (reason: unknown) => void;

/** An axios cancel token that is cancelled by unsubscribing, or by the app's own; makes nothing before it has to. */
export class Unsubscription implements Omit<CancelToken, 'reason'> {
  #reason: CancelToken['reason'];
  #listeners: Set<Listener> | undefined;
  #settled = false;

  /** @param given the cancel token that the app has put on the call */
  constructor(private readonly given?: CancelToken) {}

  get reason(): CancelToken['reason'] {
    return this.#reason ?? this.given?.reason;
  }

  /** Only for code that waits on a cancel token's promise, as axios did before 0.22. */
  get promise(): CancelToken['promise'] {
    return new Promise((resolve) => this.subscribe(resolve as Listener));
  }

  throwIfRequested(): void {
    if (this.reason) throw this.reason;
  }

  subscribe(listener: Listener): void {
    if (this.reason) listener(this.reason);
    else {
      (this.#listeners ??= new Set()).add(listener);
      this.given?.subscribe(listener);
    }
  }

  unsubscribe(listener: Listener): void {
    this.#listeners?.delete(listener);
    this.given?.unsubscribe(listener);
  }

  /** For axios' fetch adapter. */
  toAbortSignal(): AbortSignal {
    const controller = new AbortController();
    const abort: Listener = (reason) => controller.abort(reason);
    this.subscribe(abort);
    return Object.assign(controller.signal, { unsubscribe: () => this.unsubscribe(abort) });
  }

  /** The call has ended: to unsubscribe, which RxJS does even after completion, means nothing any more. */
  settle(): void {
    this.#settled = true;
  }

  cancel(): void {
    if (this.#settled || this.reason) return;
    this.#reason = new hostAxios.CanceledError(undefined, undefined);
    for (const listener of this.#listeners ?? []) listener(this.#reason);
  }
}
