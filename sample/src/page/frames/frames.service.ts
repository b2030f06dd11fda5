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
  #made = 0;
  #happened: readonly { readonly nth: number; readonly happening: Happening }[] = [];
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

  /** What a page tells when it comes back: the last frame that it has, of this start of the app. */
  idOf({ start, nth }: Frame): string {
    return `${start}:${nth}`;
  }

  /** The frames after this one, and all that come. */
  after(id?: string): Observable<Frame> {
    return defer(() => {
      const [start, last] = String(id).split(':');
      const nth = start === this.#start ? Number(last) || 0 : 0;
      const missed = this.#kept.filter((frame) => frame.nth > nth);
      const [first] = missed;
      if (first) missed[0] = { ...first, happened: this.#happenedBetween(nth, first.nth) };
      this.demonstration?.watch();
      return concat(from(missed), this.#live).pipe(finalize(() => this.demonstration?.unwatch()));
    });
  }

  /** What happened after one frame until another, also before the frames that are kept. */
  #happenedBetween(after: number, until: number): readonly Happening[] {
    return this.#happened
      .filter(({ nth }) => nth > after && nth <= until)
      .map(({ happening }) => happening);
  }

  #make(): void {
    const demonstration = this.demonstration?.take();
    const nth = (this.#made += 1);
    const happened = this.happenings.take();
    const frame: Frame = {
      start: this.#start,
      nth,
      at: Date.now(),
      token: this.token.frame,
      ...(demonstration && { demonstration }),
      happened,
    };
    const added = happened.map((happening) => ({ nth, happening }));
    this.#happened = [...this.#happened, ...added].slice(-HAPPENINGS);
    this.#kept.push(frame);
    if (this.#kept.length > HISTORY) this.#kept.shift();
    this.#live.next(frame);
  }
}
