import { Logger } from '@nestjs/common';
import type { AxiosConfig } from '../../axios/axios.types.js';
import { DokStampError } from '../../errors/dokstamp.error.js';
import type { SecretMask } from '../../redaction/secret-mask.js';

// Tenants that are told apart in one episode; an app that makes them up must not make us grow.
const MOST_TENANTS = 100;

/** Tells, by an error and by a log line, that a 401 is not about the token. */
export class Refusals {
  readonly #logger = new Logger('DokStamp');
  readonly #told = new Set<string>();

  constructor(
    private readonly account: string | undefined,
    private readonly mask: SecretMask,
  ) {}

  /** The `cause` of a 401 that no new token cures; logged once per tenant until `over()`. */
  notAccepted({ headers }: AxiosConfig): DokStampError {
    const tenant = headers.get('X-Tenant');
    const sent =
      typeof tenant === 'string'
        ? `the tenant sent was ${JSON.stringify(tenant)}`
        : 'no tenant was sent';
    const error = new DokStampError(
      'token_not_accepted',
      this.mask.text(`DokStamp answers 401, and a new token did not help; ${sent}. `) +
        'Check the tenant identifier, and whether the client may act for it.',
      { status: 401, account: this.account },
    );
    if (this.#told.size < MOST_TENANTS && !this.#told.has(sent)) {
      this.#told.add(sent);
      this.#logger.warn(error.message);
    }
    return error;
  }

  /** The `cause` of a 401 to a stream, which cannot be sent again. */
  notReplayable(): DokStampError {
    return new DokStampError(
      'body_not_replayable',
      'The request was refused with 401 and its stream is spent, so it was not sent again; the token is renewed. ' +
        'Send it again, or pass dokStamp.body, a function that makes the stream anew.',
      { retryable: true, account: this.account },
    );
  }

  /** A replay was accepted: renewals help again. */
  over(): void {
    this.#told.clear();
  }
}
