import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';
import { DokStampTelemetryModule } from 'nestjs-dokstamp/opentelemetry';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';
import { telemetry } from './telemetry.cjs';

const modules = [DokStampTelemetryModule];
await telemetry({ DokStampHttpService, DokStampModule, DokStampSandbox, modules });
