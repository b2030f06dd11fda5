import type { Readable } from 'node:stream';
import { timeLimit } from '../../async/time-limit.js';
import { isAxiosError } from '../../axios/host-axios.js';
import { type DokStampError, isDokStampError } from '../../errors/dokstamp.error.js';
import { createHttpService } from '../../http/http-service.factory.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import type { TokenService } from '../../token/token.service.js';
import { PATH, judge } from './api-answer.js';
import { type StepResult, failed } from './check-step.interface.js';

/** Calls the API once, with the token and the tenant, as the app would; it follows no redirect. */
export async function callApi(options: ResolvedOptions, accessToken: string): Promise<StepResult> {
  const { tenant, tokenTimeout } = options;
  const limit = timeLimit(tokenTimeout);
  try {
    const answer = await get(options, accessToken, limit.signal);
    const named = `the tenant ${JSON.stringify(tenant)}`;
    return await judge(answer, { named, tokenTimeout, signal: limit.signal });
  } catch (error) {
    if (isDokStampError(error)) return missingTenant(error);
    if (!isAxiosError(error)) throw error;
    const why = limit.signal.aborted ? `within ${tokenTimeout} ms` : `(${error.code})`;
    const next = 'Check the network; the token endpoint did answer.';
    return failed('tenant', `GET ${PATH} got no answer ${why}`, next);
  } finally {
    limit.end();
  }
}

function get(options: ResolvedOptions, accessToken: string, signal: AbortSignal) {
  const tokens = { getToken: async () => accessToken } as TokenService;
  return createHttpService(options, tokens).axiosRef.get<Readable>(PATH, {
    params: { per_page: 1 },
    signal,
    responseType: 'stream',
    maxRedirects: 0,
    validateStatus: () => true,
  });
}

function missingTenant({ message }: DokStampError): StepResult {
  return failed(
    'tenant',
    message,
    'Set DOKSTAMP_TENANT; where the app gives a tenant for each call, set it for this check alone.',
  );
}
