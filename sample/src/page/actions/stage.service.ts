import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConflictException,
  Injectable,
  NotFoundException,
  type OnModuleDestroy,
} from '@nestjs/common';
import { TokenService } from 'nestjs-dokstamp';
import { DokStampConnection } from '../../dokstamp/dokstamp-connection.js';
import type { Counted, Happening, RunningAction, Second } from '../frames/frame.interface.js';
import { Happenings } from '../frames/happenings.js';
import { Load } from '../load/load.service.js';
import { OursClient } from '../load/ours.client.js';
import { SnippetClient } from '../load/snippet.client.js';
import { BEFORE_RENEWAL_MS, SNIPPET_AHEAD_MS } from '../pace.js';
import type { Action, Stage } from './action.interface.js';
import { ACTIONS } from './actions.js';

/** Seconds without a failed call after which a client counts as well. */
const WELL_AFTER = 2;

/** Lets one action happen at a time, and tells what came of it. */
@Injectable()
export class ActionStage implements Stage, OnModuleDestroy {
  #running: RunningAction | null = null;
  #wellFor = 0;
  readonly #closing = new AbortController();

  constructor(
    readonly connection: DokStampConnection,
    readonly load: Load,
    readonly snippet: SnippetClient,
    private readonly ours: OursClient,
    private readonly tokens: TokenService,
    private readonly happenings: Happenings,
  ) {}

  get running(): RunningAction | null {
    return this.#running;
  }

  /** Begins an action. What comes of it is told in the frames. */
  begin(name: string): void {
    const action = ACTIONS.find((candidate) => candidate.name === name);
    if (!action) throw new NotFoundException(`There is no action ${name}.`);
    if (this.#running) throw new ConflictException('Another one is still under way.');
    // Only the end of the app ends one early.
    void this.#run(action).catch(() => {});
  }

  tell = (kind: Happening['kind'], text: string): void => {
    this.happenings.tell({ kind, who: 'both', text });
  };

  wait = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: this.#closing.signal, ref: false });

  /** Told of each second of both clients. */
  observe(ours: Second, snippet: Second): void {
    const isWell = [ours, snippet].every(({ failed, underWay, calls }) => {
      return failed === 0 && (calls > 0 || underWay === 0);
    });
    this.#wellFor = isWell ? this.#wellFor + 1 : 0;
  }

  onModuleDestroy(): void {
    this.#closing.abort();
  }

  async #run(action: Action): Promise<void> {
    const { name, runMs, watchMs } = action;
    try {
      if (action.needsRenewal) await this.#prepareRenewals(name);
      this.#phase(name, 'running', runMs);
      const [ours, snippet] = [this.ours.meter.begin(), this.snippet.meter.begin()];
      const startedAt = performance.now();
      await action.run(this);
      this.#phase(name, 'watching', watchMs);
      this.#wellFor = 0;
      const until = performance.now() + watchMs;
      while (performance.now() < until && this.#wellFor < WELL_AFTER) await this.wait(200);
      const seconds = Math.round((performance.now() - startedAt) / 1_000);
      this.#tellOutcome(action, seconds, ours(), snippet());
      if (this.#wellFor >= WELL_AFTER) return;
      this.snippet.restart();
      this.tell('note', 'The snippet was restarted, so that what comes next finds it well.');
    } finally {
      this.#running = null;
    }
  }

  // Where none can be had, it begins without.
  async #prepareRenewals(name: string): Promise<void> {
    this.#phase(name, 'waiting', SNIPPET_AHEAD_MS + BEFORE_RENEWAL_MS);
    this.snippet.restart();
    this.tell('note', 'The snippet was restarted, so that its renewal falls into what comes.');
    await this.wait(SNIPPET_AHEAD_MS);
    this.tell('note', 'nestjs-dokstamp is told to renew, to the same end.');
    await this.tokens.renew().catch(() => {});
    await this.wait(BEFORE_RENEWAL_MS);
  }

  #phase(name: string, phase: RunningAction['phase'], ms: number): void {
    this.#running = { name, phase, until: Date.now() + ms };
  }

  #tellOutcome({ name, title }: Action, seconds: number, ours: Counted, snippet: Counted): void {
    this.happenings.tell({
      kind: 'outcome',
      who: 'both',
      text: `${title}, ${seconds} s later. nestjs-dokstamp: ${inWords(ours)}. The snippet: ${inWords(snippet)}.`,
      action: name,
      counted: { ours, snippet },
    });
  }
}

function inWords({ calls, failed, replayed, tokenRequests }: Counted): string {
  return [
    `${failed} of ${calls} calls failed`,
    ...(replayed > 0 ? [`${replayed} ${replayed === 1 ? 'was' : 'were'} sent once more`] : []),
    tokenRequests === 1 ? '1 token request' : `${tokenRequests} token requests`,
  ].join(', ');
}
