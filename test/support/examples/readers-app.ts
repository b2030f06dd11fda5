import type { INestApplication } from '@nestjs/common';
import type { DokStampCredentials, DokStampOptions, TokenService } from '../../../lib/index.js';
import type { DokStampSandbox } from '../../../lib/testing/index.js';

// The names that the examples in doc comments use without importing or declaring them. Add the name if an example does
// not compile because of it.

export type { ModuleMetadata } from '@nestjs/common';
export { ConfigModule } from '@nestjs/config';
export { APP_FILTER } from '@nestjs/core';
export { HealthCheckService } from '@nestjs/terminus';
export { Test } from '@nestjs/testing';
export { expect } from 'vitest';
export { DokStampAccounts, DokStampAccountsModule } from '../../../lib/accounts/index.js';
export {
  DokStampExceptionFilter,
  DokStampHttpService,
  DokStampModule,
} from '../../../lib/index.js';
export { DokStampTelemetryModule } from '../../../lib/opentelemetry/index.js';
export { DokStampHealthIndicator } from '../../../lib/terminus/index.js';
export { DokStampSandbox } from '../../../lib/testing/index.js';

export declare const app: INestApplication;
export declare const tokenService: TokenService;
export declare const sandbox: DokStampSandbox;
export declare const url: string;
export declare const secretOfMyVault: string;

export declare class CertificatesService {
  issued(): Promise<{ uuid: string }[]>;
}

export declare class VaultModule {}
export declare class Vault {
  read(path: string): Promise<DokStampCredentials>;
}

export declare const database: {
  dokStampPairOf(university: string): Promise<DokStampOptions | undefined>;
};
export declare class UniversitiesModule {}
export declare class Universities {
  dokStampOptionsOf(key: string): Promise<DokStampOptions | undefined>;
}
