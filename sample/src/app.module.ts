import { type DynamicModule, Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { DokStampExceptionFilter, DokStampModule } from 'nestjs-dokstamp';
import { DokStampConnection } from './dokstamp/dokstamp-connection.js';
import { DokStampConnectionModule } from './dokstamp/dokstamp-connection.module.js';
import { FailureFilter } from './failures/failure.filter.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { PageModule } from './page/page.module.js';
import { CertificatesController } from './registrar/certificates.controller.js';
import { CertificatesService } from './registrar/certificates.service.js';
import { EntitiesService } from './registrar/entities.service.js';
import { FilesController } from './registrar/files.controller.js';
import { FilesService } from './registrar/files.service.js';
import { TokenController } from './registrar/token.controller.js';

@Module({
  controllers: [CertificatesController, FilesController, TokenController],
  providers: [
    CertificatesService,
    EntitiesService,
    FilesService,
    { provide: APP_PIPE, useClass: StandardSchemaValidationPipe },
    // Nest asks the last one first.
    { provide: APP_FILTER, useClass: FailureFilter },
    { provide: APP_FILTER, useClass: DokStampExceptionFilter },
  ],
})
export class AppModule {
  /** With the account of the environment, or with a sandbox. */
  static register(account: 'environment' | 'sandbox'): DynamicModule {
    const connection = DokStampConnectionModule.register(account);
    const dokstamp = DokStampModule.forRootAsync({
      imports: [connection],
      useExisting: DokStampConnection,
    });
    return {
      module: AppModule,
      imports: [
        connection,
        dokstamp,
        MetricsModule.register(),
        PageModule.register(account, [connection, dokstamp]),
      ],
    };
  }
}
