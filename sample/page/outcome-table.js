/** @import { Happening, Totals } from '../src/page/frames/frame.interface.js' */
import { make, setText } from './dom.js';

const NONE = '–';

/** What an action did to both clients. It is there before, with dashes, so that nothing moves when it comes. */
export class OutcomeTable {
  element;
  #caption;
  #rows = { ours: rowOf('nestjs-dokstamp'), snippet: rowOf('the snippet') };

  /** @param {string} title */
  constructor(title) {
    this.#caption = make('caption', 'out-of-sight', `What came of: ${title}`);
    const heads = ['After it', 'failed', 'waited', 'sent once more', 'token requests'].map(
      (text) => {
        const head = make('th', '', text);
        head.scope = 'col';
        return head;
      },
    );
    this.element = make('table', 'outcome-table', [
      this.#caption,
      make('thead', '', [make('tr', '', heads)]),
      make('tbody', '', [this.#rows.ours.row, this.#rows.snippet.row]),
    ]);
    this.element.dataset.outcome = 'none';
  }

  clear() {
    this.element.dataset.outcome = 'none';
    for (const { cells } of Object.values(this.#rows)) {
      for (const cell of cells) setText(cell, NONE);
    }
  }

  /** @param {NonNullable<Happening['counted']>} counted */
  show({ ours, snippet }) {
    fill(this.#rows.ours, ours);
    fill(this.#rows.snippet, snippet);
    this.element.dataset.outcome = 'told';
  }
}

/** @param {string} name */
function rowOf(name) {
  const head = make('th', '', name);
  head.scope = 'row';
  const cells = ['failed', 'waited', 'replayed', 'requests'].map((kind) => make('td', kind, NONE));
  return { row: make('tr', '', [head, ...cells]), cells };
}

/**
 * @param {ReturnType<typeof rowOf>} row
 * @param {Totals} totals
 */
function fill({ row, cells }, { calls, failed, waited, replayed, tokenRequests }) {
  const texts = [`${failed} of ${calls}`, `${waited}`, `${replayed}`, `${tokenRequests}`];
  for (const [index, cell] of cells.entries()) setText(cell, texts[index] ?? NONE);
  row.classList.toggle('bad', failed > 0);
}
