// setTimeout takes no longer delay; what lies beyond is waited for in parts.
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * `setTimeout` for a delay of any length.
 * @param started told the handle of each part
 * @returns ends the wait
 */
export function startTimeout(
  delayMs: number,
  fire: () => void,
  started: (handle: NodeJS.Timeout) => void = () => {},
): () => void {
  let handle: NodeJS.Timeout;
  const wait = (leftMs: number) => {
    // Node.js cuts a fraction off; ours is not over before its time.
    const part = Math.min(Math.ceil(leftMs), LONGEST_DELAY);
    handle = setTimeout(() => (leftMs > part ? wait(leftMs - part) : fire()), part);
    started(handle);
  };
  wait(delayMs);
  return () => {
    // Of one that is unref'd Node.js would keep an empty list until it was due; there is one for each delay.
    (handle as Partial<NodeJS.Timeout>).ref?.();
    clearTimeout(handle);
  };
}
