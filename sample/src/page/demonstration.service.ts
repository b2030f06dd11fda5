import { Injectable } from '@nestjs/common';
import { ActionStage } from './actions/stage.service.js';
import type { Demonstration } from './demonstration.interface.js';
import { Fleet } from './fleet/fleet.service.js';
import { FailingStreak } from './frames/failing-streak.js';
import type { Frame } from './frames/frame.interface.js';
import { Happenings } from './frames/happenings.js';
import { Load } from './load/load.service.js';
import { OursClient } from './load/ours.client.js';
import { SnippetClient } from './load/snippet.client.js';

/** What the page shows of the sandbox, put together each second. */
@Injectable()
export class SandboxDemonstration implements Demonstration {
  readonly #streaks: { readonly ours: FailingStreak; readonly snippet: FailingStreak };

  constructor(
    private readonly load: Load,
    private readonly ours: OursClient,
    private readonly snippet: SnippetClient,
    private readonly stage: ActionStage,
    private readonly fleet: Fleet,
    private readonly happenings: Happenings,
  ) {
    const tell: Happenings['tell'] = (happening) => happenings.tell(happening);
    this.#streaks = {
      ours: new FailingStreak('ours', tell),
      snippet: new FailingStreak('snippet', tell),
    };
  }

  watch(): void {
    this.load.watch();
  }

  unwatch(): void {
    this.load.unwatch();
  }

  take(): NonNullable<Frame['demonstration']> {
    const ours = this.ours.meter.take();
    const snippet = this.snippet.meter.take();
    this.#streaks.ours.add(ours);
    this.#streaks.snippet.add(snippet);
    this.stage.observe(ours, snippet);
    this.#tellTokens(this.snippet.takeObtained());
    this.fleet.tell();
    return {
      callers: this.load.callers,
      action: this.stage.running,
      ours,
      snippet,
      snippetToken: this.snippet.token,
      pods: this.fleet.frames,
    };
  }

  // Its callers may get many at once; one line tells of a second.
  #tellTokens(count: number): void {
    if (count === 0) return;
    const what = count === 1 ? 'a new token' : `${count} new tokens`;
    this.happenings.tell({ who: 'snippet', kind: 'issued', text: `The snippet obtained ${what}.` });
  }
}
