import { startTimeout } from '../async/long-timeout.js';

const TURNS = 5;

/**
 * A time limit that counts only while the event loop turns: where a booting app holds it up, the answer has come but
 * nobody could read it yet. In turns, as a timer that is late says nothing of what waits on the sockets.
 * @param turned called between the turns
 * @returns ends the wait
 */
export function startResponsiveTimeout(
  ms: number,
  fire: () => void,
  turned: () => void = () => {},
): () => void {
  let stop: () => void;
  const turn = (left: number) => {
    stop = startTimeout(ms / TURNS, () => {
      if (left === 1) return fire();
      turn(left - 1);
      turned();
    });
  };
  turn(TURNS);
  return () => stop();
}
