import { Injectable, Logger, Module } from '@nestjs/common';
import { Cron, CronExpression, ScheduleModule } from '@nestjs/schedule';
import { DokStampHttpService, DokStampModule } from 'nestjs-dokstamp';

/** Warns of certificates that were begun and never issued. */
@Injectable()
export class DraftsJob {
  private readonly logger = new Logger(DraftsJob.name);

  constructor(private readonly dokstamp: DokStampHttpService) {}

  // A run that takes longer than ten minutes is not joined by a second one.
  @Cron(CronExpression.EVERY_10_MINUTES, { name: 'drafts', waitForCompletion: true })
  async run(): Promise<void> {
    const { data } = await this.dokstamp.axiosRef.get<{ meta: { total: number } }>(
      '/certificates',
      { params: { where: { status: 'draft' }, per_page: 1 }, timeout: 30_000 },
    );
    if (data.meta.total > 0) this.logger.warn(`${data.meta.total} certificates are still drafts.`);
    // What fails is thrown: @nestjs/schedule logs it, and the next run tries again.
  }
}

@Module({
  imports: [
    // Once in the whole app, here: DokStampModule plans its renewals in the same registry, and never calls it itself.
    ScheduleModule.forRoot(),
    DokStampModule.forRootAsync({ isGlobal: true }),
  ],
  providers: [DraftsJob],
})
export class AppModule {}
