import type { INestApplication } from '@nestjs/common';
import type { DokStampCredentials, DokStampOptions, TokenService } from '../../../lib/index.js';
import type { DokStampSandbox } from '../../../lib/testing/index.js';

// What an `@example` takes from the app of its reader.

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
