/** @import { Happening } from '../src/page/frames/frame.interface.js' */
import uPlot from './uplot/uPlot.esm.js';
import { make, setText } from './dom.js';

const SPAN_S = 120;

const ISSUED = { color: '--mark-issued', sign: '+', row: 0, dash: [4, 4] };

/**
 * Which happenings are marked, and how: a line with a sign on top, as not everybody tells the colours apart. What is
 * followed by a new token at once has its sign in the second row.
 */
const MARKS = {
  issued: ISSUED,
  renewed: ISSUED,
  revoked: { color: '--mark-revoked', sign: '×', row: 1, dash: [] },
  refused: { color: '--mark-refused', sign: '!', row: 1, dash: [] },
  outage: { color: '--mark-outage', sign: '▼', row: 1, dash: [] },
};

/** The page's unit, in pixels. */
const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

const dark = matchMedia('(prefers-color-scheme: dark)');

/**
 * The points that have no neighbour, and so no line.
 * @param {uPlot} plot
 * @param {number} series
 */
function isolated({ data }, series) {
  const values = data[series] ?? [];
  const indexes = [...values.keys()];
  return indexes.filter(
    (at) => values[at] != null && values[at - 1] == null && values[at + 1] == null,
  );
}

/** A plot of the last two minutes. */
export class Plot {
  #place = make('div', 'plot');
  #summary = make('figcaption');
  #series;
  /** @type {uPlot | undefined} */
  #plot;
  #max = 1;
  /** @type {Happening[]} */
  #marks = [];
  /** @type {(number | null)[][]} */
  #data = [];

  /**
   * @param {HTMLElement} parent
   * @param {string} name what it is for a screen reader
   * @param {string} title
   * @param {{ label: string, color: string, fill?: boolean, dash?: number[] }[]} series
   */
  constructor(parent, name, title, series) {
    this.#series = series;
    this.#place.role = 'img';
    this.#place.ariaLabel = `${name}, over the last two minutes`;
    const keys = series.map(({ label, color, dash }) => {
      const key = make('li', dash ? 'dashed' : '', label);
      key.style.setProperty('--color', `var(${color})`);
      return key;
    });
    const heading = make('div', 'plot-heading', [make('h4', '', title), make('ul', 'keys', keys)]);
    parent.append(make('figure', '', [heading, this.#place, this.#summary]));
    // As wide as there is room for, also after the page has got another width.
    new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = this.#place;
      this.#plot?.setSize({ width, height });
    }).observe(this.#place);
    dark.addEventListener('change', () => {
      this.#plot?.destroy();
      this.#plot = undefined;
      if (this.#data.length > 0) this.#redraw();
    });
  }

  /**
   * @param {(number | null)[][]} data times in seconds, then a row for each series
   * @param {number} max of the axis
   * @param {Happening[]} marks
   * @param {string} summary
   */
  draw(data, max, marks, summary) {
    this.#data = data;
    this.#max = max;
    this.#marks = marks;
    setText(this.#summary, summary);
    this.#redraw();
  }

  #redraw() {
    this.#plot ??= this.#make();
    this.#plot.setData(/** @type {uPlot.AlignedData} */ (/** @type {unknown} */ (this.#data)));
  }

  #make() {
    const style = getComputedStyle(document.documentElement);
    /** @param {string} name */
    const color = (name) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color('--muted'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
      font: `${0.75 * rem()}px system-ui, sans-serif`,
    };
    return new uPlot(
      {
        width: this.#place.clientWidth,
        height: this.#place.clientHeight,
        padding: [0.5 * rem(), 2 * rem(), 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { range: (_, __, end) => [end - SPAN_S, end] },
          y: { range: () => [0, this.#max * 1.1] },
        },
        axes: [
          {
            ...axis,
            space: 5 * rem(),
            size: 1.75 * rem(),
            values: (_, times) =>
              times.map((time) => new Date(time * 1_000).toLocaleTimeString('en-GB')),
          },
          { ...axis, size: 3.25 * rem() },
        ],
        series: [
          {},
          ...this.#series.map(({ label, color: name, fill, dash }) => ({
            label,
            stroke: color(name),
            dash,
            width: 2,
            // One second alone, between two in which no call ended, would not be seen.
            points: { show: false, filter: isolated },
            ...(fill && { fill: `color-mix(in srgb, ${color(name)} 15%, transparent)` }),
          })),
        ],
        hooks: { draw: [(plot) => this.#drawMarks(plot, color)] },
      },
      /** @type {uPlot.AlignedData} */ (/** @type {unknown} */ (this.#data)),
      this.#place,
    );
  }

  /**
   * @param {uPlot} plot
   * @param {(name: string) => string} color
   */
  #drawMarks(plot, color) {
    const { ctx } = plot;
    const { top, height, left, width } = plot.bbox;
    const size = 0.875 * rem() * devicePixelRatio;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    ctx.font = `700 ${size}px system-ui, sans-serif`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'top';
    const marks = this.#marks.flatMap(({ at, kind }) => {
      const mark = MARKS[/** @type {keyof typeof MARKS} */ (kind)];
      return mark ? [{ at, ...mark }] : [];
    });
    // Where two are at one place, the new token does not cover why there is one.
    for (const mark of marks.toSorted((a, b) => a.row - b.row)) {
      // Amid a point of the screen, where a thin line is sharp.
      const x = Math.floor(plot.valToPos(mark.at / 1_000, 'x', true)) + 0.5;
      if (x < left || x > left + width) continue;
      ctx.strokeStyle = ctx.fillStyle = color(mark.color);
      ctx.fillText(mark.sign, x, top + mark.row * size);
      ctx.setLineDash(mark.dash.map((length) => length * devicePixelRatio));
      ctx.beginPath();
      ctx.moveTo(x, top + (mark.row + 1) * size);
      ctx.lineTo(x, top + height);
      ctx.stroke();
    }
    ctx.restore();
  }
}
