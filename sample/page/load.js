/** @import { Frame } from '../src/page/frames/frame.interface.js' */
import { byId, order, setText } from './dom.js';

/** How many callers there are. */
export class LoadChoice {
  #element = byId('load');
  /** How many choices the app has not answered yet. */
  #asked = 0;

  constructor() {
    this.#element.addEventListener('change', () => {
      const chosen = /** @type {HTMLInputElement} */ (this.#element.querySelector(':checked'));
      void this.choose(Number(chosen.value));
    });
  }

  /**
   * @param {number} callers
   * @returns {Promise<string | undefined>} what the app says where it will not
   */
  async choose(callers) {
    this.#asked += 1;
    const refused = await order('/live/load', { callers });
    this.#asked -= 1;
    setText(byId('load-refusal'), refused ?? '');
    return refused;
  }

  /** @param {NonNullable<Frame['demonstration']>} demonstration */
  show({ callers }) {
    if (this.#asked > 0) return;
    const radio = this.#element.querySelector(`[value="${callers}"]`);
    if (radio) /** @type {HTMLInputElement} */ (radio).checked = true;
  }
}
