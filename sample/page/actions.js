/** @import { Counted, Frame, Happening } from '../src/page/frames/frame.interface.js' */
import { byId, inFull, make, order, setText, until } from './dom.js';
import { OutcomeTable } from './outcome-table.js';

/**
 * @typedef {{ name: string, title: string, before: string, tour?: string }} Action
 * @typedef {{ title: string, button: HTMLButtonElement, element: HTMLElement, outcome: OutcomeTable, refusal: HTMLElement }} Card
 * @typedef {NonNullable<Happening['counted']>} Outcome
 */

const PHASES = {
  waiting: 'begins shortly before both have to renew',
  running: 'is under way',
  watching: 'is over; its effect is watched',
};

/** Between what is revealed and the edge of its list. */
const MARGIN_PX = 12;

/** The buttons: each says beforehand what will happen, and afterwards what did. */
export class ActionButtons extends EventTarget {
  actions;
  /** @type {Map<string, Card>} */
  #cards = new Map();
  #underWay = byId('under-way');
  /** Counts down each second, which a screen reader shall not say. */
  #left = byId('under-way-left');
  /** Asked for here, and not told of by a frame yet. */
  #asked = '';
  /** Under way, as the last frame told. */
  #running = '';

  /** @param {Action[]} actions */
  constructor(actions) {
    super();
    this.actions = actions;
    for (const action of actions) this.#add(action);
  }

  /**
   * Makes something happen.
   * @param {string} name
   * @param {AbortSignal} [signal]
   * @returns {Promise<Outcome>} what came of it, when it is over
   */
  async run(name, signal) {
    const { title, refusal, outcome } = this.#card(name);
    signal?.throwIfAborted();
    this.#asked = name;
    this.#enable(false);
    setText(this.#underWay, `“${title}” begins.`);
    const refused = await order(`/live/actions/${name}`);
    setText(refusal, refused ?? '');
    if (refused) {
      this.#asked = '';
      throw new Error(refused);
    }
    outcome.clear();
    const { detail } = /** @type {CustomEvent<Outcome>} */ (await this.#next(name, signal));
    return detail;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<void>} when nothing is under way
   */
  async idle(signal) {
    while (this.isBusy) await this.#next('idle', signal);
  }

  /** Whether something is under way, or asked for. */
  get isBusy() {
    return Boolean(this.#running || this.#asked);
  }

  /**
   * Where the buttons have a list of their own beside the plots, it is scrolled to this one; the page is not.
   * @param {string} name
   */
  reveal(name) {
    const { element } = this.#card(name);
    const list = byId('actions-panel');
    if (element.offsetParent === list) list.scrollTop = element.offsetTop - MARGIN_PX;
  }

  /** @param {Frame} frame */
  show({ at, demonstration }) {
    if (!demonstration) return;
    const { action, callers } = demonstration;
    this.#running = action?.name ?? '';
    if (this.#running === this.#asked) this.#asked = '';
    for (const [name, { element }] of this.#cards) {
      element.classList.toggle('now', name === this.#running);
    }
    this.#enable(!action && !this.#asked && callers > 0);
    setText(this.#left, action ? `${Math.max(0, Math.ceil((action.until - at) / 1_000))} s` : '');
    if (action) {
      setText(this.#underWay, `“${this.#card(action.name).title}” ${PHASES[action.phase]}.`);
      return;
    }
    if (!this.isBusy) this.dispatchEvent(new Event('idle'));
    const nothing = callers > 0 ? 'Nothing is under way.' : 'Nobody calls: choose callers.';
    // The tour may ask for its next step at once, and then that is said.
    setTimeout(() => this.isBusy || setText(this.#underWay, nothing));
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
      setText(card.refusal, '');
      setText(
        byId('outcome'),
        `Last action: nestjs-dokstamp lost ${inWords(counted.ours, ' calls')}, the snippet ${inWords(counted.snippet)}.`,
      );
      this.#asked = '';
      this.dispatchEvent(new CustomEvent(/** @type {string} */ (action), { detail: counted }));
    }
  }

  /**
   * @param {string} type
   * @param {AbortSignal} [signal]
   * @returns {Promise<Event>}
   */
  #next(type, signal) {
    return until((resolve) => {
      this.addEventListener(type, resolve, { once: true });
      return () => this.removeEventListener(type, resolve);
    }, signal);
  }

  /** @param {string} name */
  #card(name) {
    const card = this.#cards.get(name);
    if (!card) throw new Error(`There is no action ${name}.`);
    return card;
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
    const heading = make('h3', '', [button]);
    const element = make('li', 'action', [heading, text, outcome.element, refusal]);
    this.#cards.set(name, { title, button, element, outcome, refusal });
    button.addEventListener('click', () => {
      // What is refused stands in the card.
      if (button.ariaDisabled !== 'true') this.run(name).catch(() => {});
    });
    byId('actions').append(element);
  }
}

/**
 * @param {Counted} counted
 * @param {string} [of]
 */
function inWords({ failed, calls }, of = '') {
  return `${inFull(failed)} of ${inFull(calls)}${of}`;
}
