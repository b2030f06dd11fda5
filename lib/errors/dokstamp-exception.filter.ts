import { type ArgumentsHost, Catch, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { replyUnavailable } from './unavailable-reply.js';
import { WantOfToken, isWantOfToken } from './want-of-token.js';

const logger = new Logger('DokStampExceptionFilter');

/**
 * Answers an HTTP request that failed for want of a token with `503 Service Unavailable`: `Retry-After` in whole
 * seconds where `retryAt` is known (RFC 9110, 10.2.3), and a body that names the code and nothing else, such as
 * `{ "code": "token_request_failed" }`. On Express and Fastify.
 *
 * For want of a token means a {@link DokStampError} with one of the codes `token_request_failed`,
 * `token_response_invalid`, `token_rate_limited`, `token_request_rejected`, `invalid_client`,
 * `credentials_unavailable`, `token_wait_timeout` and `closed`. Everything else goes to the app's other filters, and
 * to Nest's own where none matches: the `AxiosError` of an API call, also one whose `cause` is a `DokStampError`;
 * `config_invalid`, `tenant_missing`, `tenant_invalid`, `token_not_accepted`, `account_unknown` and `body_not_replayable`,
 * which are faults to correct; errors of any other kind. So it stands beside filters of the app; of those that match, Nest takes the one
 * registered last.
 *
 * Only HTTP is answered: in microservices and GraphQL resolvers Nest's own filter of the context goes on with the
 * error. Nest takes no global filter for gateways; bound to a gateway, this filter only logs the error.
 *
 * It logs nothing for a refused request: the module has logged the failure once, and will log when it is over.
 *
 * For one controller: `@UseFilters(DokStampExceptionFilter)`. For all of them, one of these:
 *
 * @example In any module
 * ```ts
 * providers: [{ provide: APP_FILTER, useClass: DokStampExceptionFilter }]
 * ```
 *
 * @example In main.ts
 * ```ts
 * app.useGlobalFilters(new DokStampExceptionFilter(app.getHttpAdapter()));
 * ```
 */
@Catch(WantOfToken)
export class DokStampExceptionFilter extends BaseExceptionFilter<unknown> {
  /**
   * Answers the request, or hands it to Nest's own filter.
   *
   * @throws Error if it was made by `new` without the HTTP adapter; Nest then answers 500.
   */
  override catch(exception: unknown, host: ArgumentsHost): void {
    const context = host.getType<string>();
    if (context === 'ws') {
      // A gateway asks no further filter, and what this one threw would end the process.
      logger.error(exception);
    }
    // Elsewhere, nothing returned means not handled: Nest's own filter is next.
    if (context !== 'http') return;
    if (!isWantOfToken(exception)) {
      super.catch(exception, host);
      return;
    }
    const adapter = this.applicationRef ?? this.httpAdapterHost?.httpAdapter;
    if (!adapter) {
      throw new Error(
        'DokStampExceptionFilter has no HTTP adapter: use new DokStampExceptionFilter(app.getHttpAdapter()), ' +
          'or let Nest make it: { provide: APP_FILTER, useClass: DokStampExceptionFilter }.',
        { cause: exception },
      );
    }
    replyUnavailable(adapter, host.getArgByIndex<unknown>(1), exception);
  }
}
