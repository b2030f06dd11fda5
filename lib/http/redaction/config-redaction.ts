import type { AxiosConfig } from '../../axios/axios.types.js';
import { sealAgents } from '../../redaction/opaque-agent.js';
import type { SecretMask } from '../../redaction/secret-mask.js';
import { isReadOnce, spentBody } from '../body/request-body.js';

/** Takes out of a request config what shows the token or leads to it; it can still be sent again. */
export function redactConfig(config: AxiosConfig, mask: SecretMask): void {
  // Our Authorization goes, so that a retry gets the token of its moment; somebody else's is what their retry needs.
  const headers = (config.headers ?? {}) as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(headers)) {
    const text = String(value);
    if (mask.text(text) !== text) Reflect.deleteProperty(headers, name);
  }
  sealAgents(config);
  // A stream is piped into the socket.
  if (isReadOnce(config.data)) config.data = spentBody();
}
