import type { AxiosAdapter, AxiosConfig, AxiosResponse } from '../../axios/axios.types.js';
import {
  type Outcome,
  answerOf,
  asError,
  causedBy,
  isStreamed,
  settle,
} from '../../axios/outcome.js';
import { isBodyNotReplayable } from '../../errors/body-not-replayable.js';
import { isDokStampError, withDetails } from '../../errors/dokstamp.error.js';
import { timeoutOf, whileCallerWaits } from '../cancellation.js';
import { isAboutToken } from './challenge.js';
import { detach } from './refused-answer.js';
import type { RenewalBackoff } from './renewal-backoff.js';
import { type TokenSource, keepWith, withdraw } from './token-source.js';
import type { UnauthorizedReporter } from './unauthorized-reporter.js';

/** What all requests of an account share. */
export interface Authorization {
  readonly tokens: TokenSource;
  readonly backoff: RenewalBackoff;
  readonly reporter: UnauthorizedReporter;
  readonly replayByDefault: boolean;
}

/** The adapter, with the token on each request: a 401 is answered with one renewal for all and one replay. */
export function withToken(adapter: AxiosAdapter, authorization: Authorization): AxiosAdapter {
  return (config) => new AuthorizedRequest(authorization, config, adapter).send();
}

/**
 * One request on its way: first with the token of the moment, then perhaps once more with its successor. Where another
 * process of a fleet has got that some time ago, it may be as dead; then once more with a new one.
 */
class AuthorizedRequest {
  #isReplay = false;
  #isLast = false;

  constructor(
    private readonly authorization: Authorization,
    private readonly config: AxiosConfig,
    private readonly adapter: AxiosAdapter,
  ) {}

  send(): Promise<AxiosResponse> {
    const { tokens } = this.authorization;
    const token = tokens.current();
    if (token !== undefined) return this.#sendWith(token);
    const timeout = timeoutOf(this.config);
    return whileCallerWaits(this.config, (signal) => tokens.getToken({ signal, timeout })).then(
      (fetched) => this.#sendWith(fetched),
    );
  }

  #sendWith(token: string): Promise<AxiosResponse> {
    const { config } = this;
    // Reached from here while the request is under way, and from its config where it may fail after that.
    const held = this.authorization.tokens.authorize(config, token);
    return this.adapter(config).then(
      (response) => {
        withdraw(config);
        if (response.status === 401 || isStreamed(config)) keepWith(config, held);
        return this.#answered(token, { response }, response);
      },
      (error: unknown) => {
        withdraw(config);
        keepWith(config, held);
        return this.#answered(token, { error }, answerOf({ error }));
      },
    );
  }

  #answered(
    token: string,
    outcome: Outcome,
    answer: AxiosResponse | undefined,
  ): AxiosResponse | Promise<AxiosResponse> {
    const { backoff, reporter } = this.authorization;
    if (this.#isReplay) reporter.replayed(outcome);
    if ('error' in outcome && isBodyNotReplayable(outcome.error)) return settle(outcome);
    const isRefused = answer?.status === 401 && isAboutToken(answer);
    const verdict = answer?.status === 401 && !isRefused ? undefined : answer?.status;
    const helped = backoff.answered(token, verdict, this.#isReplay);
    if (isRefused) {
      return whileCallerWaits(this.config, (signal) =>
        this.#refused(token, outcome, answer, signal),
      ).finally(() => {
        if (!this.#isReplay) reporter.notReplayed();
      });
    }
    if (helped) reporter.healed(this.config);
    return settle(outcome);
  }

  async #refused(
    refused: string,
    outcome: Outcome,
    answer: AxiosResponse,
    signal: AbortSignal,
  ): Promise<AxiosResponse> {
    await detach(answer, signal);
    const next = await this.#successorOf(refused, outcome, signal);
    if (next === refused) {
      return settle(causedBy(outcome, this.authorization.reporter.notAccepted(this.config)));
    }
    if (next === undefined || !this.#mayReplay) return settle(outcome);
    signal.throwIfAborted();
    return this.#replay(next, outcome);
  }

  get #mayReplay(): boolean {
    return this.config.dokStamp?.replay ?? this.authorization.replayByDefault;
  }

  /** The token in the place of this one: itself where another would not help now, undefined where none is to be had. */
  async #successorOf(
    refused: string,
    outcome: Outcome,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { tokens, backoff } = this.authorization;
    if (this.#isLast) return refused;
    const current = tokens.current();
    if (current !== undefined && current !== refused) return current;
    if (backoff.isHolding) return refused;
    try {
      const token = await tokens.renew(refused, { signal, timeout: timeoutOf(this.config) });
      // What another process has got some time ago may be dead too: that does not tell that renewals do not help.
      if (token !== undefined && !tokens.isAdopted(token)) backoff.renewed(token);
      return token;
    } catch (error) {
      // Until here it was sent on, as the 401s may have been about a tenant.
      if (backoff.isDead(refused)) tokens.invalidate(refused);
      // The caller of a request that is not sent again gets the 401 as it came.
      if (!this.#mayReplay) return undefined;
      throw withCause(error, asError(outcome, this.config));
    }
  }

  async #replay(token: string, outcome: Outcome): Promise<AxiosResponse> {
    this.#isLast = this.#isReplay || !this.authorization.tokens.isAdopted(token);
    this.#isReplay = true;
    try {
      return await this.#sendWith(token);
    } catch (error) {
      if (!isBodyNotReplayable(error)) throw error;
      // The token is renewed, so the app may send it again.
      const { account } = this.authorization.reporter;
      return settle(causedBy(outcome, withDetails(error, { account, retryable: true })));
    }
  }
}

function withCause(error: unknown, cause: Error): unknown {
  return isDokStampError(error) ? withDetails(error, { cause }) : error;
}
