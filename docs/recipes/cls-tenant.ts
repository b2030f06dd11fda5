import type { IncomingMessage } from 'node:http';
import { Controller, Get, Module, Query } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { ClsModule, ClsService, type ClsStore } from 'nestjs-cls';
import { DokStampHttpService, DokStampModule, dokStampConfig } from 'nestjs-dokstamp';

interface RequestStore extends ClsStore {
  tenant?: string;
}

// Or a claim that your authentication has verified. Never a value that the client may choose freely.
const TENANT_OF_HOST: Readonly<Record<string, string>> = {
  'my-university.portal.example': 'my-university',
  'other-university.portal.example': 'other-university',
};

@Controller('students')
export class StudentsController {
  constructor(private readonly dokstamp: DokStampHttpService) {}

  @Get()
  async find(@Query('email') email: string): Promise<unknown> {
    const { data } = await this.dokstamp.axiosRef.get<unknown>('/students', {
      params: { where: { email } },
    });
    return data;
  }
}

@Module({
  imports: [
    ClsModule.forRoot({
      global: true,
      middleware: {
        mount: true,
        setup: (cls: ClsService<RequestStore>, { headers }: IncomingMessage) =>
          cls.set('tenant', TENANT_OF_HOST[headers.host ?? '']),
      },
    }),
    DokStampModule.forRootAsync({
      isGlobal: true,
      imports: [ConfigModule.forFeature(dokStampConfig)],
      inject: [dokStampConfig.KEY, ClsService],
      useFactory: (config: ConfigType<typeof dokStampConfig>, cls: ClsService<RequestStore>) => ({
        ...config,
        // Called for each request; without a tenant it rejects with `tenant_missing`, and nothing is sent.
        tenant: () => cls.get('tenant'),
      }),
    }),
  ],
  controllers: [StudentsController],
})
export class AppModule {}
