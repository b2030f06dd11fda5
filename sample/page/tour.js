/** @import { ActionButtons } from './actions.js' */
import { byId, inFull, setText } from './dom.js';

/** What it shows, in which order, and why one would look: what matters most comes in the first two minutes. */
const STEPS = [
  { name: 'revoke', text: 'A token dies before its time. Watch the failed calls of both.' },
  {
    name: 'rotate-told',
    text: 'A secret has leaked, and you put the new one where the app reads it.',
  },
  {
    name: 'wrong-tenant',
    text: 'Somebody calls with a wrong tenant. Everybody else should not notice.',
  },
  { name: 'down', text: 'It is 3 a.m., and the token endpoint is down while both have to renew.' },
  { name: 'rotate-untold', text: 'The secret is rotated, and for 10 s nobody has told the app.' },
  { name: 'slow', text: 'The token endpoint is slow. Watch the latency, p99.' },
  { name: 'hanging', text: 'The token endpoint takes requests and never answers.' },
  { name: 'rate-limited', text: 'The token endpoint has had enough and says when to come again.' },
];

/** Plays what can happen in a sensible order, with a sentence each. */
export class Tour {
  #button;
  #buttons;
  #text = byId('tour-text');
  /** @type {AbortController | undefined} */
  #running;

  /**
   * @param {HTMLButtonElement} button
   * @param {ActionButtons} buttons
   */
  constructor(button, buttons) {
    this.#button = button;
    this.#buttons = buttons;
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
    const failed = { ours: 0, snippet: 0 };
    try {
      await this.#buttons.setCallers(8);
      for (const [index, { name, text }] of STEPS.entries()) {
        setText(this.#text, `${index + 1} of ${STEPS.length}. ${text}`);
        const { ours, snippet } = await this.#buttons.run(name, signal);
        failed.ours += ours.failed;
        failed.snippet += snippet.failed;
      }
      setText(
        this.#text,
        `That was the tour: ${inFull(failed.ours)} calls of nestjs-dokstamp failed, and ${inFull(failed.snippet)} of the snippet. What came of each step stands in its card.`,
      );
    } catch (error) {
      const why = signal.aborted ? '' : ` ${/** @type {Error} */ (error).message}`;
      setText(this.#text, `The tour was ended.${why}`);
    }
    this.#running = undefined;
    setText(this.#button, 'Take the tour');
  }
}
