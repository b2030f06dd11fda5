import { queryObjects } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { startTimeout } from '../../lib/async/long-timeout.js';

describe('a timeout that keeps no process alive', () => {
  it('leaves nothing behind in Node.js when it is ended', () => {
    const stops: (() => void)[] = [];
    let list: object = {};
    // Node.js keeps a list for each delay.
    for (let delay = 10_000_000.5; delay < 10_000_500; delay += 1) {
      const started = (handle: NodeJS.Timeout) => {
        handle.unref();
        list = Reflect.get(handle, '_idlePrev') as object;
      };
      stops.push(startTimeout(delay, () => {}, started));
    }
    const lists = () => queryObjects(list.constructor, { format: 'count' });
    const before = lists();
    for (const stop of stops) stop();
    stops.length = 0;
    expect(lists()).toBeLessThanOrEqual(before - 499);
  });
});
