import type { OnApplicationShutdown } from '@nestjs/common';
import { type DokStampOptions, type DokStampOptionsFactory, dokStampConfig } from 'nestjs-dokstamp';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';
import { SharedStore } from './shared-store.js';

/** The way to DokStamp: the account of the environment, or a sandbox inside this app. */
export class DokStampConnection implements DokStampOptionsFactory, OnApplicationShutdown {
  sandbox: DokStampSandbox | undefined;
  readonly sharedStore = SharedStore.ofEnvironment();

  constructor(private readonly account: 'environment' | 'sandbox') {}

  async createDokStampOptions(): Promise<DokStampOptions> {
    const tokenStore = this.sharedStore?.tokenStore;
    if (this.account === 'environment') return { ...dokStampConfig(), tokenStore };
    const sandbox = await DokStampSandbox.start();
    this.sandbox = sandbox;
    const { url: baseURL, tenant } = sandbox;
    return { baseURL, tenant, credentials: () => sandbox.credentials, tokenStore };
  }

  async onApplicationShutdown(): Promise<void> {
    this.sharedStore?.close();
    await this.sandbox?.stop();
  }
}

/** Whether the environment names an account. A blank variable counts as unset, as it does for the package. */
export function environmentNamesAnAccount(): boolean {
  const { DOKSTAMP_CLIENT_ID, DOKSTAMP_CLIENT_ID_FILE } = process.env;
  return [DOKSTAMP_CLIENT_ID, DOKSTAMP_CLIENT_ID_FILE].some((value) => value?.trim());
}
