import { type ChildProcess, fork } from 'node:child_process';
import { ConflictException, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { DokStampConnection } from '../../dokstamp/dokstamp-connection.js';
import type { PodFrame } from '../frames/frame.interface.js';
import { Happenings } from '../frames/happenings.js';
import type { PodCounts, PodOrder } from './pod.interface.js';

const SIZE = 4;
const MAIN = new URL('./pod.js', import.meta.url);

interface Pod {
  readonly child: ChildProcess;
  /** How it ended. */
  end?: string;
  counts: PodCounts;
}

/** Four processes that share the token of this app through Redis. */
@Injectable()
export class Fleet implements OnModuleDestroy {
  #pods: Pod[] = [];

  constructor(
    private readonly connection: DokStampConnection,
    private readonly happenings: Happenings,
  ) {}

  /** Whether there is a Redis to share a token through. */
  get isPossible(): boolean {
    return this.connection.sharedStore !== undefined;
  }

  get frames(): PodFrame[] {
    return this.#pods.map(({ end, counts }, index) => ({
      nth: index + 1,
      state: end ?? 'running',
      ...counts,
    }));
  }

  start(): void {
    if (!this.isPossible) throw new ConflictException('Set REDIS_URL and start again.');
    if (this.#pods.some(({ end }) => end === undefined)) {
      throw new ConflictException('They are running. Stop them first.');
    }
    this.#pods = Array.from({ length: SIZE }, () => this.#spawn());
    this.#tell(`${SIZE} processes were started; they take the token that this app has shared.`);
  }

  /** Kills one, as the system does when memory runs out: it can put nothing in order. */
  kill(): void {
    const pod = this.#pods.find(({ end }) => end === undefined);
    if (!pod) throw new ConflictException('No process is running.');
    pod.end = 'killed';
    pod.child.kill('SIGKILL');
    this.#tell(`Process ${this.#pods.indexOf(pod) + 1} was killed.`);
  }

  stop(): void {
    if (this.#pods.length > 0) this.#tell('The processes were stopped.');
    for (const { child } of this.#pods) child.kill('SIGKILL');
    this.#pods = [];
  }

  /** The pair may be another one by now. */
  tell(): void {
    for (const { child, end } of this.#pods) if (end === undefined) child.send(this.#order);
  }

  onModuleDestroy(): void {
    this.stop();
  }

  get #order(): PodOrder {
    const { url: baseURL, tenant } = this.connection.sandbox!;
    return { baseURL, tenant, credentials: this.connection.credentials };
  }

  #spawn(): Pod {
    const child = fork(MAIN, { stdio: 'ignore' });
    const pod: Pod = { child, counts: { calls: 0, failed: 0, tokenRequests: 0 } };
    child.on('message', (counts) => (pod.counts = counts as PodCounts));
    child.on('exit', (code, signal) => {
      // That it was killed or stopped here is known.
      if (pod.end !== undefined || !this.#pods.includes(pod)) return;
      pod.end = `ended by itself (${signal ?? `code ${code}`})`;
      this.#tell(`Process ${this.#pods.indexOf(pod) + 1} ${pod.end}.`);
    });
    // Of one that ends while it is told something; the end itself is told by `exit`.
    child.on('error', () => {});
    child.send(this.#order);
    return pod;
  }

  #tell(text: string): void {
    this.happenings.tell({ kind: 'note', who: 'ours', text });
  }
}
