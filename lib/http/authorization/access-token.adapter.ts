import type { AxiosAdapter, AxiosConfig, AxiosResponse } from '../../axios/axios.types.js';
import {
  type Outcome,
  answerOf,
  asError,
  causedBy,
  isStreamed,
  settle,
} from '../../axios/outcome.js';
import { isDokStampError } from '../../errors/dokstamp.error.js';
import type { RequestBody } from '../body/request-body.js';
import { callerGone, timeoutOf, whileCallerWaits } from './cancellation.js';
import { isAboutToken } from './challenge.js';
import { detachBody } from './refused-answer.js';
import type { Refusals } from './refusals.js';
import type { RenewalBackoff } from './renewal-backoff.js';
import { type TokenSource, keepWith } from './token-source.js';

/** What all requests of an account share. */
export interface Authorization {
  readonly tokens: TokenSource;
  readonly backoff: RenewalBackoff;
  readonly refusals: Refusals;
  readonly replayByDefault: boolean;
}

/** The adapter, with the token on each request: a 401 is answered with one renewal for all and one replay. */
export function withToken(
  adapter: AxiosAdapter,
  authorization: Authorization,
  body: RequestBody | undefined,
): AxiosAdapter {
  return (config) => new AuthorizedRequest(authorization, config, adapter, body).send();
}

/** One request on its way: first with the token of the moment, then perhaps once more with its successor. */
class AuthorizedRequest {
  #isReplay = false;

  constructor(
    private readonly authorization: Authorization,
    private readonly config: AxiosConfig,
    private readonly adapter: AxiosAdapter,
    private readonly body: RequestBody | undefined,
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
        if (response.status === 401 || isStreamed(config)) keepWith(config, held);
        return this.#answered(token, { response }, response);
      },
      (error: unknown) => {
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
    const { backoff, refusals } = this.authorization;
    if (!answer || (answer.status === 401 && !isAboutToken(answer))) return settle(outcome);
    const helps = backoff.answered(token, answer.status, this.#isReplay);
    if (answer.status === 401) return this.#refused(token, outcome, answer);
    if (helps) refusals.over();
    return settle(outcome);
  }

  #refused(refused: string, outcome: Outcome, answer: AxiosResponse): Promise<AxiosResponse> {
    return whileCallerWaits(this.config, async (signal) => {
      await detachBody(answer, signal);
      const { refusals } = this.authorization;
      const successor = this.#isReplay ? undefined : this.#successor(refused, signal);
      if (!successor) return settle(causedBy(outcome, refusals.notAccepted(this.config)));
      const next = await successor.catch((error: unknown) => {
        // The caller of a request that is not sent again gets the 401 as it came.
        if (!this.#mayReplay) return undefined;
        throw isDokStampError(error) ? error.with({ cause: asError(outcome, this.config) }) : error;
      });
      if (next === refused) return settle(causedBy(outcome, refusals.notAccepted(this.config)));
      if (next === undefined || !this.#mayReplay) return settle(outcome);
      if (this.body?.isReplayable === false) {
        return settle(causedBy(outcome, refusals.notReplayable()));
      }
      const gone = callerGone(this.config);
      if (gone) throw gone;
      this.#isReplay = true;
      return this.#sendWith(next);
    });
  }

  get #mayReplay(): boolean {
    return this.config.dokStamp?.replay ?? this.authorization.replayByDefault;
  }

  /** The token that takes the place of the refused one; undefined where no renewal may be made now. */
  #successor(refused: string, signal: AbortSignal): Promise<string | undefined> | undefined {
    const { tokens, backoff } = this.authorization;
    const current = tokens.current();
    if (current !== undefined && current !== refused) return Promise.resolve(current);
    return backoff.isHolding ? undefined : this.#renew(refused, signal);
  }

  async #renew(refused: string, signal: AbortSignal): Promise<string | undefined> {
    const { tokens, backoff } = this.authorization;
    try {
      const token = await tokens.renew(refused, { signal, timeout: timeoutOf(this.config) });
      // What another process has got some time ago may be dead too: that does not tell that renewals do not help.
      if (token !== undefined && !tokens.isAdopted(token)) backoff.renewed(token);
      return token;
    } catch (error) {
      // Until here it was sent on, as the 401s may have been about a tenant.
      if (backoff.isDead(refused)) tokens.invalidate(refused);
      throw error;
    }
  }
}
