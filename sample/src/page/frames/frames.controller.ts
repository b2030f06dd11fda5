import { Controller, Headers, type MessageEvent, Sse } from '@nestjs/common';
import { type Observable, interval, last, map, merge, share, takeUntil } from 'rxjs';
import { Frames } from './frames.service.js';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;

@Controller('live')
export class FramesController {
  constructor(private readonly frames: Frames) {}

  /** A frame each second. A page that has lost its stream tells the last one it has, and gets those that it missed. */
  @Sse('frames')
  stream(@Headers('last-event-id') lastId?: string): Observable<MessageEvent> {
    const frames = this.frames.after(Number(lastId) || 0).pipe(
      map((frame): MessageEvent => ({ id: String(frame.at), retry: RETRY_MS, data: frame })),
      share(),
    );
    // For what stands between, such as a proxy that ends a silent stream.
    const heartbeat = interval(HEARTBEAT_MS).pipe(map((): MessageEvent => ({ comment: 'alive' })));
    return merge(frames, heartbeat.pipe(takeUntil(frames.pipe(last(null, null)))));
  }
}
