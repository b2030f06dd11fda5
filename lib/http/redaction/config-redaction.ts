import type { AxiosConfig } from '../../axios/axios.types.js';
import { opaqueAgentsOf } from '../../redaction/opaque-agent.js';
import type { SecretMask } from '../../redaction/secret-mask.js';
import { optionsWith } from '../body/made-body.js';
import { isOneShot, spentBody } from '../body/one-shot.js';
import { withParts } from './rewritten.js';

/** A request config without what shows the token or leads to it, in its place where that can be; it can be sent again. */
export function redactConfig(config: AxiosConfig, mask: SecretMask): AxiosConfig {
  const changes = {
    headers: withoutSecrets(config.headers, mask),
    ...opaqueAgentsOf(config),
    ...bodyWithoutSecrets(config, mask),
  } as Partial<AxiosConfig>;
  return withParts(config, changes);
}

function bodyWithoutSecrets(
  { data, dokStamp }: AxiosConfig,
  mask: SecretMask,
): Pick<AxiosConfig, 'data' | 'dokStamp'> {
  // A stream is piped into the socket.
  if (isOneShot(data)) return { data: spentBody() };
  const masked = typeof data === 'string' ? mask.text(data) : data;
  if (masked === data) return {};
  // Only the app itself can have put it there; what is sent again is what the app gave.
  const recipe = { make: () => data as unknown, transforms: undefined, hasOwnType: true };
  return { data: masked, dokStamp: optionsWith(recipe, dokStamp) };
}

// Our Authorization goes, so that a retry gets the token of its moment; one of the app's own is what its retry needs.
function withoutSecrets(headers: AxiosConfig['headers'], mask: SecretMask): AxiosConfig['headers'] {
  const all = Object.entries(headers ?? {});
  const clean = all.filter(([, value]) => mask.text(String(value)) === String(value));
  if (clean.length === all.length) return headers;
  const empty = Object.create(Reflect.getPrototypeOf(headers)) as AxiosConfig['headers'];
  return Object.assign(empty, Object.fromEntries(clean));
}
