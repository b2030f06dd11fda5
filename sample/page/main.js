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
const happened = new HappenedList(byId('happened'));

/** @type {Frame[]} */
let frames = [];

/**
 * What is there on a sandbox only; made when the first frame tells of one, or the next where that failed.
 * @type {Promise<Awaited<ReturnType<typeof makeSandboxParts>> | undefined> | undefined}
 */
let sandbox;

async function makeSandboxParts() {
  const { actions, hasFleet } = await (await fetch('/live/actions')).json();
  const panels = [
    new ClientPanel(byId('clients'), 'ours', 'nestjs-dokstamp'),
    new ClientPanel(byId('clients'), 'snippet', 'The documented snippet'),
  ];
  /** @type {('ours' | 'snippet')[]} */
  const clients = ['ours', 'snippet'];
  const snippetToken = token.beside('snippet-token', 'The snippet’s token, as it sees it');
  const buttons = new ActionButtons(actions);
  const load = new LoadChoice();
  const fleet = hasFleet ? new FleetPanel() : undefined;
  new Tour(buttons, load, fleet).begin();
  show('fleet', hasFleet);
  return {
    buttons,
    /** @param {Frame} frame */
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
      buttons.show(frame);
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
  if (frame.demonstration) sandbox ??= makeSandboxParts().catch(() => (sandbox = undefined));
  happened.add(frame.happened);
  void sandbox?.then((parts) => parts?.buttons.tell(frame.happened));
  draw();
}

listen({
  onFrame: take,
  onLive(isLive) {
    const last = frames.at(-1);
    const since = last ? `: this is how it was at ${timeOf(last.at)}` : '';
    byId('live').textContent = isLive ? 'Live' : `Not live${since}`;
    document.body.dataset.live = isLive ? 'yes' : 'no';
  },
  onAnotherStart: () => location.reload(),
});
