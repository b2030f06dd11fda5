import { Injectable } from '@nestjs/common';
import { isAxiosError } from 'axios';
import { DokStampHttpService, isDokStampError } from 'nestjs-dokstamp';
// With BullMQ: from 'bullmq', and the class is a `@Processor('certificates')` that extends WorkerHost.
import { DelayedError, type Job, UnrecoverableError } from './memory-queue.js';

export interface CertificateJob {
  readonly institution_uuid: string;
  readonly course_uuid: string;
  readonly student_uuid: string;
  readonly file_uuid: string;
}

/** Issues one certificate for each job. */
@Injectable()
export class CertificateProcessor {
  constructor(private readonly dokstamp: DokStampHttpService) {}

  async process(job: Job<CertificateJob>, token?: string): Promise<string> {
    try {
      return (await this.find(job.data)) ?? (await this.issue(job.data));
    } catch (error) {
      // No token can be had before retryAt: until then the job waits, and that is none of its attempts.
      if (isDokStampError(error) && error.retryAt) {
        await job.moveToDelayed(error.retryAt.getTime(), token);
        throw new DelayedError();
      }
      if (isRefused(error)) throw new UnrecoverableError(error.message);
      throw error;
    }
  }

  // An earlier attempt may have issued it and lost the answer: DokStamp has no idempotency keys.
  private async find({ student_uuid, course_uuid }: CertificateJob): Promise<string | undefined> {
    const { data } = await this.dokstamp.axiosRef.get<{ data: { uuid: string }[] }>(
      '/certificates',
      { params: { where: { student_uuid, course_uuid, status: 'issued' } } },
    );
    return data.data[0]?.uuid;
  }

  private async issue(certificate: CertificateJob): Promise<string> {
    const { data } = await this.dokstamp.axiosRef.post<{ data: { uuid: string } }>(
      '/certificates',
      { ...certificate, finish: true },
    );
    return data.data.uuid;
  }
}

/** Whether the API refuses what was sent (400, 403, 404, 422 and the like): no further attempt changes that. */
function isRefused(error: unknown): error is Error {
  const status = isAxiosError(error) ? (error.response?.status ?? 0) : 0;
  return status >= 400 && status < 500 && ![401, 408, 429].includes(status);
}
