import type { MeterProvider } from '@opentelemetry/api';
import { attributesOf } from './attributes.js';
import { type End, endOf, listen } from './listening.js';
import { SCOPE } from './scope.js';
import { TokenGauges } from './token-gauges.js';

// The seconds that the semantic conventions advise for the durations of HTTP requests.
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Turns what the channels tell into metrics. */
export function measure(meterProvider: MeterProvider): End {
  const meter = meterProvider.getMeter(...SCOPE);
  const requests = meter.createHistogram('dokstamp.token.request.duration', {
    unit: 's',
    description: 'How long token requests took, successful or not.',
    advice: { explicitBucketBoundaries: BUCKETS },
  });
  const waits = meter.createHistogram('dokstamp.token.wait.duration', {
    unit: 's',
    description: 'How long callers that could not be served at once waited for a token.',
    advice: { explicitBucketBoundaries: BUCKETS },
  });
  const replays = meter.createCounter('dokstamp.request.replays', {
    unit: '{request}',
    description: 'Requests that were sent once more, after a 401.',
  });
  const refused = meter.createCounter('dokstamp.token.refused', {
    unit: '{request}',
    description:
      'Requests whose token was refused by a 401, whether they were sent once more or not.',
  });
  const gauges = new TokenGauges(meter);
  return endOf(
    listen('tracing:dokstamp:token.request:asyncEnd', (message) =>
      requests.record((message.durationMs ?? 0) / 1_000, attributesOf(message)),
    ),
    listen('dokstamp:token.wait', (message) =>
      waits.record(message.durationMs / 1_000, attributesOf(message)),
    ),
    listen('dokstamp:request.replay', (message) => {
      const { account, outcome } = message;
      refused.add(1, attributesOf({ account }));
      if (outcome !== 'not_sent') replays.add(1, attributesOf(message));
    }),
    listen('dokstamp:gate', (message) => gauges.told(message)),
    () => gauges.stop(),
  );
}
