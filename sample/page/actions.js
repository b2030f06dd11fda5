/** @import { Frame, Happening } from '../src/page/frames/frame.interface.js' */
import { byId, make, order, setText } from './dom.js';
import { OutcomeTable } from './outcome-table.js';

/**
 * @typedef {{ name: string, title: string, before: string }} Action
 * @typedef {NonNullable<Happening['counted']>} Counted
 * @typedef {{ title: string, button: HTMLButtonElement, card: HTMLElement, outcome: OutcomeTable, refusal: HTMLElement }} Card
 */

const PHASES = {
  waiting: 'begins shortly before both renew',
  running: 'is under way',
  watching: 'is over; its effect is watched',
};

/** The buttons: each says beforehand what will happen, and afterwards what did. */
export class ActionButtons extends EventTarget {
  /** @type {Map<string, Card>} */
  #cards = new Map();
  #underWay = byId('under-way');
  /** Counts down each second, which a screen reader shall not say. */
  #left = byId('under-way-left');
  #load = /** @type {HTMLFieldSetElement} */ (byId('load'));
  /** Asked for here, and not told of by a frame yet. */
  #asked = '';

  /** @param {Action[]} actions */
  constructor(actions) {
    super();
    for (const action of actions) this.#add(action);
    this.#load.addEventListener('change', () => {
      const chosen = /** @type {HTMLInputElement} */ (this.#load.querySelector(':checked'));
      void order('/live/load', { callers: Number(chosen.value) });
    });
  }

  get titles() {
    return new Map([...this.#cards].map(([name, { title }]) => [name, title]));
  }

  /**
   * Makes something happen.
   * @param {string} name
   * @param {AbortSignal} [signal]
   * @returns {Promise<Counted>} what came of it, when it is over
   */
  async run(name, signal) {
    const card = this.#cards.get(name);
    if (!card) throw new Error(`There is no action ${name}.`);
    signal?.throwIfAborted();
    this.#asked = name;
    this.#enable(false);
    setText(card.refusal, '');
    card.outcome.clear();
    const refused = await order(`/live/actions/${name}`);
    if (refused) {
      this.#asked = '';
      setText(card.refusal, refused);
      throw new Error(refused);
    }
    return new Promise((resolve, reject) => {
      if (signal?.aborted) reject(new Error('stopped'));
      const take = (/** @type {Event} */ event) =>
        resolve(/** @type {CustomEvent<Counted>} */ (event).detail);
      this.addEventListener(name, take, { once: true, signal });
      signal?.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
  }

  /** @param {number} callers */
  async setCallers(callers) {
    await order('/live/load', { callers });
  }

  /** @param {Frame} frame */
  show({ at, demonstration }) {
    if (!demonstration) return;
    const { action, callers } = demonstration;
    if (action?.name === this.#asked) this.#asked = '';
    for (const [name, { card }] of this.#cards) card.classList.toggle('now', action?.name === name);
    this.#enable(!action && !this.#asked);
    setText(this.#underWay, action ? this.#words(action) : 'Nothing is under way.');
    setText(this.#left, action ? `${Math.max(0, Math.ceil((action.until - at) / 1_000))} s` : '');
    const radio = this.#load.querySelector(`[value="${callers}"]`);
    const isChosen = this.#load.contains(document.activeElement);
    if (radio && !isChosen) /** @type {HTMLInputElement} */ (radio).checked = true;
  }

  /**
   * Tells what came of actions.
   * @param {readonly Happening[]} happenings
   */
  tell(happenings) {
    for (const { action, counted } of happenings) {
      const card = this.#cards.get(action ?? '');
      if (!counted || !card) continue;
      card.outcome.show(counted);
      this.#asked = '';
      this.dispatchEvent(new CustomEvent(/** @type {string} */ (action), { detail: counted }));
    }
  }

  /**
   * @param {NonNullable<NonNullable<Frame['demonstration']>['action']>} action
   */
  #words({ name, phase }) {
    return `“${this.titles.get(name)}” ${PHASES[phase]}.`;
  }

  /** @param {boolean} isEnabled */
  #enable(isEnabled) {
    // Not `disabled`, which would take the focus away from whoever has just pressed it.
    for (const { button } of this.#cards.values()) button.ariaDisabled = String(!isEnabled);
  }

  /** @param {Action} action */
  #add({ name, title, before }) {
    const button = make('button', '', title);
    button.type = 'button';
    const text = make('p', 'before', before);
    text.id = `before-${name}`;
    button.setAttribute('aria-describedby', text.id);
    button.dataset.action = name;
    const outcome = new OutcomeTable(title);
    const refusal = make('p', 'refusal');
    refusal.role = 'status';
    const card = make('li', 'action', [button, text, outcome.element, refusal]);
    this.#cards.set(name, { title, button, card, outcome, refusal });
    button.addEventListener('click', () => {
      // What is refused stands in the card.
      if (button.ariaDisabled !== 'true') this.run(name).catch(() => {});
    });
    byId('actions').append(card);
  }
}
