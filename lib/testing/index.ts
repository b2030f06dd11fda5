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
export type {
  SandboxCertificate,
  SandboxCourse,
  SandboxFile,
  SandboxInstitution,
  SandboxMention,
  SandboxStudent,
} from './resources/resource.interface.js';
export type {
  CertificateSeed,
  CourseSeed,
  FileSeed,
  InstitutionSeed,
  SandboxSeed,
  SandboxSeeded,
  SeedMoment,
  SeedReference,
  StudentSeed,
} from './seed/seed.interface.js';
export type { TestRunner } from './test-runner.js';
