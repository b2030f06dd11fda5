import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { type DokStampOptions, type DokStampOptionsFactory, dokStampConfig } from 'nestjs-dokstamp';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';

/** The way to DokStamp: the account of the environment, or, without one, a sandbox inside this app. */
@Injectable()
export class DokStampConnection implements DokStampOptionsFactory, OnApplicationShutdown {
  sandbox: DokStampSandbox | undefined;

  async createDokStampOptions(): Promise<DokStampOptions> {
    const { DOKSTAMP_CLIENT_ID, DOKSTAMP_CLIENT_ID_FILE } = process.env;
    if (DOKSTAMP_CLIENT_ID ?? DOKSTAMP_CLIENT_ID_FILE) return dokStampConfig();
    const sandbox = await DokStampSandbox.start();
    this.sandbox = sandbox;
    return { baseURL: sandbox.url, tenant: sandbox.tenant, credentials: () => sandbox.credentials };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.sandbox?.stop();
  }
}
