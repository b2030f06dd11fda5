import { DokStampError, isDokStampError } from './dokstamp.error.js';

/**
 * A request cannot be sent again, as nothing is left of its stream, or as `dokStamp.body` made no new one.
 * @param cause what `dokStamp.body` threw
 */
export function bodyNotReplayable(cause?: unknown): DokStampError {
  const message =
    cause === undefined
      ? 'The stream of this request has been sent before, and nothing is left of it. ' +
        'Pass a new one, or dokStamp.body, a function that makes the stream anew for each send.'
      : 'The request was refused with 401, and dokStamp.body threw when it was to make the body anew. ' +
        'See the cause.';
  return new DokStampError('body_not_replayable', message, { cause });
}

/** Whether this is the error of a request that was not sent for that. */
export function isBodyNotReplayable(error: unknown): error is DokStampError {
  return isDokStampError(error) && error.code === 'body_not_replayable';
}
