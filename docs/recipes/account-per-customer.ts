import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Param,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { ClsModule, ClsService, type ClsStore } from 'nestjs-cls';
import { DokStampAccounts, DokStampAccountsModule } from 'nestjs-dokstamp/accounts';

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

/** Puts the university of a verified token where the rest of the request finds it. */
@Injectable()
export class UniversityGuard implements CanActivate {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly cls: ClsService<RequestStore>,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    const [, token = ''] = (headers['authorization'] ?? '').split(' ');
    const claims = await this.accessTokens.verify(token);
    if (!claims) throw new UnauthorizedException();
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

  /** Of the university that is given, or else of the one that the request is for. */
  async all(university = this.cls.get('university') ?? ''): Promise<unknown> {
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
    return this.certificates.all(university);
  }

  // The key from a token that a guard has verified, by way of nestjs-cls.
  @Get('certificates')
  @UseGuards(UniversityGuard)
  ofToken(): Promise<unknown> {
    return this.certificates.all();
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
