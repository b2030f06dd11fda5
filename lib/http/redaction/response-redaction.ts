import type { AxiosConfig, AxiosResponse } from '../../axios/axios.types.js';
import { maskValue } from '../../redaction/mask-value.js';
import type { SecretMask } from '../../redaction/secret-mask.js';
import { type Redact, isStream, withRedactedFailure, withoutSocket } from './answer-stream.js';
import { summaryOf } from './request-summary.js';
import { rewritten, withParts } from './rewritten.js';

/** The answer that an error carries, without secrets and sockets; in its place where that can be. */
export function redactResponse(
  given: AxiosResponse,
  config: AxiosConfig | undefined,
  mask: SecretMask,
  redact: Redact,
): AxiosResponse {
  const { request, data } = given as { request?: unknown; data: unknown };
  const parts = {
    ...(config && { config }),
    ...(request ? { request: summaryOf(request, mask) } : {}),
    data: isStream(data) ? withoutSocket(data, config, redact) : data,
  } as Partial<AxiosResponse>;
  const response = withParts(given, parts);
  const settled = new Set<unknown>([config, parts.request]);
  if (isStream(parts.data)) settled.add(parts.data);
  return rewritten(response, maskValue(response, mask, settled) as AxiosResponse);
}

/** Lets `redact` see an error of a streamed answer before the app does. */
export function watchStream(response: AxiosResponse, redact: Redact): void {
  const data: unknown = response.data;
  if (isStream(data)) response.data = withRedactedFailure(data, response.config, redact);
}
