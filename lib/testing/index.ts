export { describeTokenStore } from './describe-token-store.js';
export { DokStampSandbox } from './dokstamp-sandbox.js';
export type {
  DokStampSandboxOptions,
  SandboxApiControl,
  SandboxCredentials,
  SandboxFault,
  SandboxRequest,
  SandboxTokenEndpointControl,
} from './sandbox.interface.js';
export type { TestRunner } from './test-runner.js';
