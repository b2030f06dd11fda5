import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Param,
  ParseUUIDPipe,
  Post,
  StreamableFile,
} from '@nestjs/common';
import { FilesService } from './files.service.js';

@Controller('files')
export class FilesController {
  constructor(private readonly files: FilesService) {}

  /** Takes the PDF as it is: `Content-Type: application/pdf`. */
  @Post()
  upload(@Body() pdf: unknown) {
    if (!Buffer.isBuffer(pdf) || pdf.toString('latin1', 0, 5) !== '%PDF-') {
      throw new BadRequestException('Send a PDF with Content-Type: application/pdf.');
    }
    return this.files.upload(Uint8Array.from(pdf), 'diploma.pdf');
  }

  @Get(':uuid/download')
  async download(@Param('uuid', ParseUUIDPipe) uuid: string) {
    return new StreamableFile(await this.files.download(uuid), { type: 'application/pdf' });
  }
}
