/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/**
 * Makes an element with a class, a text, and what it holds.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [name]
 * @param {string | (HTMLElement | string)[]} [content]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, name = '', content = []) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...[content].flat());
  return element;
}

/**
 * Sets a text, and leaves it alone where it is the same: a screen reader would say it again.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Waits for something.
 * @template T
 * @param {(resolve: (value: T) => void) => () => void} begin gives what gives it up
 * @param {AbortSignal} [signal] rejects it
 * @returns {Promise<T>}
 */
export function until(begin, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = begin(resolve);
    const stop = () => {
      end();
      reject(new Error('stopped'));
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Shows or hides what is for one kind of page only.
 * @param {'sandbox' | 'account' | 'fleet'} kind
 * @param {boolean} isShown
 */
export function show(kind, isShown) {
  for (const element of document.querySelectorAll(`[data-for="${kind}"]`)) {
    /** @type {HTMLElement} */ (element).hidden = !isShown;
  }
}

/**
 * @param {number} count
 * @param {string} one of what
 */
export function counted(count, one) {
  return `${inFull(count)} ${one}${count === 1 ? '' : 's'}`;
}

/** @param {number} count */
export function inFull(count) {
  return count.toLocaleString('en-GB');
}

/** @param {number} at ms since the epoch */
export function timeOf(at) {
  return new Date(at).toLocaleTimeString('en-GB');
}

const ANSWER_MS = 5_000;

/**
 * Asks the app to do something.
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<string | undefined>} what it says where it will not
 */
export async function order(path, body) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
      // A browser opens few connections to one app, so it may be waiting for one.
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.ok) return undefined;
    return String((await answer.json()).message);
  } catch {
    return 'The app does not answer.';
  }
}
