import type { Readable } from 'node:stream';
import { readBody } from '../../async/bounded-body.js';
import { discard } from '../../async/discard.js';
import type { AxiosResponse } from '../../axios/axios.types.js';
import { IS_IT_THE_API, type StepResult, failed, ok } from './check-step.interface.js';

/** What is called. */
export const PATH = '/certificates';

// Far more than one certificate has.
const LARGEST_ANSWER = 1024 * 1024;

/** An answer whose body is yet to be read. */
type StreamedAnswer = AxiosResponse & { readonly data: Readable };

/** Under what the API was called. */
export interface ApiCall {
  /** The tenant, in words. */
  readonly named: string;
  readonly tokenTimeout: number;
  readonly signal: AbortSignal;
}

/** What the answer of the API says of the tenant. A success counts only as a whole; a refusal by its status. */
export async function judge(answer: StreamedAnswer, call: ApiCall): Promise<StepResult> {
  if (answer.status >= 200 && answer.status < 300) return await judgeBody(answer, call);
  discard(answer.data);
  return refusal(answer, call);
}

async function judgeBody(
  { status, data }: StreamedAnswer,
  { named, tokenTimeout, signal }: ApiCall,
): Promise<StepResult> {
  const { bytes, flaw } = await readBody(data, LARGEST_ANSWER, signal);
  if (signal.aborted) {
    return failed(
      'tenant',
      `GET ${PATH} answers ${status}, but its answer did not end within ${tokenTimeout} ms`,
      'Check the network and what stands between; DOKSTAMP_TOKEN_TIMEOUT gives it more time.',
    );
  }
  if (flaw instanceof Error) {
    return failed(
      'tenant',
      `GET ${PATH} answers ${status}, but its answer cannot be read to its end`,
      'Check the network and what stands between.',
    );
  }
  if (flaw === undefined && isOfApi(new TextDecoder().decode(bytes))) {
    return ok('tenant', `GET ${PATH} answers ${status} for ${named}`);
  }
  return failed(
    'tenant',
    `GET ${PATH} answers ${status}, but not with JSON of the API`,
    IS_IT_THE_API,
  );
}

function isOfApi(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function refusal({ status, headers, config }: AxiosResponse, { named }: ApiCall): StepResult {
  const call = `GET ${PATH} answers ${status} for ${named}`;
  switch (status) {
    case 401:
    case 403:
      return failed(
        'tenant',
        call,
        'Compare DOKSTAMP_TENANT with the identifier of the account (tenant.domain, in the dashboard under Settings > API), and ask whether the client may act for it.',
      );
    case 404:
      return failed(
        'tenant',
        call,
        'Check DOKSTAMP_TENANT, and whether the path in DOKSTAMP_BASE_URL is right.',
      );
    default:
      if (status < 400) return redirect(status, headers['location'], config.baseURL);
      return failed('tenant', call, 'Try again later; if it stays, tell DokStamp.');
  }
}

// Its host alone: the rest of such an address may be somebody's session.
function redirect(status: number, location: unknown, base: string | undefined): StepResult {
  const isAddress = typeof location === 'string' && URL.canParse(location, base);
  const to = isAddress ? ` to ${new URL(location, base).host}` : '';
  return failed(
    'tenant',
    `GET ${PATH} answers with a redirect (${status})${to}`,
    'Set DOKSTAMP_BASE_URL to the address that needs no redirect; an app would lose the body of its calls on the way.',
  );
}
