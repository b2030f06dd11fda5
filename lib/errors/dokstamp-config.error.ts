import { DokStampError } from './dokstamp.error.js';

/** Wrong options: stops the boot, with every fault in one error and no value that may be secret. */
export class DokStampConfigError extends DokStampError {
  /** One sentence for each fault; names the option and its environment variable. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[], account?: string) {
    const of = account === undefined ? '' : ` of account "${account}"`;
    super(
      'config_invalid',
      `The DokStamp configuration${of} is wrong:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.faults = faults;
    // The message names it already.
    if (account !== undefined) Object.assign(this, { account });
  }
}

Object.defineProperty(DokStampConfigError.prototype, 'name', {
  value: 'DokStampConfigError',
  configurable: true,
  writable: true,
});
