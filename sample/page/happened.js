/** @import { Happening } from '../src/page/frames/frame.interface.js' */
import { byId, make, timeOf } from './dom.js';

/** So many lines are kept. */
const LONGEST = 100;

/** What happened, in words; the latest is on top. */
export class HappenedList {
  #list = byId('happened');

  /** @param {readonly Happening[]} happenings */
  add(happenings) {
    for (const { at, kind, text } of happenings) {
      const item = make('li', kind, [make('time', '', timeOf(at)), make('span', '', text)]);
      this.#list.prepend(item);
    }
    while (this.#list.children.length > LONGEST) this.#list.lastElementChild?.remove();
  }
}
