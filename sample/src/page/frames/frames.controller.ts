import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Controller,
  Headers,
  type MessageEvent,
  Query,
  Res,
  Sse,
} from '@nestjs/common';
import { type Observable, interval, last, map, merge, share, takeUntil } from 'rxjs';
import { Frames } from './frames.service.js';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;

/** How long the end of the app waits for the ends of its streams to go out. */
const ENDING_MS = 1_000;

@Controller('live')
export class FramesController implements BeforeApplicationShutdown {
  readonly #open = new Set<ServerResponse>();

  constructor(private readonly frames: Frames) {}

  /** A frame each second. A page that has lost its stream tells the last one it has, and gets those that it missed. */
  @Sse('frames')
  stream(
    @Res({ passthrough: true }) response: ServerResponse,
    @Headers('last-event-id') lastId?: string,
    @Query('after') after?: string,
  ): Observable<MessageEvent> {
    this.#open.add(response);
    response.once('close', () => this.#open.delete(response));
    const frames = this.frames.after(lastId ?? after).pipe(
      map((frame): MessageEvent => ({
        id: this.frames.idOf(frame),
        retry: RETRY_MS,
        data: frame,
      })),
      share(),
    );
    // For what stands between, such as a proxy that ends a silent stream.
    const heartbeat = interval(HEARTBEAT_MS).pipe(map((): MessageEvent => ({ comment: 'alive' })));
    return merge(frames, heartbeat.pipe(takeUntil(frames.pipe(last(null, null)))));
  }

  // The streams are complete by now; then the connections are closed, whatever is under way.
  async beforeApplicationShutdown(): Promise<void> {
    const ends = [...this.#open].map(
      (response) => new Promise((resolve) => response.once('close', resolve)),
    );
    await Promise.race([Promise.all(ends), sleep(ENDING_MS, undefined, { ref: false })]);
  }
}
