import { Readable } from 'node:stream';
import { type ArgumentsHost, Catch, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { Response } from 'express';
import { type DokStampError, isDokStampError } from 'nestjs-dokstamp';
import { type ApiFailure, isApiFailure, isApiMessage } from './api-failure.js';

/** What our callers learn of a failure at DokStamp: what they can mend, and when to come again; nothing of our account. */
@Catch()
export class DokStampErrorFilter extends BaseExceptionFilter {
  private readonly logger = new Logger(DokStampErrorFilter.name);

  override catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (isDokStampError(error)) this.answerUnavailable(error, response);
    else if (isApiFailure(error)) this.answerFailure(error, response);
    else super.catch(error, host);
  }

  private answerUnavailable({ code, message, retryAt }: DokStampError, response: Response): void {
    this.logger.warn(`${code}: ${message}`);
    if (retryAt) response.header('Retry-After', secondsUntil(retryAt));
    response.status(503).json({ message: 'DokStamp cannot be used at the moment.' });
  }

  private answerFailure({ message, response: answer }: ApiFailure, response: Response): void {
    const { status, data } = answer ?? {};
    // The answer to a download is a stream, also when it says no; left unread it would hold its connection.
    if (data instanceof Readable) data.destroy();
    if (status === 404 || status === 422) {
      response
        .status(status)
        .json(isApiMessage(data) ? data : { message: `DokStamp answered ${status}.` });
      return;
    }
    this.logger.warn(message);
    response.status(502).json({ message: 'DokStamp did not do what was asked.' });
  }
}

function secondsUntil(date: Date): string {
  return String(Math.max(1, Math.ceil((date.getTime() - Date.now()) / 1_000)));
}
