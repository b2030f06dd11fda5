import type { AxiosResponse } from '../../axios/axios.types.js';
import { isAxiosError } from '../../axios/host-axios.js';
import { SYSTEM_CLOCK } from '../../async/clock.js';
import { type DokStampError, isDokStampError } from '../../errors/dokstamp.error.js';
import { createHttpService } from '../../http/http-service.factory.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import type { TokenService } from '../../token/token.service.js';
import { type StepResult, failed, ok, skipped } from './check-step.interface.js';

// An HTTP date tells seconds, and the answer was some time on its way.
const TOLERANCE_MS = 60_000;

const PATH = '/certificates';

/** Calls the API once, with the token and the tenant, as the app would. */
export async function callApi(
  options: ResolvedOptions,
  accessToken: string,
): Promise<StepResult[]> {
  const tokens = { getToken: async () => accessToken } as TokenService;
  const { axiosRef } = createHttpService(options, tokens);
  try {
    const timeout = options.tokenTimeout;
    const response = await axiosRef.get(PATH, { params: { per_page: 1 }, timeout });
    return [clockStep(response), tenantStep(options, response.status)];
  } catch (error) {
    if (isDokStampError(error)) return [noAnswer(), missingTenant(error)];
    if (!isAxiosError(error)) throw error;
    const { response } = error;
    if (!response) {
      const next = 'Check the network; the token endpoint did answer.';
      return [noAnswer(), failed('tenant', `GET ${PATH} got no answer (${error.code})`, next)];
    }
    return [clockStep(response), tenantStep(options, response.status)];
  }
}

function noAnswer(): StepResult {
  return skipped('clock', 'not checked, as the API gave no answer');
}

function missingTenant({ message }: DokStampError): StepResult {
  return failed(
    'tenant',
    message,
    'Set DOKSTAMP_TENANT; where the app gives a tenant for each call, set it for this check alone.',
  );
}

function clockStep({ headers }: AxiosResponse): StepResult {
  const date = Date.parse(String(headers['date']));
  if (Number.isNaN(date)) return skipped('clock', 'not checked, as the answer has no Date header');
  const offMs = SYSTEM_CLOCK.now() - date;
  if (Math.abs(offMs) < TOLERANCE_MS) return ok('clock', 'it agrees with that of the server');
  const minutes = Math.round(Math.abs(offMs) / 60_000);
  return failed(
    'clock',
    `it is ${minutes} min ${offMs > 0 ? 'ahead of' : 'behind'} that of the server`,
    "Set the machine's clock by NTP: certificates, and a token store that is shared, depend on it.",
  );
}

function tenantStep({ tenant }: ResolvedOptions, status: number): StepResult {
  const named = `the tenant ${JSON.stringify(tenant)}`;
  const call = `GET ${PATH} answers ${status}`;
  if (status < 300) return ok('tenant', `${call} for ${named}`);
  switch (status) {
    case 401:
    case 403:
      return failed(
        'tenant',
        `${call} for ${named}`,
        'Compare DOKSTAMP_TENANT with the identifier of the account (tenant.domain, in the dashboard under Settings > API), and ask whether the client may act for it.',
      );
    case 404:
      return failed(
        'tenant',
        `${call} for ${named}`,
        'Check DOKSTAMP_TENANT, and whether the path in DOKSTAMP_BASE_URL is right.',
      );
    default:
      return failed(
        'tenant',
        `${call} for ${named}`,
        'Try again later; if it stays, tell DokStamp.',
      );
  }
}
