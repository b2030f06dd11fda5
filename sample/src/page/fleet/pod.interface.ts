import type { SandboxCredentials } from 'nestjs-dokstamp/testing';

/** What a process of the fleet is told. */
export interface PodOrder {
  readonly baseURL: string;
  readonly tenant: string;
  readonly credentials: SandboxCredentials;
}

/** What it tells, twice a second. */
export interface PodCounts {
  calls: number;
  failed: number;
  tokenRequests: number;
}
