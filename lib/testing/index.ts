export { DokStampSandbox } from './dokstamp-sandbox.js';
export type {
  DokStampSandboxOptions,
  SandboxApiControl,
  SandboxCredentials,
  SandboxFault,
  SandboxRequest,
  SandboxTokenEndpointControl,
} from './sandbox.interface.js';
