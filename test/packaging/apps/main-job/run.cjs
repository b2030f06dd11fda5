'use strict';

// This package is required first, because it must not depend on what the app has loaded before.
const { DokStampHttpService, DokStampModule } = require('nestjs-dokstamp');
const { DokStampSandbox } = require('nestjs-dokstamp/testing');
const { NestFactory } = require('@nestjs/core');
const { mainJob } = require('./main-job.cjs');

void mainJob({ NestFactory, DokStampModule, DokStampHttpService, DokStampSandbox }).then((result) =>
  console.log(JSON.stringify({ ...result, from: require.resolve('nestjs-dokstamp') })),
);
