import { type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { TokenRequestMessage } from '../diagnostics/messages.js';
import { attributesOf } from './attributes.js';

/** A client span for each token request. It is made for all who wait, and so belongs to no caller's trace. */
export class TokenRequestSpans {
  readonly #spans = new WeakMap<TokenRequestMessage, Span>();

  constructor(private readonly tracer: Tracer) {}

  begun(message: TokenRequestMessage): void {
    const { attempt, server } = message;
    const span = this.tracer.startSpan('dokstamp.token.request', {
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
    this.#spans.set(message, span);
  }

  ended(message: TokenRequestMessage): void {
    const span = this.#spans.get(message);
    if (!span) return;
    span.setAttributes(attributesOf(message));
    if (message.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
}
