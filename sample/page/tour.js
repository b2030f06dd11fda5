/** @import { ActionButtons } from './actions.js' */
import { byId, make, setText } from './dom.js';

/** What it shows, in which order, and why one would look. */
const STEPS = [
  { name: 'revoke', text: 'A token dies before its time. Watch the failed calls of both.' },
  {
    name: 'rotate-told',
    text: 'A secret has leaked, and you put the new one where the app reads it.',
  },
  { name: 'rotate-untold', text: 'The same, but for 10 s nobody has told the app.' },
  { name: 'down', text: 'It is 3 a.m., and the token endpoint is down while the token ends.' },
  { name: 'slow', text: 'The token endpoint is slow. Watch the latency, p99.' },
  { name: 'hanging', text: 'The token endpoint takes requests and never answers.' },
  { name: 'rate-limited', text: 'The token endpoint has had enough and says when to come again.' },
  {
    name: 'wrong-tenant',
    text: 'Somebody calls with a wrong tenant. Everybody else should not notice.',
  },
];

/** Plays what can happen in a sensible order, with a sentence each. */
export class Tour {
  #button;
  #buttons;
  #text = make('p', 'tour-text');
  /** @type {AbortController | undefined} */
  #running;

  /**
   * @param {HTMLButtonElement} button
   * @param {ActionButtons} buttons
   */
  constructor(button, buttons) {
    this.#button = button;
    this.#buttons = buttons;
    this.#text.role = 'status';
  }

  /** From now on the button plays it, or ends it. */
  begin() {
    byId('under-way').before(this.#text);
    this.#button.disabled = false;
    this.#button.addEventListener('click', () => {
      if (this.#running) this.#running.abort();
      else void this.#play();
    });
  }

  async #play() {
    const { signal } = (this.#running = new AbortController());
    setText(this.#button, 'End the tour');
    try {
      await this.#buttons.setCallers(8);
      for (const [index, { name, text }] of STEPS.entries()) {
        setText(this.#text, `${index + 1} of ${STEPS.length}. ${text}`);
        await this.#buttons.run(name, signal);
      }
      setText(this.#text, 'That was the tour. What came of each step stands in its card.');
    } catch (error) {
      const why = signal.aborted ? '' : ` ${/** @type {Error} */ (error).message}`;
      setText(this.#text, `The tour was ended.${why}`);
    }
    this.#running = undefined;
    setText(this.#button, 'Take the tour');
  }
}
