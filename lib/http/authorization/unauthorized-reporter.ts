import { HostLogger } from '../../diagnostics/host-logger.js';
import type { AxiosConfig } from '../../axios/axios.types.js';
import { type Outcome, answerOf } from '../../axios/outcome.js';
import { tellReplay } from '../../diagnostics/channels.js';
import { isBodyNotReplayable } from '../../errors/body-not-replayable.js';
import { DokStampError } from '../../errors/dokstamp.error.js';
import { isAboutToken } from './challenge.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import type { SecretMask } from '../../redaction/secret-mask.js';

// Tenants that are told apart in one episode; an app that makes them up must not make us grow.
const MOST_TENANTS = 100;

/** Tells what became of a 401: by the error that its caller gets, and by the log. */
export class UnauthorizedReporter {
  readonly #logger = new HostLogger();
  readonly #told = new Set<string>();

  constructor(
    private readonly names: Pick<ResolvedOptions, 'account' | 'telemetryName'>,
    private readonly mask: SecretMask,
  ) {}

  get account(): string | undefined {
    return this.names.account;
  }

  /** The `cause` of a 401 that no new token cures; logged once per tenant until a replay is accepted. */
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
      this.#logger.write('warn', error.message);
    }
    return error;
  }

  /** The request was sent once more, and this came of it. */
  replayed(outcome: Outcome): void {
    const account = this.names.telemetryName;
    const answer = answerOf(outcome);
    if (!answer) {
      const { error } = outcome as { error: unknown };
      return tellReplay({ account, outcome: isBodyNotReplayable(error) ? 'not_sent' : 'failed' });
    }
    const { status } = answer;
    const isRefused = status === 401 && isAboutToken(answer);
    tellReplay({ account, outcome: isRefused ? 'refused' : 'accepted', status });
  }

  /** The token of a request was refused, and it was not sent once more. */
  notReplayed(): void {
    tellReplay({ account: this.names.telemetryName, outcome: 'not_sent', status: 401 });
  }

  /** A replay was accepted. */
  healed({ method = 'get' }: AxiosConfig): void {
    this.#told.clear();
    const of = this.account === undefined ? '' : `[${this.account}] `;
    this.#logger.write(
      'debug',
      `${of}A 401 was healed: the ${method.toUpperCase()} request was sent again with a newer token.`,
    );
  }
}
