/** @import { ActionButtons } from './actions.js' */
/** @import { LoadChoice } from './load.js' */
import { byId, setText } from './dom.js';

const CALLERS = 8;

/** Plays what can happen in a sensible order, with a sentence each. */
export class Tour {
  #button = /** @type {HTMLButtonElement} */ (byId('tour'));
  #text = byId('tour-text');
  #buttons;
  #load;
  /** @type {AbortController | undefined} */
  #running;

  /**
   * @param {ActionButtons} buttons
   * @param {LoadChoice} load
   */
  constructor(buttons, load) {
    this.#buttons = buttons;
    this.#load = load;
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
    const steps = this.#buttons.actions.filter(({ tour }) => tour);
    const lost = { ours: 0, snippet: 0 };
    try {
      setText(this.#text, 'The tour begins as soon as nothing is under way.');
      await this.#buttons.idle(signal);
      await this.#load.choose(CALLERS);
      for (const [index, { name, tour }] of steps.entries()) {
        setText(this.#text, `${index + 1} of ${steps.length}. ${tour}`);
        this.#buttons.reveal(name);
        const { ours, snippet } = await this.#buttons.run(name, signal);
        if (ours.failed > 0) lost.ours += 1;
        if (snippet.failed > 0) lost.snippet += 1;
        await this.#buttons.idle(signal);
      }
      setText(
        this.#text,
        `That was the tour: nestjs-dokstamp lost calls in ${lost.ours} of ${steps.length} steps, the snippet in ${lost.snippet}.`,
      );
    } catch (error) {
      const why = signal.aborted ? '' : ` ${/** @type {Error} */ (error).message}`;
      setText(this.#text, `The tour was ended.${why}`);
    }
    this.#running = undefined;
    setText(this.#button, 'Take the tour');
  }
}
