// Compiled by test/e2e/registration/public-types.spec.ts under `exactOptionalPropertyTypes`; nothing here runs.
import type {
  DokStampAccountsAsyncOptions,
  DokStampAccountsOptions,
  DokStampAccountsOptionsFactory,
} from '../../../lib/accounts/index.js';
import {
  type DokStampAccountExtras,
  type DokStampAsyncOptions,
  type DokStampCredentials,
  DokStampError,
  type DokStampErrorDetails,
  type DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  type DokStampRequestOptions,
  type HttpDefaults,
  type TokenRequestReason,
  type TokenService,
  type TokenStatus,
  type TokenStore,
  type WaitOptions,
} from '../../../lib/index.js';
import type { DokStampHealthIndicator } from '../../../lib/terminus/index.js';
import { DokStampTelemetryModule } from '../../../lib/opentelemetry/index.js';
import { DokStampSandbox, type DokStampSandboxOptions } from '../../../lib/testing/index.js';

declare const text: string | undefined;
declare const size: number | undefined;
declare const flag: boolean | undefined;
declare const date: Date | undefined;
declare const credentials: (() => DokStampCredentials) | undefined;
declare const tenant: string | (() => string | undefined) | undefined;
declare const startup: DokStampOptions['startup'];
declare const http: HttpDefaults | undefined;
declare const tokenStore: TokenStore | undefined;
declare const signal: AbortSignal | undefined;
declare const dokStamp: DokStampRequestOptions | undefined;

const shared = {
  baseURL: text,
  tenant,
  renewBeforeExpiry: size,
  tokenTimeout: size,
  replayOnUnauthorized: flag,
  allowInsecureHttp: flag,
  http,
  tokenStore,
};

export const options: DokStampOptions = {
  ...shared,
  clientId: text,
  clientSecret: text,
  credentials,
  startup,
};
export const extras: DokStampAccountExtras = { name: text, isGlobal: flag };
export const asyncOptions: DokStampAsyncOptions = { ...extras, useFactory: () => options };
export const registrations = [
  DokStampModule.forRoot({ ...options, ...extras }),
  DokStampModule.forRootAsync(asyncOptions),
];

export const request: DokStampRequestOptions = {
  tenant: text,
  skipAuth: flag,
  replay: flag,
  body: undefined,
};
export const wait: WaitOptions = { signal, timeout: size };

export async function calls(api: DokStampHttpService, tokens: TokenService): Promise<string> {
  api.get('/certificates', { dokStamp });
  await api.axiosRef.post('/files', undefined, { dokStamp: request });
  await tokens.renew({ signal, timeout: size });
  return tokens.getToken(wait);
}

export const details: DokStampErrorDetails = {
  retryable: flag,
  retryAt: date,
  status: size,
  errorDescription: text,
  attempts: size,
  account: text,
  cause: undefined,
};
export const error = new DokStampError('closed', 'The application has shut down.', details);

export const status: TokenStatus = {
  state: 'absent',
  issuedAt: date,
  expiresAt: date,
  nextRenewalAt: date,
  lastError: undefined,
  blockedUntil: date,
};
export const reason: TokenRequestReason = 'startup';

export const accounts: DokStampAccountsOptions = {
  ...shared,
  resolve: () => options,
  max: size,
  idleAfter: size,
  logKey: undefined,
};
export const accountsFactory: DokStampAccountsOptionsFactory = {
  createDokStampAccountsOptions: () => accounts,
};
export const accountsAsync: DokStampAccountsAsyncOptions = {
  isGlobal: flag,
  useFactory: () => accounts,
};

export const telemetry = DokStampTelemetryModule.forRoot({
  meterProvider: undefined,
  tracerProvider: undefined,
});
export const health = (indicator: DokStampHealthIndicator) =>
  indicator.isHealthy('dokstamp', { name: text, degradedIsDown: flag });

export const sandboxOptions: DokStampSandboxOptions = {
  port: size,
  clientId: text,
  clientSecret: text,
  tenant: text,
  expiresIn: size,
  keepRequests: size,
  onAnswer: undefined,
};
export async function sandbox(): Promise<void> {
  await using server = await DokStampSandbox.start({ ...sandboxOptions, tenant: text });
  server.tokenEndpoint.fail({ status: 503, body: text, retryAfter: size, times: size });
  server.seed({
    institutions: undefined,
    students: [{ name: text, email: text, created_at: date }],
    certificates: [{ student: undefined, issued_at: date, finish: flag }],
  });
}
