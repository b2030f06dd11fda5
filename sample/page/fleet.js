/** @import { PodFrame } from '../src/page/frames/frame.interface.js' */
import { byId, inFull, make, order, setText } from './dom.js';

const COUNTS = /** @type {const} */ (['calls', 'failed', 'tokenRequests']);

/** So long the tour lets one watch them. */
const WATCH_MS = 8_000;

/** The processes that share the token through Redis. */
export class FleetPanel {
  #buttons = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll('[data-fleet]')]);
  /** @type {readonly PodFrame[]} */
  #pods = [];
  /** @type {HTMLTableCellElement[][]} */
  #cells = [];
  /** What was done last, and what they had counted by then. */
  #done = { text: '', counted: totalOf([]) };

  constructor() {
    for (const button of this.#buttons) {
      button.addEventListener('click', () => {
        if (button.ariaDisabled !== 'true') void this.#order(button.dataset.fleet ?? '');
      });
    }
  }

  /** Its part of the tour: each step can be watched for a while. */
  get tour() {
    return [
      { text: 'Four processes start, and share the token of this app.', what: 'start' },
      { text: 'One of them is killed. The others should not notice.', what: 'kill' },
    ].map(({ text, what }) => ({
      text,
      play: async (/** @type {AbortSignal} */ signal) => {
        byId('fleet').scrollIntoView({ block: 'nearest' });
        const refused = await this.#order(what);
        if (refused) throw new Error(refused);
        await pause(WATCH_MS, signal);
      },
    }));
  }

  /** @param {readonly PodFrame[]} pods */
  show(pods) {
    this.#pods = pods;
    const alive = pods.filter(({ state }) => state === 'running').length;
    for (const button of this.#buttons) {
      const isPossible = button.dataset.fleet === 'start' ? alive === 0 : pods.length > 0;
      const isSpared = button.dataset.fleet === 'kill' && alive === 0;
      button.ariaDisabled = String(!isPossible || isSpared);
    }
    if (this.#cells.length !== pods.length) this.#make(pods.length);
    for (const [index, { nth, state, ...counts }] of pods.entries()) {
      const texts = [`${nth}`, state, ...COUNTS.map((name) => inFull(counts[name]))];
      for (const [column, text] of texts.entries()) {
        const cell = this.#cells[index]?.[column];
        if (cell) setText(cell, text);
      }
    }
    const { text, counted } = this.#done;
    const now = totalOf(pods);
    const since = COUNTS.map((name) => inFull(Math.max(0, now[name] - counted[name])));
    setText(
      byId('fleet-outcome'),
      text &&
        `${text} Since then: ${since[0]} calls, ${since[1]} failed, ${since[2]} token requests.`,
    );
  }

  /**
   * @param {string} what
   * @returns {Promise<string | undefined>} what the app says where it will not
   */
  async #order(what) {
    const counted = totalOf(what === 'start' ? [] : this.#pods);
    const refused = await order('/live/fleet', { do: what });
    setText(byId('fleet-refusal'), refused ?? '');
    if (refused) return refused;
    const texts = { start: 'Four were started.', kill: 'One was killed.' };
    this.#done = { text: texts[/** @type {keyof typeof texts} */ (what)] ?? '', counted };
    return undefined;
  }

  /** @param {number} count */
  #make(count) {
    this.#cells = Array.from({ length: count }, () =>
      ['', '', 'number', 'number', 'number'].map((name) => make('td', name)),
    );
    byId('pods').replaceChildren(...this.#cells.map((cells) => make('tr', '', cells)));
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, ms);
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
}

/** @param {readonly PodFrame[]} pods */
function totalOf(pods) {
  const sum = (/** @type {typeof COUNTS[number]} */ name) =>
    pods.reduce((total, pod) => total + pod[name], 0);
  return { calls: sum('calls'), failed: sum('failed'), tokenRequests: sum('tokenRequests') };
}
