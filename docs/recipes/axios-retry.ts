import { Injectable, Module, type OnModuleInit } from '@nestjs/common';
import axiosRetry, { exponentialDelay, isSafeRequestError, retryAfter } from 'axios-retry';
import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';

// Where the API asks for a longer pause, the caller gets its answer at once and can come back later.
const LONGEST_PAUSE_MS = 30_000;

/**
 * Tries calls again that met 429, 5xx or a lost connection. Only those that change nothing: DokStamp has no
 * idempotency keys, so a POST whose answer was lost may have been done.
 *
 * A 401 is not among them: DokStampHttpService has renewed the token and sent the call once more by the time a 401
 * comes here, and what is refused then needs another tenant or other credentials, not another try.
 */
@Injectable()
export class DokStampRetry implements OnModuleInit {
  constructor(private readonly dokstamp: DokStampHttpService) {}

  onModuleInit(): void {
    axiosRetry(this.dokstamp.axiosRef, {
      retries: 3,
      retryCondition: (error) =>
        isSafeRequestError(error) &&
        error.code !== 'ERR_CANCELED' &&
        retryAfter(error) <= LONGEST_PAUSE_MS,
      // 400, 800, 1600 ms, or as long as Retry-After says; up to a fifth longer at random.
      retryDelay: (attempt, error) => exponentialDelay(attempt, error, 200),
      // `timeout` is the limit of each attempt, not of all of them together.
      shouldResetTimeout: true,
    });
  }
}

@Module({
  imports: [DokStampModule.forRootAsync({ isGlobal: true })],
  providers: [DokStampRetry],
})
export class AppModule {}
