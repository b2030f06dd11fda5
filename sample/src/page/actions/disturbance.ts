import type { SandboxTokenEndpointControl } from 'nestjs-dokstamp/testing';
import { BEFORE_RENEWAL_MS, DISTURBANCE_MS, SNIPPET_AHEAD_MS } from '../pace.js';
import type { Action } from './action.interface.js';

interface Disturbance extends Pick<Action, 'name' | 'title' | 'before' | 'tour'> {
  /** What the token endpoint does meanwhile: "answers 503". */
  readonly what: string;
  readonly lastsMs?: number;
  readonly disturb: (tokenEndpoint: SandboxTokenEndpointControl) => void;
}

const WAIT_S = (SNIPPET_AHEAD_MS + BEFORE_RENEWAL_MS) / 1_000;

/** A token endpoint that does not do what it should, for a while. */
export function disturbance(setup: Disturbance): Action {
  const { name, title, before, tour, what, disturb, lastsMs = DISTURBANCE_MS } = setup;
  return {
    name,
    title,
    before: `${before} It begins ${WAIT_S} s after you press, so that both have to renew meanwhile.`,
    tour,
    needsRenewal: true,
    runMs: lastsMs,
    // Until the next try of ours, which comes within a third of what it lasted.
    watchMs: 8_000 + lastsMs / 3,
    async run({ connection, tell, wait }) {
      const { tokenEndpoint } = connection.sandbox!;
      tell('outage', `The token endpoint ${what}, for ${lastsMs / 1_000} s.`);
      disturb(tokenEndpoint);
      try {
        await wait(lastsMs);
      } finally {
        tokenEndpoint.restore();
      }
      tell('note', 'The token endpoint works again.');
    },
  };
}
