import { Module } from '@nestjs/common';
import { DokStampConnection } from './dokstamp-connection.js';

@Module({ providers: [DokStampConnection], exports: [DokStampConnection] })
export class DokStampConnectionModule {}
