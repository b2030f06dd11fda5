// An app without this package. If it does not compile, no Nest app of that kind does.
import { Module } from '@nestjs/common';

@Module({})
export class AppModule {}
