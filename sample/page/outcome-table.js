/** @import { Counted, Happening } from '../src/page/frames/frame.interface.js' */
import { inFull, make, setText } from './dom.js';

const NONE = '–';

/** @type {[kind: string, label: string, of: (counted: Counted) => string][]} */
const ROWS = [
  ['failed', 'failed', ({ failed, calls }) => `${inFull(failed)} of ${inFull(calls)}`],
  ['slowest', 'slowest call', ({ slowest }) => `${inFull(slowest)} ms`],
  ['waited', 'waited for token', ({ waited }) => inFull(waited)],
  ['replayed', 'sent once more', ({ replayed }) => inFull(replayed)],
  ['requests', 'token requests', ({ tokenRequests }) => inFull(tokenRequests)],
];

/** What an action did to both clients. It is there before, with dashes, so that nothing moves when it comes. */
export class OutcomeTable {
  element;
  #rows = ROWS.map(([kind, label, of]) => {
    const cells = { ours: make('td', 'ours', NONE), snippet: make('td', 'snippet', NONE) };
    const head = make('th', '', label);
    head.scope = 'row';
    return { of, cells, row: make('tr', kind, [head, cells.ours, cells.snippet]) };
  });

  /** @param {string} title */
  constructor(title) {
    const heads = ['What came of it', 'nestjs-dokstamp', 'the snippet'].map((text) => {
      const head = make('th', '', text);
      head.scope = 'col';
      return head;
    });
    this.element = make('table', 'outcome-table', [
      make('caption', 'out-of-sight', `What came of: ${title}`),
      make('thead', '', [make('tr', '', heads)]),
      make(
        'tbody',
        '',
        this.#rows.map(({ row }) => row),
      ),
    ]);
    this.clear();
  }

  clear() {
    this.element.dataset.outcome = 'none';
    // Dashes are for the eye only.
    this.element.ariaHidden = 'true';
    for (const { cells } of this.#rows) {
      setText(cells.ours, NONE);
      setText(cells.snippet, NONE);
    }
  }

  /** @param {NonNullable<Happening['counted']>} counted */
  show(counted) {
    for (const { of, cells } of this.#rows) {
      setText(cells.ours, of(counted.ours));
      setText(cells.snippet, of(counted.snippet));
    }
    for (const who of /** @type {const} */ (['ours', 'snippet'])) {
      this.#rows[0]?.cells[who].classList.toggle('bad', counted[who].failed > 0);
    }
    this.element.dataset.outcome = 'told';
    this.element.ariaHidden = null;
  }
}
