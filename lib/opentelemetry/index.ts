export {
  DokStampTelemetryModule,
  type DokStampTelemetryOptions,
} from './dokstamp-telemetry.module.js';
