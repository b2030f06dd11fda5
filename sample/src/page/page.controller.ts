import { createReadStream } from 'node:fs';
import { Controller, Get, Header, Headers, StreamableFile } from '@nestjs/common';
import { ENDPOINTS } from './endpoints.js';
import { PAGE } from './page-files.js';

const INDEX = new URL('index.html', PAGE);

@Controller()
export class PageController {
  /** The page; for a program that asks for JSON, what there is. */
  @Get()
  @Header('Vary', 'Accept')
  show(@Headers('accept') accept = '') {
    if (accept.includes('json') && !accept.includes('html')) return this.endpoints();
    return new StreamableFile(createReadStream(INDEX), { type: 'text/html; charset=utf-8' });
  }

  @Get('endpoints')
  endpoints() {
    return { endpoints: ENDPOINTS };
  }
}
