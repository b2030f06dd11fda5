import type { AxiosAdapter, AxiosConfig, AxiosResponse } from '../../axios/axios.types.js';
import { isDokStampError } from '../../errors/dokstamp.error.js';
import { callerGone, whileCallerWaits } from './cancellation.js';
import {
  type Outcome,
  answerOf,
  asError,
  discardBody,
  outcomeOf,
  settle,
} from '../../axios/outcome.js';
import type { RenewalHoldback } from './renewal-backoff.js';
import { bodyNotReplayable, isReadOnce } from '../body/request-body.js';
import { type TokenSource, keepWith } from './token-source.js';
import { isAboutToken } from './challenge.js';

/** What an {@link AuthorizedSend} works with. */
export interface AuthorizedSendParts {
  readonly tokens: TokenSource;
  readonly holdback: RenewalHoldback;
  readonly replayByDefault: boolean;
}

/** A token to replay with. */
interface NextToken {
  readonly token: string;
  /** Whether it was issued because of this 401. */
  readonly isNew: boolean;
}

/** Sends a request with the token, and answers a 401 with one renewal for all and one replay. */
export class AuthorizedSend {
  constructor(private readonly parts: AuthorizedSendParts) {}

  send(config: AxiosConfig, adapter: AxiosAdapter): Promise<AxiosResponse> {
    const token = this.parts.tokens.current();
    if (token !== undefined) return this.#sendWith(token, config, adapter);
    return whileCallerWaits(config, (wait) => this.parts.tokens.getToken(wait)).then((fetched) =>
      this.#sendWith(fetched, config, adapter),
    );
  }

  #sendWith(token: string, config: AxiosConfig, adapter: AxiosAdapter): Promise<AxiosResponse> {
    // Reached from here while the request is under way, and from its config where it may fail after that.
    const held = this.parts.tokens.authorize(config, token);
    return adapter(config).then(
      (response) => {
        if (response.status === 401 || config.responseType === 'stream') keepWith(config, held);
        if (response.status === 401) return this.#refused(token, config, adapter, { response });
        this.parts.holdback.accepted(token);
        return response;
      },
      (error: unknown) => {
        keepWith(config, held);
        const outcome = { error };
        const status = answerOf(outcome)?.status;
        if (status === 401) return this.#refused(token, config, adapter, outcome);
        if (status !== undefined) this.parts.holdback.accepted(token);
        throw error;
      },
    );
  }

  async #refused(
    token: string,
    config: AxiosConfig,
    adapter: AxiosAdapter,
    outcome: Outcome,
  ): Promise<AxiosResponse> {
    const answer = answerOf(outcome);
    if (!answer || !isAboutToken(answer)) return settle(outcome);
    const { holdback, replayByDefault } = this.parts;
    holdback.refused(token);
    if (!(config.dokStamp?.replay ?? replayByDefault)) {
      this.#renewAside(token);
      return settle(outcome);
    }
    const next = await whileCallerWaits(config, (wait) => this.#tokenAfter(token, wait)).catch(
      (error: unknown) => {
        throw isDokStampError(error) ? error.with({ cause: asError(outcome, config) }) : error;
      },
    );
    if (next === undefined) return settle(outcome);
    if (!config.dokStamp?.body && isReadOnce(config.data)) {
      if (next.isNew) holdback.untried(next.token);
      return settle(causedBySpentBody(outcome));
    }
    const gone = callerGone(config);
    if (gone) throw gone;
    discardBody(answer);
    return this.#replay(next, config, adapter);
  }

  /** The token to replay with; undefined where the 401 is final. */
  async #tokenAfter(refused: string, wait: object): Promise<NextToken | undefined> {
    const { tokens, holdback } = this.parts;
    const current = tokens.current();
    if (current !== undefined && current !== refused) return { token: current, isNew: false };
    if (holdback.isHolding) return undefined;
    // While renewals are known not to help, a good token is not thrown away for a 401 that may not be about it.
    if (!holdback.isDoubtful) tokens.invalidate(refused);
    const token = await tokens.renew({ ...wait, refused });
    if (token !== refused) return token === undefined ? undefined : { token, isNew: true };
    holdback.refusedAgain(token);
    return undefined;
  }

  /** Renews for those who come later; this caller has its answer. */
  #renewAside(refused: string): void {
    this.#tokenAfter(refused, {}).then(
      (next) => next?.isNew && this.parts.holdback.untried(next.token),
      () => {},
    );
  }

  async #replay(
    { token, isNew }: NextToken,
    config: AxiosConfig,
    adapter: AxiosAdapter,
  ): Promise<AxiosResponse> {
    const { tokens, holdback } = this.parts;
    keepWith(config, tokens.authorize(config, token));
    const outcome = await outcomeOf(adapter(config));
    const status = answerOf(outcome)?.status;
    if (status === 401 && isNew) holdback.refusedAgain(token);
    if (status === undefined && isNew) holdback.untried(token);
    if (status !== undefined && status !== 401) holdback.helped();
    return settle(outcome);
  }
}

function causedBySpentBody(outcome: Outcome): Outcome {
  const cause = { value: bodyNotReplayable(), writable: true, configurable: true };
  if ('error' in outcome) Reflect.defineProperty(outcome.error as object, 'cause', cause);
  return outcome;
}
