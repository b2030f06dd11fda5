import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import { isDokStampError } from 'nestjs-dokstamp';

interface ApiFailure {
  readonly isAxiosError: true;
  readonly response?: { readonly status: number; readonly data: unknown };
}

/** What our callers learn of a failure at DokStamp: what they can mend, and when to come again; nothing of our account. */
@Catch()
export class DokStampErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (error instanceof HttpException) {
      response.status(error.getStatus()).json(error.getResponse());
    } else if (isDokStampError(error)) {
      if (error.retryAt) response.header('Retry-After', secondsUntil(error.retryAt));
      response
        .status(503)
        .json({ message: 'DokStamp cannot be used at the moment.', code: error.code });
    } else if (isApiFailure(error)) {
      const { status = 502, data } = error.response ?? {};
      if (status === 404 || status === 422) response.status(status).json(data);
      else response.status(502).json({ message: 'DokStamp did not do what was asked.', status });
    } else {
      console.error(error);
      response.status(500).json({ message: 'Internal server error' });
    }
  }
}

function isApiFailure(error: unknown): error is ApiFailure {
  return typeof error === 'object' && error !== null && 'isAxiosError' in error;
}

function secondsUntil(date: Date): string {
  return String(Math.max(1, Math.ceil((date.getTime() - Date.now()) / 1_000)));
}
