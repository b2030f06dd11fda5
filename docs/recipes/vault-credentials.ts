import { Injectable, Module } from '@nestjs/common';
import { DokStampModule } from 'nestjs-dokstamp';

/** Reads secrets of the KV version 2 engine of HashiCorp Vault. */
@Injectable()
export class VaultService {
  async read(path: string): Promise<Record<string, string>> {
    const { VAULT_ADDR = 'http://127.0.0.1:8200', VAULT_TOKEN = '' } = process.env;
    const response = await fetch(`${VAULT_ADDR}/v1/secret/data/${path}`, {
      headers: { 'X-Vault-Token': VAULT_TOKEN },
      signal: AbortSignal.timeout(3_000),
    });
    if (!response.ok) throw new Error(`Vault answered ${response.status}.`);
    const { data } = (await response.json()) as { data: { data: Record<string, string> } };
    return data.data;
  }
}

@Module({ providers: [VaultService], exports: [VaultService] })
export class VaultModule {}

@Module({
  imports: [
    DokStampModule.forRootAsync({
      isGlobal: true,
      imports: [VaultModule],
      inject: [VaultService],
      useFactory: (vault: VaultService) => ({
        baseURL: process.env['DOKSTAMP_BASE_URL'],
        tenant: process.env['DOKSTAMP_TENANT'],
        // Called before every token request, so there is nothing to cache here: that is twice a day, and at most once
        // a second while DokStamp refuses the pair.
        credentials: async () => {
          const { client_id = '', client_secret = '' } = await vault.read('dokstamp');
          return { clientId: client_id, clientSecret: client_secret };
        },
      }),
    }),
  ],
})
export class AppModule {}
