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
import type { Frame } from './frame.interface.js';
import { Happenings } from './happenings.js';
import { TokenWatch } from './token-watch.js';

const EVERY_MS = 1_000;

/** Makes a frame each second, keeps those of the last two minutes, and hands them to whoever watches. */
@Injectable()
export class Frames implements OnModuleInit, OnModuleDestroy {
  readonly #kept: Frame[] = [];
  readonly #live = new Subject<Frame>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly token: TokenWatch,
    private readonly happenings: Happenings,
    @Optional() @Inject(DEMONSTRATION) private readonly demonstration?: Demonstration,
  ) {}

  onModuleInit(): void {
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
      return concat(from(missed), this.#live).pipe(finalize(() => this.demonstration?.unwatch()));
    });
  }

  #make(): void {
    const demonstration = this.demonstration?.take();
    const frame: Frame = {
      at: Date.now(),
      token: this.token.frame,
      ...(demonstration && { demonstration }),
      happened: this.happenings.take(),
    };
    this.#kept.push(frame);
    if (this.#kept.length > HISTORY) this.#kept.shift();
    this.#live.next(frame);
  }
}
