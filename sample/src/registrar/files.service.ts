import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DokStampHttpService } from 'nestjs-dokstamp';
import type { Enveloped, UploadedFile } from './dokstamp.types.js';

@Injectable()
export class FilesService {
  constructor(private readonly dokstamp: DokStampHttpService) {}

  /** Uploads one PDF. DokStamp answers with a list even for one file, and finds the same bytes again. */
  async upload(pdf: Uint8Array<ArrayBuffer>, name: string): Promise<UploadedFile | undefined> {
    const form = new FormData();
    form.append('files[]', new Blob([pdf], { type: 'application/pdf' }), name);
    const { data } = await this.dokstamp.axiosRef.post<Enveloped<UploadedFile[]>>('/files', form);
    return data.data[0];
  }

  /** The file as a stream: a large one never lies in memory as a whole. */
  async download(uuid: string): Promise<Readable> {
    const { data } = await this.dokstamp.axiosRef.get<Readable>(`/files/${uuid}/download`, {
      responseType: 'stream',
    });
    return data;
  }
}
