/** @import { Frame } from '../src/page/frames/frame.interface.js' */
import { byId, setText, timeOf } from './dom.js';

const STATES = {
  absent: 'none yet',
  valid: 'valid',
  expired: 'expired',
  blocked: 'blocked: none can be had at the moment',
  closed: 'closed',
};

/** The life of the token as a bar, with the mark of its renewal. */
export class TokenPanel {
  #bar = byId('token-bar');
  #lived = byId('token-lived');
  #mark = byId('token-mark');

  /** @param {Frame} frame */
  show({ at, token }) {
    const { state, issuedAt, expiresAt, nextRenewalAt, lastError } = token;
    setText(byId('token-state'), STATES[state]);
    setText(byId('token-issued'), issuedAt ? timeOf(issuedAt) : '–');
    setText(
      byId('token-ends'),
      expiresAt ? `${timeOf(expiresAt)}, ${inTime(expiresAt - at)}` : '–',
    );
    setText(byId('token-renewal-name'), state === 'valid' ? 'Next renewal' : 'Next try');
    setText(
      byId('token-renewal'),
      nextRenewalAt ? `${timeOf(nextRenewalAt)}, ${inTime(nextRenewalAt - at)}` : '–',
    );
    setText(byId('token-error'), lastError ?? 'none');

    const isThere = issuedAt !== null && expiresAt !== null && state === 'valid';
    this.#bar.dataset.state = state;
    this.#mark.hidden = !isThere;
    if (!isThere) {
      this.#lived.style.transform = 'scaleX(0)';
      this.#bar.setAttribute('aria-label', `Token: ${STATES[state]}`);
      return;
    }
    /** @param {number} time */
    const share = (time) => Math.min(1, Math.max(0, (time - issuedAt) / (expiresAt - issuedAt)));
    this.#lived.style.transform = `scaleX(${share(at)})`;
    if (nextRenewalAt) this.#mark.style.insetInlineStart = `${share(nextRenewalAt) * 100}%`;
    const percent = Math.round(share(at) * 100);
    this.#bar.setAttribute(
      'aria-label',
      `${percent} % of the token’s lifetime of ${inWords(expiresAt - issuedAt)} are over`,
    );
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
