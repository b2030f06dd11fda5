import type { DokStampConnection } from '../../dokstamp/dokstamp-connection.js';
import type { Happening } from '../frames/frame.interface.js';
import type { Load } from '../load/load.service.js';
import type { SnippetClient } from '../load/snippet.client.js';

/** What an action may lay hands on. */
export interface Stage {
  readonly connection: DokStampConnection;
  readonly snippet: SnippetClient;
  readonly load: Load;
  readonly tell: (kind: Happening['kind'], text: string) => void;
  /** Rejects when the app ends. */
  readonly wait: (ms: number) => Promise<void>;
}

/** Something that can happen, which a button makes happen. */
export interface Action {
  readonly name: string;
  /** What stands on the button. */
  readonly title: string;
  /** What will happen. */
  readonly before: string;
  /** What the tour says of it; without, it is not in the tour. */
  readonly tour?: string;
  /** Both clients get a token beforehand, so that the renewals of both fall into it. */
  readonly needsRenewal?: boolean;
  /** How long it takes. */
  readonly runMs: number;
  /** What comes of it is watched until both clients are well, but no longer. */
  readonly watchMs: number;
  run(stage: Stage): Promise<void>;
}
