import { randomUUID } from 'node:crypto';
import {
  Inject,
  Injectable,
  type OnModuleDestroy,
  type OnModuleInit,
  Optional,
} from '@nestjs/common';
import { type Observable, Subject, concat, defer, finalize, from } from 'rxjs';
import { HISTORY } from '../pace.js';
import { DEMONSTRATION, type Demonstration } from '../demonstration.interface.js';
import type { Frame, Happening } from './frame.interface.js';
import { Happenings } from './happenings.js';
import { TokenWatch } from './token-watch.js';

const EVERY_MS = 1_000;

/** So many of the things that happened are kept, also those before the frames that are. */
const HAPPENINGS = 100;

/** Makes a frame each second, keeps those of the last two minutes, and hands them to whoever watches. */
@Injectable()
export class Frames implements OnModuleInit, OnModuleDestroy {
  readonly #start = randomUUID();
  readonly #kept: Frame[] = [];
  #happened: readonly Happening[] = [];
  readonly #live = new Subject<Frame>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly token: TokenWatch,
    private readonly happenings: Happenings,
    @Optional() @Inject(DEMONSTRATION) private readonly demonstration?: Demonstration,
  ) {}

  onModuleInit(): void {
    this.happenings.tell({ kind: 'note', who: 'both', text: 'The app was started.' });
    this.#timer = setInterval(() => this.#make(), EVERY_MS).unref();
  }

  // An open stream would hold the app open.
  onModuleDestroy(): void {
    clearInterval(this.#timer);
    this.#live.complete();
  }

  /** The frames after this time, and all that come. */
  after(time: number): Observable<Frame> {
    return defer(() => {
      this.demonstration?.watch();
      const missed = this.#kept.filter(({ at }) => at > time);
      const [first] = missed;
      if (first) missed[0] = { ...first, happened: this.#happenedUntil(first, time) };
      return concat(from(missed), this.#live).pipe(finalize(() => this.demonstration?.unwatch()));
    });
  }

  /** What a page has not been told yet: what came with this frame, and what was before the frames that are kept. */
  #happenedUntil({ at, happened }: Frame, time: number): readonly Happening[] {
    const older = this.#happened.filter((one) => one.at > time && one.at <= at);
    return [...older.filter((one) => !happened.includes(one)), ...happened];
  }

  #make(): void {
    const demonstration = this.demonstration?.take();
    const frame: Frame = {
      // It is the id too: later than the last one, also where the clock is set back.
      at: Math.max(Date.now(), (this.#kept.at(-1)?.at ?? 0) + 1),
      start: this.#start,
      token: this.token.frame,
      ...(demonstration && { demonstration }),
      happened: this.happenings.take(),
    };
    this.#happened = [...this.#happened, ...frame.happened].slice(-HAPPENINGS);
    this.#kept.push(frame);
    if (this.#kept.length > HISTORY) this.#kept.shift();
    this.#live.next(frame);
  }
}
