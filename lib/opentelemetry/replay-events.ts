import { trace } from '@opentelemetry/api';
import { attributesOf } from './attributes.js';
import { type End, listen } from './listening.js';

/** Puts an event for each replay on its caller's span, whichever provider that is of. */
export function noteReplays(): End {
  return listen('dokstamp:request.replay', (message) => {
    if (message.outcome === 'not_sent') return;
    trace.getActiveSpan()?.addEvent('dokstamp.request.replay', attributesOf(message));
  });
}
