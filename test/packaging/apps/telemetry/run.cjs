'use strict';

const { DokStampHttpService, DokStampModule } = require('nestjs-dokstamp');
const { DokStampTelemetryModule } = require('nestjs-dokstamp/opentelemetry');
const { DokStampSandbox } = require('nestjs-dokstamp/testing');
const { telemetry } = require('./telemetry.cjs');

const modules = [DokStampTelemetryModule];
void telemetry({ DokStampHttpService, DokStampModule, DokStampSandbox, modules });
