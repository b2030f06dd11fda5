import { type Span, SpanKind, SpanStatusCode, type TracerProvider } from '@opentelemetry/api';
import type { TokenRequestMessage } from '../diagnostics/messages.js';
import { type Told, attributesOf } from './attributes.js';
import { type End, endOf, listen } from './listening.js';
import { SCOPE } from './scope.js';

/** A client span for each token request. It is made for all who wait, and so belongs to no caller's trace. */
export function traceTokenRequests(tracerProvider: TracerProvider): End {
  const tracer = tracerProvider.getTracer(...SCOPE);
  const underWay = new Map<TokenRequestMessage, Span>();
  const ended = (message: TokenRequestMessage) => {
    const span = underWay.get(message);
    if (span) finish(span, message);
    underWay.delete(message);
  };
  return endOf(
    listen('tracing:dokstamp:token.request:start', (message) => {
      const { attempt, server } = message;
      const span = tracer.startSpan('dokstamp.token.request', {
        kind: SpanKind.CLIENT,
        root: true,
        attributes: {
          ...attributesOf(message),
          'http.request.method': 'POST',
          'server.address': server.address,
          'server.port': server.port,
          ...(attempt > 1 && { 'http.request.resend_count': attempt - 1 }),
        },
      });
      underWay.set(message, span);
    }),
    listen('tracing:dokstamp:token.request:asyncEnd', ended),
    // What is under way ends with the app, but after this: nobody would end its span.
    () => {
      underWay.forEach((span, { account }) =>
        finish(span, { account, outcome: 'failed', code: 'closed' }),
      );
    },
  );
}

function finish(span: Span, message: Told): void {
  span.setAttributes(attributesOf(message));
  if (message.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
