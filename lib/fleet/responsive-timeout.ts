import type { Clock } from '../async/clock.js';
import { startTimeout } from '../async/long-timeout.js';

const TURN_MS = 50;
const LEAST_TURNS = 3;

/**
 * A time limit that is not over before the event loop has turned a few times: where a booting app holds it up, the
 * answer has come long ago but nobody could read it yet.
 * @param turned called after each turn but the last
 * @returns ends the wait
 */
export function startResponsiveTimeout(
  ms: number,
  clock: Clock,
  fire: () => void,
  turned: () => void,
): () => void {
  const startedAt = clock.monotonic();
  let stop: () => void;
  const turn = (turns: number) => {
    const left = ms - (clock.monotonic() - startedAt);
    if (turns >= LEAST_TURNS && left < 1) return fire();
    if (turns > 0) turned();
    stop = startTimeout(left < 1 ? TURN_MS : Math.min(left, TURN_MS), () => turn(turns + 1));
  };
  turn(0);
  return () => stop();
}
