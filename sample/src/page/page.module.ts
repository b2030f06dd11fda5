import { type DynamicModule, Module } from '@nestjs/common';
import { ActionsController } from './actions/actions.controller.js';
import { ActionStage } from './actions/stage.service.js';
import { DEMONSTRATION } from './demonstration.interface.js';
import { SandboxDemonstration } from './demonstration.service.js';
import { Fleet } from './fleet/fleet.service.js';
import { FramesController } from './frames/frames.controller.js';
import { Frames } from './frames/frames.service.js';
import { Happenings } from './frames/happenings.js';
import { TokenWatch } from './frames/token-watch.js';
import { Load } from './load/load.service.js';
import { OursClient } from './load/ours.client.js';
import { SnippetClient } from './load/snippet.client.js';
import { PageController } from './page.controller.js';

/** The page that shows the module at work. */
@Module({
  controllers: [PageController, FramesController],
  providers: [Frames, Happenings, TokenWatch],
})
export class PageModule {
  /**
   * On a sandbox it has load and buttons; of an account of one's own it only tells how the token is.
   * @param imports with the account, and the connection
   */
  static register(account: 'environment' | 'sandbox', imports: DynamicModule[]): DynamicModule {
    if (account === 'environment') return { module: PageModule, imports };
    return {
      module: PageModule,
      imports,
      controllers: [ActionsController],
      providers: [
        ActionStage,
        Fleet,
        Load,
        OursClient,
        SnippetClient,
        { provide: DEMONSTRATION, useClass: SandboxDemonstration },
      ],
    };
  }
}
