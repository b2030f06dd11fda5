import { Body, Controller, Get, Param, ParseUUIDPipe, Post, Put, Query } from '@nestjs/common';
import { CertificatesService } from './certificates.service.js';
import {
  type Diploma,
  type List,
  type Revocation,
  diplomaSchema,
  listSchema,
  revocationSchema,
} from './diploma.schema.js';

@Controller('certificates')
export class CertificatesController {
  constructor(private readonly certificates: CertificatesService) {}

  @Post()
  issue(@Body({ schema: diplomaSchema }) diploma: Diploma) {
    return this.certificates.issue(diploma);
  }

  @Get()
  list(@Query({ schema: listSchema }) query: List) {
    return this.certificates.list(query);
  }

  @Put(':uuid/revoke')
  revoke(
    @Param('uuid', ParseUUIDPipe) uuid: string,
    @Body({ schema: revocationSchema }) { reason }: Revocation,
  ) {
    return this.certificates.revoke(uuid, reason);
  }
}
