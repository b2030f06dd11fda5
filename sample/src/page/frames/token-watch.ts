import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type TokenEvent, TokenService } from 'nestjs-dokstamp';
import type { Subscription } from 'rxjs';
import type { Happening, TokenFrame } from './frame.interface.js';
import { Happenings } from './happenings.js';

const WHY = {
  startup: 'at the start',
  demand: 'as a call needed one',
  scheduled: 'ahead of the end of the last one',
  unauthorized: 'as a call was answered 401',
  manual: 'as it was asked for',
};

/** Puts the token's events into words. */
@Injectable()
export class TokenWatch implements OnModuleInit, OnModuleDestroy {
  #subscription: Subscription | undefined;

  constructor(
    private readonly tokens: TokenService,
    private readonly happenings: Happenings,
  ) {}

  onModuleInit(): void {
    this.#subscription = this.tokens.events$.subscribe((event) =>
      this.happenings.tell({ who: 'ours', ...toldOf(event) }),
    );
  }

  onModuleDestroy(): void {
    this.#subscription?.unsubscribe();
  }

  get frame(): TokenFrame {
    const { state, issuedAt, expiresAt, nextRenewalAt, lastError } = this.tokens.status;
    return {
      state,
      issuedAt: ms(issuedAt),
      expiresAt: ms(expiresAt),
      nextRenewalAt: ms(nextRenewalAt),
      lastError: lastError?.code ?? null,
    };
  }
}

function toldOf(event: TokenEvent): Pick<Happening, 'kind' | 'text'> {
  switch (event.type) {
    case 'issued': {
      const kind = event.reason === 'scheduled' ? 'renewed' : 'issued';
      const got = event.source === 'store' ? 'took a token from the store' : 'obtained a new token';
      const took = `in ${Math.round(event.durationMs)} ms`;
      return { kind, text: `nestjs-dokstamp ${got} ${took}, ${WHY[event.reason]}.` };
    }
    case 'renewal-failed':
      return {
        kind: 'outage',
        text: `nestjs-dokstamp could get no token (${event.error.code}); next try at ${timeOf(event.retryAt)}.`,
      };
    case 'credentials-rejected':
      return {
        kind: 'refused',
        text: `The client id and secret of nestjs-dokstamp were refused (${event.error.code}); next try at ${timeOf(event.retryAt)}, or as soon as another pair is there.`,
      };
    case 'invalidated':
      return { kind: 'refused', text: 'nestjs-dokstamp dropped its token.' };
    case 'store-unavailable':
      return { kind: 'outage', text: 'The token store cannot be used; tokens are kept in memory.' };
    default:
      return { kind: 'healed', text: 'The token store can be used again.' };
  }
}

function ms(date: Date | undefined): number | null {
  return date?.getTime() ?? null;
}

function timeOf(date: Date): string {
  return date.toLocaleTimeString('en-GB');
}
