import { Injectable } from '@nestjs/common';
import { DokStampHttpService } from 'nestjs-dokstamp';
import type { Entity, Enveloped } from './dokstamp.types.js';

/** Students, courses and institutions. DokStamp knows no idempotency keys, so whoever may exist is looked up first. */
@Injectable()
export class EntitiesService {
  constructor(private readonly dokstamp: DokStampHttpService) {}

  /** The uuid of the entity that `where` finds, or of a new one. */
  async ensure(path: string, where: Record<string, string>, create: object): Promise<string> {
    const { axiosRef } = this.dokstamp;
    const found = await axiosRef.get<Enveloped<Entity[]>>(path, { params: { where, per_page: 1 } });
    const [existing] = found.data.data;
    if (existing) return existing.uuid;
    const created = await axiosRef.post<Enveloped<Entity>>(path, create);
    return created.data.data.uuid;
  }
}
