import { type ArgumentsHost, Catch, HttpException, HttpStatus, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { failureOf, isApiFailure } from './api-failure.js';
import type { Failure } from './failure.js';

/**
 * Gives every failure one shape, `{ code, message? }`. Those for want of a token have it from the package:
 * DokStampExceptionFilter, which is asked before this one, tells the code alone.
 */
@Catch()
export class FailureFilter extends BaseExceptionFilter {
  private readonly logger = new Logger(FailureFilter.name);

  override catch(error: unknown, host: ArgumentsHost): void {
    const { status, message } = this.failure(error);
    const code = HttpStatus[status]?.toLowerCase() ?? 'error';
    super.catch(new HttpException({ code, message }, status), host);
  }

  private failure(error: unknown): Failure {
    if (error instanceof HttpException) {
      return { status: error.getStatus(), message: messageOf(error) };
    }
    if (isApiFailure(error)) {
      const failure = failureOf(error);
      if (failure.status === 502) this.logger.warn(error.message);
      return failure;
    }
    this.logger.error(error);
    return { status: 500, message: 'Something went wrong here.' };
  }
}

/** Of wrong input, Nest gives a list: one text for each fault. */
function messageOf(error: HttpException): string | string[] {
  const body = error.getResponse();
  return typeof body === 'object' && 'message' in body
    ? (body.message as string | string[])
    : error.message;
}
