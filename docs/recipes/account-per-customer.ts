import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Param,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { ClsModule, ClsService, type ClsStore } from 'nestjs-cls';
import { DokStampAccounts, DokStampAccountsModule } from 'nestjs-dokstamp/accounts';

/** What the guard adds to a request. */
interface UniversityRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  university?: string;
}

interface RequestStore extends ClsStore {
  university?: string;
}

/** The database of your app: what DokStamp gave each university. */
@Injectable()
export class Universities {
  async dokStampOptionsOf(
    _key: string,
  ): Promise<{ clientId: string; clientSecret: string; tenant: string } | undefined> {
    return undefined;
  }
}

/** Your authentication: the claims of an access token that it has verified. */
@Injectable()
export class AccessTokens {
  async verify(_token: string): Promise<{ university: string } | undefined> {
    return undefined;
  }
}

/** Puts the university of a verified token where a handler finds it, and where whatever it calls does. */
@Injectable()
export class UniversityGuard implements CanActivate {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly cls: ClsService<RequestStore>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<UniversityRequest>();
    const [, token = ''] = (request.headers['authorization'] ?? '').split(' ');
    const claims = await this.accessTokens.verify(token);
    if (!claims) throw new UnauthorizedException();
    request.university = claims.university;
    this.cls.set('university', claims.university);
    return true;
  }
}

@Injectable()
export class CertificatesService {
  constructor(
    private readonly accounts: DokStampAccounts,
    private readonly cls: ClsService<RequestStore>,
  ) {}

  /** Of the university that the request is for. */
  async ofRequest(): Promise<unknown> {
    return this.of(this.cls.get('university'));
  }

  /** Without a university `get` rejects: there is no account that all would share by mistake. */
  async of(university = ''): Promise<unknown> {
    const { http } = await this.accounts.get(university);
    const { data } = await http.axiosRef.get<unknown>('/certificates');
    return data;
  }
}

@Controller()
export class CertificatesController {
  constructor(private readonly certificates: CertificatesService) {}

  // The key from the route. Check before that the caller may see this university.
  @Get('universities/:university/certificates')
  ofRoute(@Param('university') university: string): Promise<unknown> {
    return this.certificates.of(university);
  }

  // The key from a token that a guard has verified.
  @Get('certificates')
  @UseGuards(UniversityGuard)
  ofToken(@Req() { university }: UniversityRequest): Promise<unknown> {
    return this.certificates.of(university);
  }

  // The key by nestjs-cls: no handler has to pass it on.
  @Get('own/certificates')
  @UseGuards(UniversityGuard)
  ofRequest(): Promise<unknown> {
    return this.certificates.ofRequest();
  }
}

@Module({ providers: [Universities, AccessTokens], exports: [Universities, AccessTokens] })
export class UniversitiesModule {}

@Module({
  imports: [
    UniversitiesModule,
    ClsModule.forRoot({ global: true, middleware: { mount: true } }),
    DokStampAccountsModule.forRootAsync({
      isGlobal: true,
      imports: [UniversitiesModule],
      inject: [Universities],
      useFactory: (universities: Universities) => ({
        resolve: (key) => universities.dokStampOptionsOf(key),
        baseURL: process.env['DOKSTAMP_BASE_URL'] ?? 'https://api.dokstamp.com',
      }),
    }),
  ],
  controllers: [CertificatesController],
  providers: [CertificatesService, UniversityGuard],
})
export class AppModule {}
