import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { DokStampHttpService, isDokStampError } from 'nestjs-dokstamp';

export interface Diploma {
  readonly institution_uuid: string;
  readonly course_uuid: string;
  readonly student_uuid: string;
  readonly name: string;
  readonly pdf: Uint8Array<ArrayBuffer>;
}

/** Issues many certificates, a few at a time. */
@Injectable()
export class BulkIssuing {
  constructor(private readonly dokstamp: DokStampHttpService) {}

  /**
   * One outcome for each diploma, in their order: the uuid of the certificate, or why there is none. A diploma that
   * fails stops no other one, unless no token can be had: then those that have not begun are rejected with an
   * AbortError, and can be given again later.
   */
  issue(diplomas: Iterable<Diploma>, concurrency = 8): Promise<PromiseSettledResult<string>[]> {
    const limit = pLimit({ concurrency, rejectOnClear: true });
    const issueOne = async (diploma: Diploma) => {
      try {
        return await this.issueOne(diploma);
      } catch (error) {
        if (isDokStampError(error)) limit.clearQueue();
        throw error;
      }
    };
    return Promise.allSettled(Array.from(diplomas, (diploma) => limit(issueOne, diploma)));
  }

  private async issueOne({ name, pdf, ...fields }: Diploma): Promise<string> {
    const { axiosRef } = this.dokstamp;
    const form = new FormData();
    form.append('files[]', new Blob([pdf], { type: 'application/pdf' }), name);
    const { data: files } = await axiosRef.post<{ data: [{ uuid: string }] }>('/files', form);
    const { data: certificate } = await axiosRef.post<{ data: { uuid: string } }>('/certificates', {
      ...fields,
      file_uuid: files.data[0].uuid,
      finish: true,
    });
    return certificate.data.uuid;
  }
}
