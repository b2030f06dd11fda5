/** @import { Frame } from '../src/page/frames/frame.interface.js' */
import { byId, order, setText } from './dom.js';

/** How many callers there are. */
export class LoadChoice {
  #element = byId('load');
  /**
   * Chosen here, and not told of by a frame yet.
   * @type {number | undefined}
   */
  #asked;

  constructor() {
    this.#element.addEventListener('change', () => {
      const chosen = /** @type {HTMLInputElement} */ (this.#element.querySelector(':checked'));
      void this.choose(Number(chosen.value));
    });
  }

  /** @param {number} callers */
  async choose(callers) {
    this.#asked = callers;
    const refused = await order('/live/load', { callers });
    if (refused) this.#asked = undefined;
    setText(byId('load-refusal'), refused ?? '');
  }

  /** @param {NonNullable<Frame['demonstration']>} demonstration */
  show({ callers }) {
    if (callers === this.#asked) this.#asked = undefined;
    if (this.#asked !== undefined) return;
    const radio = this.#element.querySelector(`[value="${callers}"]`);
    if (radio) /** @type {HTMLInputElement} */ (radio).checked = true;
  }
}
