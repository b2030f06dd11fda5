import { Module, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { DokStampModule } from 'nestjs-dokstamp';
import { DokStampConnection } from './dokstamp/dokstamp-connection.js';
import { DokStampConnectionModule } from './dokstamp/dokstamp-connection.module.js';
import { DokStampErrorFilter } from './dokstamp/dokstamp-error.filter.js';
import { CertificatesController } from './registrar/certificates.controller.js';
import { CertificatesService } from './registrar/certificates.service.js';
import { EntitiesService } from './registrar/entities.service.js';
import { FilesController } from './registrar/files.controller.js';
import { FilesService } from './registrar/files.service.js';
import { TokenController } from './registrar/token.controller.js';

@Module({
  imports: [
    DokStampConnectionModule,
    DokStampModule.forRootAsync({
      imports: [DokStampConnectionModule],
      useExisting: DokStampConnection,
    }),
  ],
  controllers: [CertificatesController, FilesController, TokenController],
  providers: [
    CertificatesService,
    EntitiesService,
    FilesService,
    { provide: APP_PIPE, useClass: StandardSchemaValidationPipe },
    { provide: APP_FILTER, useClass: DokStampErrorFilter },
  ],
})
export class AppModule {}
