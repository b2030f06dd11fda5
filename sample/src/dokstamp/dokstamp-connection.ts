import type { OnApplicationShutdown } from '@nestjs/common';
import { type DokStampOptions, type DokStampOptionsFactory, dokStampConfig } from 'nestjs-dokstamp';
import { DokStampSandbox, type SandboxCredentials } from 'nestjs-dokstamp/testing';
import { LIFETIME } from '../page/pace.js';
import { SharedStore } from './shared-store.js';

/** The way to DokStamp: the account of the environment, or a sandbox inside this app. */
export class DokStampConnection implements DokStampOptionsFactory, OnApplicationShutdown {
  sandbox: DokStampSandbox | undefined;
  readonly sharedStore = SharedStore.ofEnvironment();
  private vault: SandboxCredentials | undefined;

  constructor(private readonly account: 'environment' | 'sandbox') {}

  async createDokStampOptions(): Promise<DokStampOptions> {
    const tokenStore = this.sharedStore?.tokenStore;
    if (this.account === 'environment') return { ...dokStampConfig(), tokenStore };
    const sandbox = await DokStampSandbox.start({ expiresIn: LIFETIME, keepRequests: 0 });
    this.sandbox = sandbox;
    this.vault = sandbox.credentials;
    const { url: baseURL, tenant } = sandbox;
    return { baseURL, tenant, credentials: () => this.credentials, tokenStore };
  }

  /** What the app finds where it reads its client id and secret: a vault, say. */
  get credentials(): SandboxCredentials {
    return this.vault!;
  }

  /** The sandbox has a new client id and secret now, which the app does not know. */
  rotate(): void {
    this.sandbox?.rotateCredentials();
  }

  /** The app finds the pair that is valid now. */
  tell(): void {
    this.vault = this.sandbox?.credentials;
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
