/** @import { TokenFrame } from '../src/page/frames/frame.interface.js' */
import { setText, timeOf } from './dom.js';

const STATES = {
  absent: 'none yet',
  valid: 'valid',
  expired: 'expired',
  blocked: 'blocked',
  closed: 'closed',
};

/** The life of a token as a bar, with the mark of its renewal. */
export class TokenPanel {
  #section;
  #bar;
  #lived;
  #mark;
  /** Where the bar stood. */
  #share = 0;

  /** @param {HTMLElement} section */
  constructor(section) {
    this.#section = section;
    this.#bar = this.#part('.token-bar');
    this.#lived = this.#part('.lived');
    this.#mark = this.#part('.mark');
  }

  /**
   * Another one beside this, for another token.
   * @param {string} id
   * @param {string} title
   */
  beside(id, title) {
    const section = /** @type {HTMLElement} */ (this.#section.cloneNode(true));
    for (const part of section.querySelectorAll('[id]')) part.removeAttribute('id');
    const heading = /** @type {HTMLElement} */ (section.querySelector('h2'));
    heading.id = `${id}-heading`;
    heading.textContent = title;
    section.setAttribute('aria-labelledby', heading.id);
    section.id = id;
    this.#section.after(section);
    return new TokenPanel(section);
  }

  /**
   * @param {TokenFrame} token
   * @param {number} at
   */
  show({ state, issuedAt, expiresAt, nextRenewalAt, lastError }, at) {
    this.#tell('state', STATES[state]);
    this.#tell('issued', issuedAt ? timeOf(issuedAt) : '–');
    this.#tell('ends', expiresAt ? `${timeOf(expiresAt)}, ${inTime(expiresAt - at)}` : '–');
    this.#tell('renewal-name', state === 'valid' ? 'Next renewal' : 'Next try');
    this.#tell(
      'renewal',
      nextRenewalAt ? `${timeOf(nextRenewalAt)}, ${inTime(nextRenewalAt - at)}` : '–',
    );
    this.#tell('error', lastError ?? 'none');

    const isThere = issuedAt !== null && expiresAt !== null && state === 'valid';
    this.#bar.dataset.state = state;
    this.#mark.hidden = !isThere;
    if (!isThere) {
      this.#fill(0);
      this.#bar.setAttribute('aria-label', `Token: ${STATES[state]}`);
      return;
    }
    /** @param {number} time */
    const share = (time) => Math.min(1, Math.max(0, (time - issuedAt) / (expiresAt - issuedAt)));
    this.#fill(share(at));
    this.#mark.hidden = nextRenewalAt === null;
    if (nextRenewalAt) this.#mark.style.setProperty('--at', `${share(nextRenewalAt) * 100}%`);
    const percent = Math.round(this.#share * 100);
    this.#bar.setAttribute(
      'aria-label',
      `${percent} % of the token’s lifetime of ${inWords(expiresAt - issuedAt)} is over`,
    );
  }

  /**
   * It glides on, and jumps back: a new token has not lived yet.
   * @param {number} share
   */
  #fill(share) {
    this.#lived.style.transition = share < this.#share ? 'none' : '';
    this.#share = share;
    this.#lived.style.transform = `scaleX(${share})`;
  }

  /**
   * @param {string} fact
   * @param {string} text
   */
  #tell(fact, text) {
    setText(this.#part(`[data-fact="${fact}"]`), text);
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  #part(selector) {
    return /** @type {HTMLElement} */ (this.#section.querySelector(selector));
  }
}

/** @param {number} ms */
function inTime(ms) {
  return ms < 0 ? `${inWords(-ms)} ago` : `in ${inWords(ms)}`;
}

/** @param {number} ms */
function inWords(ms) {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
