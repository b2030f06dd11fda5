import { createRequire } from 'node:module';
import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';
import * as imported from 'nestjs-dokstamp/opentelemetry';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';
import { telemetry } from './telemetry.cjs';

const required = createRequire(import.meta.url)('nestjs-dokstamp/opentelemetry');
const modules = [imported, required].map((entry) => entry.DokStampTelemetryModule);
if (modules[0] === modules[1]) throw new Error('There is one copy only.');
await telemetry({ DokStampHttpService, DokStampModule, DokStampSandbox, modules });
