/** @import { Frame, Second, Totals } from '../src/page/frames/frame.interface.js' */
import { inFull, make, setText } from './dom.js';
import { Plot } from './plot.js';

/** @type {[keyof Totals, string][]} */
const COUNTERS = [
  ['calls', 'calls'],
  ['failed', 'failed'],
  ['replayed', 'sent once more'],
  ['waited', 'waited for token'],
  ['tokenRequests', 'token requests'],
];

/**
 * Zero is not drawn, but where it begins or ends something: a line along the axis would look like failures.
 * @param {(number | null)[]} values
 */
function withoutZeros(values) {
  return values.map((value, index) =>
    value || values[index - 1] || values[index + 1] ? value : null,
  );
}

/** Frames that are further apart have lost what was between. */
const GAP_MS = 2_500;

/**
 * The frames, and where some were lost a point without figures: no line is drawn across it.
 * @param {Frame[]} frames
 * @returns {Pick<Frame, 'at' | 'demonstration'>[]}
 */
function withGaps(frames) {
  return frames.flatMap((frame, index) => {
    const before = frames[index - 1];
    return before && frame.at - before.at > GAP_MS ? [{ at: before.at + 1 }, frame] : [frame];
  });
}

/** What one client does: counters, calls per second, latency. */
export class ClientPanel {
  #who;
  /** @type {Map<keyof Totals, HTMLElement>} */
  #counters = new Map();
  #underWay = make('dd', '', '0');
  #calls;
  #latency;

  /**
   * @param {HTMLElement} parent
   * @param {'ours' | 'snippet'} who
   * @param {string} title
   */
  constructor(parent, who, title) {
    this.#who = who;
    const heading = make('h3', '', title);
    heading.id = `client-${who}`;
    const counters = make('dl', 'counters');
    for (const [name, label] of COUNTERS) {
      const value = make('dd', name, '0');
      value.dataset.count = name;
      this.#counters.set(name, value);
      counters.append(make('div', '', [make('dt', '', label), value]));
    }
    counters.append(make('div', '', [make('dt', '', 'under way now'), this.#underWay]));
    const panel = make('section', `panel client ${who}`, [heading, counters]);
    panel.setAttribute('aria-labelledby', heading.id);
    panel.dataset.client = who;
    parent.append(panel);
    this.#calls = new Plot(panel, `${title}: calls per second`, 'Calls per second', [
      { label: 'calls', color: '--calls', fill: true },
      { label: 'failed', color: '--failed', fill: true, dash: [2, 2] },
    ]);
    this.#latency = new Plot(panel, `${title}: latency`, 'Latency each second, in ms', [
      { label: 'p50', color: '--p50' },
      { label: 'p99', color: '--p99', dash: [6, 3] },
    ]);
  }

  /**
   * @param {Frame[]} frames
   * @param {{ calls: number, ms: number }} scale
   */
  show(frames, scale) {
    const who = this.#who;
    const last = frames.at(-1)?.demonstration?.[who];
    if (last) {
      for (const [name, value] of this.#counters) {
        setText(value, inFull(last.totals[name]));
      }
      setText(this.#underWay, `${last.underWay}`);
      this.#counters.get('failed')?.classList.toggle('bad', last.totals.failed > 0);
    }
    const points = withGaps(frames);
    const times = points.map(({ at }) => at / 1_000);
    /** @param {(second: Second) => number | null} pick */
    const series = (pick) =>
      points.map(({ demonstration }) => (demonstration ? pick(demonstration[who]) : null));
    const marks = frames.flatMap(({ happened }) =>
      happened.filter((one) => one.who === who || one.who === 'both'),
    );
    this.#calls.draw(
      [times, series(({ calls }) => calls), withoutZeros(series(({ failed }) => failed))],
      scale.calls,
      marks,
      `Now ${last?.calls ?? 0} calls per second, ${last?.failed ?? 0} of them failed.`,
    );
    this.#latency.draw(
      [times, series(({ p50 }) => p50), series(({ p99 }) => p99)],
      scale.ms,
      marks,
      last?.p50 == null && last?.underWay
        ? `Now no call ended, ${last.underWay} are under way.`
        : `Now 50 % within ${word(last?.p50)} ms, 99 % within ${word(last?.p99)} ms.`,
    );
  }
}

/** @param {number | null | undefined} ms */
function word(ms) {
  return ms == null ? '–' : ms.toFixed(1);
}
