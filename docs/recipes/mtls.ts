import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { Module } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { DokStampModule, dokStampConfig } from 'nestjs-dokstamp';

function clientCertificate() {
  const { TLS_CERT_FILE = '', TLS_KEY_FILE = '', TLS_CA_FILE } = process.env;
  return {
    cert: readFileSync(TLS_CERT_FILE),
    key: readFileSync(TLS_KEY_FILE),
    // Takes the place of the authorities that Node.js trusts: only for a gateway with an authority of its own.
    ...(TLS_CA_FILE && { ca: readFileSync(TLS_CA_FILE) }),
  };
}

@Module({
  imports: [
    DokStampModule.forRootAsync({
      isGlobal: true,
      imports: [ConfigModule.forFeature(dokStampConfig)],
      inject: [dokStampConfig.KEY],
      useFactory: (config: ConfigType<typeof dokStampConfig>) => ({
        ...config,
        // What stands in `http` and concerns the connection holds for the token request too.
        http: { httpsAgent: new Agent({ ...clientCertificate(), keepAlive: true }) },
      }),
    }),
  ],
})
export class AppModule {}
