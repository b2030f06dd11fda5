/** @import { PodFrame } from '../src/page/frames/frame.interface.js' */
import { byId, counted, inFull, make, order, setText, until } from './dom.js';

const COUNTS = /** @type {const} */ (['calls', 'failed', 'tokenRequests']);

/** What a button does, and what is said of it afterwards. */
const DONE = {
  start: 'Four were started.',
  kill: 'One was killed.',
  stop: 'They were stopped.',
};

/** So long the tour lets one watch them. */
const WATCH_MS = 8_000;

/** The processes that share the token through Redis. */
export class FleetPanel {
  #buttons = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll('[data-fleet]')]);
  /** @type {readonly PodFrame[]} */
  #pods = [];
  /** @type {HTMLTableCellElement[][]} */
  #cells = [];
  /** What they had counted when something was last done to them. */
  #before = totalOf([]);

  constructor() {
    for (const button of this.#buttons) {
      button.addEventListener('click', () => {
        const what = /** @type {keyof typeof DONE} */ (button.dataset.fleet);
        if (button.ariaDisabled !== 'true') void this.#order(what);
      });
    }
  }

  /** Its part of the tour: each step can be watched for a while. */
  get tour() {
    return [
      {
        text: 'Four processes start, and share the token of this app.',
        play: async (/** @type {AbortSignal} */ signal) => {
          await this.#play(this.#alive === 0 ? 'start' : undefined, signal);
        },
      },
      {
        text: 'One of them is killed. The others should not notice.',
        play: async (/** @type {AbortSignal} */ signal) => {
          await this.#play('kill', signal);
        },
      },
    ];
  }

  /** @param {readonly PodFrame[]} pods */
  show(pods) {
    this.#pods = pods;
    const isPossible = {
      start: this.#alive === 0,
      kill: this.#alive > 0,
      stop: pods.length > 0,
    };
    for (const button of this.#buttons) {
      const what = /** @type {keyof typeof DONE} */ (button.dataset.fleet);
      button.ariaDisabled = String(!isPossible[what]);
    }
    if (this.#cells.length !== pods.length) this.#make(pods.length);
    for (const [index, { nth, state, ...counts }] of pods.entries()) {
      const texts = [`${nth}`, state, ...COUNTS.map((name) => inFull(counts[name]))];
      for (const [column, text] of texts.entries()) {
        const cell = this.#cells[index]?.[column];
        if (cell) setText(cell, text);
      }
    }
    const now = totalOf(pods);
    const since = (/** @type {typeof COUNTS[number]} */ name) =>
      Math.max(0, now[name] - this.#before[name]);
    const words = `Since then: ${counted(since('calls'), 'call')}, ${inFull(since('failed'))} failed, ${counted(since('tokenRequests'), 'token request')}.`;
    setText(byId('fleet-since'), pods.length > 0 ? words : '');
  }

  get #alive() {
    return this.#pods.filter(({ state }) => state === 'running').length;
  }

  /**
   * @param {keyof typeof DONE} what
   * @returns {Promise<string | undefined>} what the app says where it will not
   */
  async #order(what) {
    const before = totalOf(what === 'start' ? [] : this.#pods);
    const refused = await order('/live/fleet', { do: what });
    setText(byId('fleet-refusal'), refused ?? '');
    if (refused) return refused;
    setText(byId('fleet-done'), DONE[what]);
    this.#before = before;
    return undefined;
  }

  /**
   * Does this, and lets one watch it. Rejects where the app refuses, or the tour is ended meanwhile.
   * @param {keyof typeof DONE | undefined} what
   * @param {AbortSignal} signal
   */
  async #play(what, signal) {
    byId('fleet').scrollIntoView({ block: 'nearest' });
    const refused = what && (await this.#order(what));
    if (refused) throw new Error(refused);
    await until((resolve) => {
      const timer = setTimeout(resolve, WATCH_MS);
      return () => clearTimeout(timer);
    }, signal);
  }

  /** @param {number} count */
  #make(count) {
    this.#cells = Array.from({ length: count }, () =>
      Array.from({ length: 2 + COUNTS.length }, () => make('td')),
    );
    byId('pods').replaceChildren(...this.#cells.map((cells) => make('tr', '', cells)));
  }
}

/** @param {readonly PodFrame[]} pods */
function totalOf(pods) {
  const sum = (/** @type {typeof COUNTS[number]} */ name) =>
    pods.reduce((total, pod) => total + pod[name], 0);
  return { calls: sum('calls'), failed: sum('failed'), tokenRequests: sum('tokenRequests') };
}
