import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { Fleet } from '../fleet/fleet.service.js';
import { Load } from '../load/load.service.js';
import { SameOriginGuard } from '../same-origin.guard.js';
import { ACTIONS } from './actions.js';
import { ActionStage } from './stage.service.js';

const loadSchema = z.strictObject({ callers: z.union([0, 1, 8, 64].map((n) => z.literal(n))) });
const fleetSchema = z.strictObject({ do: z.enum(['start', 'kill', 'stop']) });

/** What the buttons of the page do. */
@Controller('live')
@UseGuards(SameOriginGuard)
export class ActionsController {
  constructor(
    private readonly stage: ActionStage,
    private readonly load: Load,
    private readonly fleet: Fleet,
  ) {}

  @Get('actions')
  list() {
    const actions = ACTIONS.map(({ name, title, before, tour }) => ({ name, title, before, tour }));
    return { actions, hasFleet: this.fleet.isPossible };
  }

  @Post('actions/:name')
  @HttpCode(202)
  begin(@Param('name') name: string) {
    this.stage.begin(name);
  }

  @Post('load')
  @HttpCode(204)
  setLoad(@Body({ schema: loadSchema }) { callers }: z.infer<typeof loadSchema>) {
    this.load.setCallers(callers);
  }

  @Post('fleet')
  @HttpCode(204)
  setFleet(@Body({ schema: fleetSchema }) order: z.infer<typeof fleetSchema>) {
    this.fleet[order.do]();
  }
}
