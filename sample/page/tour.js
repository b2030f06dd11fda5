/** @import { ActionButtons, Outcome } from './actions.js' */
/** @import { FleetPanel } from './fleet.js' */
/** @import { LoadChoice } from './load.js' */
import { byId, setText } from './dom.js';

const CALLERS = 8;

/**
 * @typedef {object} Step
 * @property {string} text why one would look
 * @property {(signal: AbortSignal) => Promise<Outcome | void>} play what came of it, where both clients took part
 */

/** Plays what can happen in a sensible order, with a sentence each. */
export class Tour {
  #button = /** @type {HTMLButtonElement} */ (byId('tour'));
  #text = byId('tour-text');
  #buttons;
  #load;
  #fleet;
  /** @type {AbortController | undefined} */
  #running;

  /**
   * @param {ActionButtons} buttons
   * @param {LoadChoice} load
   * @param {FleetPanel} [fleet]
   */
  constructor(buttons, load, fleet) {
    this.#buttons = buttons;
    this.#load = load;
    this.#fleet = fleet;
  }

  /** From now on the button plays it, or ends it. */
  begin() {
    this.#button.disabled = false;
    this.#button.addEventListener('click', () => {
      if (this.#running) this.#running.abort();
      else void this.#play();
    });
  }

  async #play() {
    const { signal } = (this.#running = new AbortController());
    setText(this.#button, 'End the tour');
    const steps = this.#steps();
    const lost = { ours: 0, snippet: 0, of: 0 };
    try {
      setText(this.#text, 'The tour begins as soon as nothing is under way.');
      await this.#buttons.idle(signal);
      const refused = await this.#load.choose(CALLERS);
      if (refused) throw new Error(refused);
      for (const [index, { text, play }] of steps.entries()) {
        signal.throwIfAborted();
        setText(this.#text, `${index + 1} of ${steps.length}. ${text}`);
        const outcome = await play(signal);
        if (!outcome) continue;
        lost.of += 1;
        if (outcome.ours.failed > 0) lost.ours += 1;
        if (outcome.snippet.failed > 0) lost.snippet += 1;
      }
      setText(
        this.#text,
        `That was the tour: nestjs-dokstamp lost calls in ${lost.ours} of ${lost.of} steps, the snippet in ${lost.snippet}.`,
      );
    } catch (error) {
      const why = signal.aborted ? '' : ` ${/** @type {Error} */ (error).message}`;
      setText(this.#text, `The tour was ended.${why}`);
    }
    this.#running = undefined;
    setText(this.#button, 'Take the tour');
  }

  /** @returns {Step[]} */
  #steps() {
    const buttons = this.#buttons;
    const actions = buttons.actions.flatMap(({ name, tour }) => {
      if (!tour) return [];
      const play = async (/** @type {AbortSignal} */ signal) => {
        buttons.reveal(name);
        const outcome = await buttons.run(name, signal);
        await buttons.idle(signal);
        return outcome;
      };
      return [{ text: tour, play }];
    });
    return [...actions, ...(this.#fleet?.tour ?? [])];
  }
}
