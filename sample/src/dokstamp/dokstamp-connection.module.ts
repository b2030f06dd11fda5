import { type DynamicModule, Module } from '@nestjs/common';
import { DokStampConnection } from './dokstamp-connection.js';

@Module({ exports: [DokStampConnection] })
export class DokStampConnectionModule {
  static register(account: 'environment' | 'sandbox'): DynamicModule {
    const useFactory = () => new DokStampConnection(account);
    return {
      module: DokStampConnectionModule,
      providers: [{ provide: DokStampConnection, useFactory }],
    };
  }
}
