// Compiled as consumer.mts and consumer.cts, and never run. An unused @ts-expect-error is an error.
import { type DynamicModule, Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import {
  type DokStampAsyncOptions,
  DokStampConfigError,
  type DokStampCredentials,
  DokStampError,
  type DokStampErrorCode,
  DokStampHttpService,
  DokStampModule,
  type DokStampOptions,
  type DokStampOptionsFactory,
  type DokStampRequestOptions,
  InjectDokStampHttp,
  InjectTokenService,
  type TokenEvent,
  TokenService,
  type TokenStatus,
  dokStampConfig,
  getDokStampHttpToken,
  getTokenServiceToken,
  isDokStampError,
} from 'nestjs-dokstamp';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';

const credentials: DokStampCredentials = { clientId: 'id', clientSecret: 'secret' };
const options: DokStampOptions = {
  baseURL: 'https://api.dokstamp.com',
  credentials: async () => credentials,
  tenant: () => 'my-university',
  startup: 'required',
  http: { timeout: 5_000 },
};

@Injectable()
class Factory implements DokStampOptionsFactory {
  createDokStampOptions(): DokStampOptions {
    return options;
  }
}

export const registrations: DynamicModule[] = [
  DokStampModule.forRoot({ ...credentials, tenant: 'my-university', name: 'eu', isGlobal: true }),
  DokStampModule.forRootAsync(),
  DokStampModule.forRootAsync(dokStampConfig.asProvider()),
  DokStampModule.forRootAsync({ useClass: Factory }),
  DokStampModule.forRootAsync({ useExisting: Factory, name: 'eu', isGlobal: true }),
  DokStampModule.forRootAsync({
    imports: [ConfigModule],
    inject: [ConfigService],
    useFactory: (config: ConfigService) => ({ ...credentials, tenant: config.get('TENANT') }),
  }),
  // @ts-expect-error a client id is a string
  DokStampModule.forRoot({ clientId: 1, clientSecret: 'secret' }),
  // @ts-expect-error no such way to start
  DokStampModule.forRoot({ ...credentials, startup: 'eager' }),
  // @ts-expect-error a number is no option
  DokStampModule.forRootAsync({ useFactory: () => ({ tokenTimeout: '10s' }) }),
  // @ts-expect-error not an injection token
  DokStampModule.forRootAsync({ inject: [42], useFactory: () => options }),
  // @ts-expect-error the class makes no options
  DokStampModule.forRootAsync({ useClass: class {} }),
];

export const asyncOptions: DokStampAsyncOptions = { useFactory: async () => options };

@Injectable()
export class Registrar {
  constructor(
    private readonly http: DokStampHttpService,
    private readonly tokens: TokenService,
    @InjectDokStampHttp('eu') private readonly europe: DokStampHttpService,
    @InjectTokenService('eu') readonly europeanTokens: TokenService,
    // @ts-expect-error a name is a string
    @InjectDokStampHttp(1) readonly wrong: DokStampHttpService,
  ) {}

  async requests(): Promise<void> {
    const dokStamp: DokStampRequestOptions = { tenant: 'a', skipAuth: false, replay: true };
    this.http.get('/certificates', { params: { sort: 'name' }, dokStamp });
    this.http.post('/files', undefined, { dokStamp: { body: () => 'again' } });
    this.http.request({ url: '/certificates', dokStamp });
    await this.http.axiosRef.get('/certificates', { dokStamp });
    await this.europe.axiosRef.request({ url: '/certificates', dokStamp });

    // @ts-expect-error a tenant is a string
    this.http.get('/certificates', { dokStamp: { tenant: 1 } });
    // @ts-expect-error no such option
    this.http.get('/certificates', { dokStamp: { retries: 3 } });
    // @ts-expect-error a body is made by a function
    await this.http.axiosRef.post('/files', undefined, { dokStamp: { body: 'once' } });
    // @ts-expect-error replay is a boolean
    await this.http.axiosRef.get('/certificates', { dokStamp: { replay: 1 } });
  }

  async token(): Promise<string> {
    const { state, expiresAt, lastError }: TokenStatus = this.tokens.status;
    const until: Date | undefined = expiresAt;
    const error: DokStampError | undefined = lastError;
    this.tokens.events$.subscribe((event: TokenEvent) => {
      if (event.type === 'issued') return event.expiresAt.getTime() + event.durationMs;
      if (event.type === 'renewal-failed') return event.retryAt.getTime();
      // @ts-expect-error nothing is known of the others but their type
      return event.error;
    });
    // @ts-expect-error no such state
    if (state === 'renewing') return String(until ?? error);
    // @ts-expect-error a time-out is in ms
    await this.tokens.getToken({ timeout: '1s' });
    const renewed = await this.tokens.renew({ timeout: 1_000, signal: AbortSignal.timeout(1_000) });
    const dropped: boolean = this.tokens.invalidate(renewed);
    return dropped ? this.tokens.getToken() : renewed;
  }
}

export function describeFailure(error: unknown): string {
  if (!isDokStampError(error)) return String(error);
  const code: DokStampErrorCode = error.code;
  if (error instanceof DokStampConfigError) return error.faults.join();
  // @ts-expect-error no such code
  if (code === 'unknown') return '';
  const retryAt: Date | undefined = error.retryAt;
  return `${code} ${error.status} ${error.retryable} ${retryAt?.toISOString()}`;
}

export const tokens = [getDokStampHttpToken('eu'), getTokenServiceToken()];

export async function sandbox(): Promise<void> {
  const server = await DokStampSandbox.start({ expiresIn: 10, tenant: 'a' });
  server.tokenEndpoint.fail({ status: 503, times: 1 });
  server.rotateCredentials().clientSecret.toUpperCase();
  const count: number = server.tokenRequests + server.requests.length;
  // @ts-expect-error a lifetime is a number of seconds
  server.expireIn(`${count}`);
  const { students, certificates } = server.seed({
    students: [{ name: 'Ana' }, { created_at: new Date() }],
    certificates: [{ status: 'issued', student: { name: 'Rui' } }],
  });
  const uuids: string[] = [students[1].uuid, certificates[0].uuid];
  // @ts-expect-error no such field
  server.seed({ students: [{ nam: uuids[0] }] });
  await server[Symbol.asyncDispose]();
}
