import { Injectable } from '@nestjs/common';
import { DokStampHttpService } from 'nestjs-dokstamp';
import { type Observable, map } from 'rxjs';
import type { Diploma, List } from './diploma.schema.js';
import type { Certificate, Enveloped } from './dokstamp.types.js';
import { EntitiesService } from './entities.service.js';

@Injectable()
export class CertificatesService {
  constructor(
    private readonly dokstamp: DokStampHttpService,
    private readonly entities: EntitiesService,
  ) {}

  /** Issues the diploma at once (`finish: true`); creates institution, course and student where need be. */
  async issue({ institution, course, student, file_uuid }: Diploma): Promise<Certificate> {
    const institution_uuid = await this.entities.ensure(
      '/institutions',
      { name: institution.name },
      institution,
    );
    const [course_uuid, student_uuid] = await Promise.all([
      this.entities.ensure('/courses', { code: course.code }, { ...course, institution_uuid }),
      this.entities.ensure('/students', { email: student.email }, student),
    ]);
    const body = { institution_uuid, course_uuid, student_uuid, file_uuid, finish: true };
    const { data } = await this.dokstamp.axiosRef.post<Enveloped<Certificate>>(
      '/certificates',
      body,
    );
    return data.data;
  }

  list({ sort: column, order, ...where }: List): Observable<Certificate[]> {
    const params = { where, sort: { column, order } };
    return this.dokstamp
      .get<Enveloped<Certificate[]>>('/certificates', { params })
      .pipe(map(({ data }) => data.data));
  }

  revoke(uuid: string, revocation_reason: string | undefined): Observable<Certificate> {
    return this.dokstamp
      .put<Enveloped<Certificate>>(`/certificates/${uuid}/revoke`, { revocation_reason })
      .pipe(map(({ data }) => data.data));
  }
}
