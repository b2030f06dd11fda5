import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DokStampOptions, TokenEvent } from '../../../lib/index.js';

const SCRIPT = fileURLToPath(new URL('../scripts/member.mjs', import.meta.url));

type Deed =
  'getToken' | 'renew' | 'call' | 'events' | 'status' | 'memory' | 'startLoad' | 'stopLoad';

/** What a process is started with; the options of the module, and its Redis. */
export interface MemberSettings extends DokStampOptions {
  redis?: number;
  library?: 'ioredis' | 'redis' | 'iovalkey';
  /** What its wall clock is ahead, ms. */
  skewMs?: number;
}

/** What a process answered, and how long it took there. */
export interface Done<T = unknown> {
  readonly value: T;
  readonly ms: number;
}

/** A process of its own with one account. */
export class Member implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers>();
  #lastId = 0;

  private constructor(settings: MemberSettings) {
    const given = JSON.stringify({ library: 'ioredis', ...settings });
    this.#child = fork(SCRIPT, [given], { execArgv: ['--expose-gc'] });
    this.#child.on('message', ({ id, error, ...done }: { id: number; error?: string }) => {
      const waiting = this.#waiting.get(id);
      if (error === undefined) waiting?.resolve(done);
      else waiting?.reject(new Error(error));
    });
    this.#child.on('exit', () => {
      for (const each of this.#waiting.values()) each.reject(new Error('The process has ended.'));
    });
  }

  static async start(settings: MemberSettings): Promise<Member> {
    const member = new Member(settings);
    await once(member.#child, 'message');
    return member;
  }

  do<T>(deed: Deed): Promise<Done<T>> {
    const id = ++this.#lastId;
    const done = new Promise<Done<T>>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as Done<T>), reject });
    });
    this.#child.send({ id, deed });
    return done;
  }

  async events(): Promise<TokenEvent[]> {
    return (await this.do<TokenEvent[]>('events')).value;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.hasEnded) return;
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

interface PromiseWithResolvers {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

/** So many processes; all are up when it resolves. */
export async function startFleet(
  size: number,
  settings: MemberSettings | ((index: number) => MemberSettings),
): Promise<Member[] & AsyncDisposable> {
  const of = typeof settings === 'function' ? settings : () => settings;
  const fleet = await Promise.all(
    Array.from({ length: size }, (_, index) => Member.start(of(index))),
  );
  const end = async () => void (await Promise.all(fleet.map((one) => one[Symbol.asyncDispose]())));
  return Object.assign(fleet, { [Symbol.asyncDispose]: end });
}
