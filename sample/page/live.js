/** @import { Frame } from '../src/page/frames/frame.interface.js' */

/** Frames come each second; without one for this long the page is not live. */
const SILENT_MS = 4_000;
/** The browser reconnects by itself, but not after an answer that is no stream. */
const AGAIN_MS = 2_000;

/**
 * Listens to the frames of the app, for as long as the page is open. A lost stream comes back, with the frames that
 * were missed.
 * @param {object} told
 * @param {(frame: Frame) => void} told.onFrame
 * @param {(isLive: boolean) => void} told.onLive when it changes
 * @param {() => void} told.onAnotherStart the app was started anew: it counts from zero, and nothing that was asked of it
 *   is under way
 */
export function listen({ onFrame, onLive, onAnotherStart }) {
  let isLive = false;
  /** @type {string | undefined} */
  let start;
  let lastAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;

  /** @param {boolean} now */
  const tell = (now) => {
    if (now !== isLive) onLive((isLive = now));
  };

  const open = () => {
    const stream = new EventSource('/live/frames');
    stream.addEventListener('message', ({ data }) => {
      const frame = /** @type {Frame} */ (JSON.parse(data));
      start ??= frame.start;
      if (frame.start !== start) {
        stream.close();
        onAnotherStart();
        return;
      }
      // A stream that was opened anew tells again what the page has already.
      if (frame.at <= lastAt) return;
      lastAt = frame.at;
      clearTimeout(silence);
      silence = setTimeout(() => tell(false), SILENT_MS);
      onFrame(frame);
      tell(true);
    });
    stream.addEventListener('error', () => {
      tell(false);
      if (stream.readyState === EventSource.CLOSED) setTimeout(open, AGAIN_MS);
    });
  };
  open();
}
