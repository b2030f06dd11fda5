import { readFileSync } from 'node:fs';
import { Module } from '@nestjs/common';
import { ConfigModule, type ConfigType } from '@nestjs/config';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { DokStampModule, dokStampConfig } from 'nestjs-dokstamp';

/**
 * A tunnel through a proxy. The options of HttpsProxyAgent are about the connection to the proxy; those of the TLS
 * connection to DokStamp inside the tunnel are added here: `ca` for a proxy that opens TLS and signs it anew, `cert` and
 * `key` for mTLS.
 */
class TunnelAgent extends HttpsProxyAgent<string> {
  constructor(
    proxy: string,
    private readonly tls: { ca?: Buffer; cert?: Buffer; key?: Buffer },
  ) {
    super(proxy, { keepAlive: true });
  }

  override connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>) {
    return super.connect(request, { ...options, ...this.tls });
  }
}

@Module({
  imports: [
    DokStampModule.forRootAsync({
      isGlobal: true,
      imports: [ConfigModule.forFeature(dokStampConfig)],
      inject: [dokStampConfig.KEY],
      useFactory: (config: ConfigType<typeof dokStampConfig>) => {
        const { HTTPS_PROXY = '', TLS_CA_FILE } = process.env;
        const tls = TLS_CA_FILE ? { ca: readFileSync(TLS_CA_FILE) } : {};
        // `proxy: false`, or axios would read HTTPS_PROXY as well and go through the proxy inside the tunnel.
        return { ...config, http: { httpsAgent: new TunnelAgent(HTTPS_PROXY, tls), proxy: false } };
      },
    }),
  ],
})
export class AppModule {}
