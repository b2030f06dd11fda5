// Ours is imported first: nothing may depend on what the app has loaded before.
import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';
import { DokStampSandbox } from 'nestjs-dokstamp/testing';
import { NestFactory } from '@nestjs/core';
import { mainJob } from './main-job.cjs';

const result = await mainJob({ NestFactory, DokStampModule, DokStampHttpService, DokStampSandbox });
console.log(JSON.stringify({ ...result, from: import.meta.resolve('nestjs-dokstamp') }));
