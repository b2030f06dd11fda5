import type { AxiosAdapter, AxiosHeaders, AxiosResponse, AxiosConfig } from './axios.types.js';
import { isDokStampError } from '../errors/dokstamp.error.js';
import { callerGone, whileCallerWaits } from './caller.js';
import { type Outcome, answerOf, asError, outcomeOf, settle } from './outcome.js';
import type { RenewalHoldback } from './renewal-holdback.js';
import { asSendable, bodyNotReplayable, isReplayable, transformed } from './request-body.js';
import type { TokenSource } from './token-source.js';

/** One request on its way: what axios is about to send, by what, and the headers its body was given with. */
export interface Call {
  readonly config: AxiosConfig;
  readonly adapter: AxiosAdapter;
  /** The headers before the body was transformed; only where `dokStamp.body` will make it anew. */
  readonly headersBeforeBody: AxiosHeaders | undefined;
}

/** What an {@link AuthorizedSend} works with. */
export interface AuthorizedSendParts {
  readonly tokens: TokenSource;
  readonly holdback: RenewalHoldback;
  readonly replayByDefault: boolean;
  /** Whether the answer came from our own origin, and not from where a redirect led. */
  readonly isOurs: (response: AxiosResponse) => boolean;
}

/** Sends a request with the token, and answers a 401 with one renewal for all and one replay. */
export class AuthorizedSend {
  constructor(private readonly parts: AuthorizedSendParts) {}

  send(call: Call): Promise<AxiosResponse> {
    const token = this.parts.tokens.current();
    if (token !== undefined) return this.#sendWith(token, call);
    return whileCallerWaits(call.config, (wait) => this.parts.tokens.getToken(wait)).then(
      (fetched) => this.#sendWith(fetched, call),
    );
  }

  #sendWith(token: string, call: Call): Promise<AxiosResponse> {
    authorize(call.config, token);
    return call.adapter(call.config).then(
      (response) => (response.status === 401 ? this.#refused(token, call, { response }) : response),
      (error: unknown) => {
        const outcome = { error };
        if (answerOf(outcome)?.status === 401) return this.#refused(token, call, outcome);
        throw error;
      },
    );
  }

  async #refused(token: string, call: Call, outcome: Outcome): Promise<AxiosResponse> {
    const { config } = call;
    const answer = answerOf(outcome);
    if (!answer || lacksScope(answer) || !this.parts.isOurs(answer)) return settle(outcome);
    if (!(config.dokStamp?.replay ?? this.parts.replayByDefault)) {
      void this.#tokenAfter(token, config).catch(() => {});
      return settle(outcome);
    }
    const next = await this.#tokenAfter(token, config).catch((error: unknown) => {
      throw isDokStampError(error) ? error.with({ cause: asError(outcome, config) }) : error;
    });
    if (next === undefined) return settle(outcome);
    if (!call.headersBeforeBody && !isReplayable(config.data)) {
      if ('error' in outcome)
        Object.assign(outcome.error as object, { cause: bodyNotReplayable() });
      return settle(outcome);
    }
    return this.#replay(next, call, answer);
  }

  /** The token to replay with; undefined where the 401 is final. */
  async #tokenAfter(
    refused: string,
    config: AxiosConfig,
  ): Promise<{ token: string; isNew: boolean } | undefined> {
    const { tokens, holdback } = this.parts;
    const current = tokens.current();
    if (current !== undefined && current !== refused) return { token: current, isNew: false };
    if (current !== undefined && holdback.isHolding) return undefined;
    // While renewals are known not to help, a good token is not thrown away for a 401 that may not be about it.
    if (!holdback.isDoubtful) tokens.invalidate(refused);
    const token = await whileCallerWaits(config, (wait) => tokens.renew({ ...wait, refused }));
    if (token !== refused) return token === undefined ? undefined : { token, isNew: true };
    holdback.refusedAgain(token);
    return undefined;
  }

  async #replay(
    { token, isNew }: { token: string; isNew: boolean },
    call: Call,
    first: AxiosResponse,
  ): Promise<AxiosResponse> {
    const { config, adapter, headersBeforeBody } = call;
    const gone = callerGone(config);
    if (gone) throw gone;
    // An unread body would hold its connection.
    (first.data as { resume?(): void } | undefined)?.resume?.();
    if (headersBeforeBody) {
      config.headers = headersBeforeBody;
      config.data = transformed(
        config,
        config.transformRequest,
        asSendable(config.dokStamp?.body?.()),
      );
    }
    authorize(config, token);
    const outcome = await outcomeOf(adapter(config));
    const status = answerOf(outcome)?.status;
    if (status === 401 && isNew) this.parts.holdback.refusedAgain(token);
    if (status !== undefined && status !== 401) this.parts.holdback.helped();
    return settle(outcome);
  }
}

function authorize(config: AxiosConfig, token: string): void {
  config.headers.set('Authorization', `Bearer ${token}`);
}

// RFC 6750, 3.1: the token is good but not enough; no other one would be.
function lacksScope({ headers }: AxiosResponse): boolean {
  return /error\s*=\s*"?insufficient_scope/i.test(
    String((headers as Record<string, unknown>)['www-authenticate']),
  );
}
