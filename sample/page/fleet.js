/** @import { PodFrame } from '../src/page/frames/frame.interface.js' */
import { byId, make, order, setText } from './dom.js';

/** The processes that share the token through Redis. */
export class FleetPanel {
  #rows = byId('pods');

  constructor() {
    for (const button of document.querySelectorAll('[data-fleet]')) {
      const what = /** @type {HTMLElement} */ (button).dataset.fleet;
      button.addEventListener('click', () => {
        void order('/live/fleet', { do: what }).then((refused) =>
          setText(byId('fleet-outcome'), refused ?? ''),
        );
      });
    }
  }

  /** @param {readonly PodFrame[]} pods */
  show(pods) {
    const rows = pods.map(({ nth, state, calls, failed, tokenRequests }) => {
      const counts = [calls, failed, tokenRequests].map((count) =>
        make('td', 'number', `${count}`),
      );
      return make('tr', '', [make('td', '', `${nth}`), make('td', '', state), ...counts]);
    });
    this.#rows.replaceChildren(...rows);
  }
}
