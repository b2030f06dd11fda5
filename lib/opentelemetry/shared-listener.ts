import type { End } from './listening.js';

interface Kept {
  users: number;
  readonly end: End;
}

type Everywhere = Record<symbol, WeakMap<object, Kept> | undefined>;

/**
 * One listener for each provider, however many modules of the process have asked for it: the channels are the
 * process's, and a second listener would tell everything twice.
 */
export class SharedListener<Provider extends object> {
  readonly #kept: WeakMap<object, Kept>;

  constructor(
    name: string,
    private readonly listenFor: (provider: Provider) => End,
  ) {
    // Of all symbols and of the process, because an app may hold the ESM and the CommonJS copy of this package.
    const key = Symbol.for(`nestjs-dokstamp/telemetry/${name}`);
    this.#kept = (globalThis as unknown as Everywhere)[key] ??= new WeakMap();
  }

  /** The listener of this provider, made for the first who asks; it ends when the last of them has ended. */
  join(provider: Provider): End {
    const kept = this.#kept.get(provider) ?? { users: 0, end: this.listenFor(provider) };
    kept.users++;
    this.#kept.set(provider, kept);
    return () => {
      if (--kept.users > 0) return;
      this.#kept.delete(provider);
      kept.end();
    };
  }
}
