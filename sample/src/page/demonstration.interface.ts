import type { Frame } from './frames/frame.interface.js';

/** The part of the page that needs the sandbox: load, and what is done to it. */
export interface Demonstration {
  /** Somebody watches. */
  watch(): void;
  unwatch(): void;
  /** What a frame tells of it. */
  take(): NonNullable<Frame['demonstration']>;
}

export const DEMONSTRATION = Symbol('DEMONSTRATION');
