/** @import { Frame } from '../src/page/frames/frame.interface.js' */
import { ActionButtons } from './actions.js';
import { ClientPanel } from './client-panel.js';
import { byId, inFull, setText, show, timeOf } from './dom.js';
import { FleetPanel } from './fleet.js';
import { HappenedList } from './happened.js';
import { listen } from './live.js';
import { LoadChoice } from './load.js';
import { TokenPanel } from './token.js';
import { Tour } from './tour.js';

/** The plots go back two minutes: a frame each second. */
const HISTORY = 120;

const token = new TokenPanel(byId('token'));
const happened = new HappenedList();

/** @type {Frame[]} */
let frames = [];

/**
 * What is there on a sandbox only; made when the first frame tells of one, or the next where that failed.
 * @type {Promise<{ show: (frame: Frame) => void } | undefined> | undefined}
 */
let sandbox;

/**
 * Made with it.
 * @type {ActionButtons | undefined}
 */
let buttons;

/** @returns {Promise<{ show: (frame: Frame) => void } | undefined>} */
async function makeSandboxParts() {
  const answer = await fetch('/live/actions').catch(() => undefined);
  // The next frame asks again.
  if (!answer?.ok) return (sandbox = undefined);
  const { actions, hasFleet } = await answer.json();
  const panels = [
    new ClientPanel(byId('clients'), 'ours', 'nestjs-dokstamp'),
    new ClientPanel(byId('clients'), 'snippet', 'The documented snippet'),
  ];
  /** @type {('ours' | 'snippet')[]} */
  const clients = ['ours', 'snippet'];
  const snippetToken = token.beside('snippet-token', 'The snippet’s token, as it sees it');
  buttons = new ActionButtons(actions);
  const load = new LoadChoice();
  const fleet = hasFleet ? new FleetPanel() : undefined;
  new Tour(buttons, load, fleet).begin();
  show('fleet', hasFleet);
  return {
    show(frame) {
      if (!frame.demonstration) return;
      const scale = scaleOf(frames);
      for (const panel of panels) panel.show(frames, scale);
      for (const who of clients) {
        const { failed } = frame.demonstration[who].totals;
        setText(byId(`score-${who}`), inFull(failed));
        byId(`score-${who}`).classList.toggle('bad', failed > 0);
      }
      snippetToken.show(frame.demonstration.snippetToken, frame.at);
      load.show(frame.demonstration);
      fleet?.show(frame.demonstration.pods);
    },
  };
}

/**
 * Both clients are drawn to one scale, so that they can be compared.
 * @param {Frame[]} frames
 */
function scaleOf(frames) {
  const seconds = frames.flatMap(({ demonstration }) =>
    demonstration ? [demonstration.ours, demonstration.snippet] : [],
  );
  return {
    calls: Math.max(10, ...seconds.map(({ calls }) => calls)),
    ms: Math.max(10, ...seconds.map(({ p99 }) => p99 ?? 0)),
  };
}

let isDrawing = false;

/** What many frames at once would draw is drawn once. */
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    const frame = /** @type {Frame} */ (frames.at(-1));
    token.show(frame.token, frame.at);
    void sandbox?.then((parts) => parts?.show(frame));
  });
}

/** @param {Frame} frame */
function take(frame) {
  if (frames.length === 0) {
    show('sandbox', Boolean(frame.demonstration));
    show('account', !frame.demonstration);
  }
  // What a clock that was set back makes later than now has no place in the plots.
  frames = [...frames.filter(({ at }) => at < frame.at), frame].slice(-HISTORY);
  if (frame.demonstration) sandbox ??= makeSandboxParts();
  happened.add(frame.happened);
  // Also where nobody sees the page, and nothing is drawn: a tour goes on.
  void sandbox?.then(() => {
    buttons?.tell(frame.happened);
    buttons?.show(frame);
  });
  draw();
}

listen({
  onFrame: take,
  onLive(isLive) {
    setText(byId('live'), isLive ? 'Live' : 'Not live');
    document.body.dataset.live = isLive ? 'yes' : 'no';
    if (isLive) return;
    const { at } = /** @type {Frame} */ (frames.at(-1));
    setText(byId('under-way'), `The app does not answer. This is how it was at ${timeOf(at)}.`);
  },
  // What is under way is counted while somebody watches, so it is watched to its end.
  isNeeded: () => Boolean(buttons?.isBusy),
  onAnotherStart: () => location.reload(),
});
