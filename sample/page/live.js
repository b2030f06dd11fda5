/** @import { Frame } from '../src/page/frames/frame.interface.js' */

/** Frames come each second; without one for this long the page is not live. */
const SILENT_MS = 4_000;
/** The browser reconnects by itself, but not after an answer that is no stream. */
const AGAIN_MS = 2_000;
/** A page that nobody sees gives its stream up then: a browser has six connections to an app, for all of its tabs. */
const HIDDEN_MS = 30_000;

/**
 * Listens to the frames of the app, for as long as the page is open. A lost stream comes back, with the frames that
 * were missed.
 * @param {object} told
 * @param {(frame: Frame) => void} told.onFrame
 * @param {(isLive: boolean) => void} told.onLive when it changes
 * @param {() => boolean} told.isNeeded whether frames are needed, though nobody sees the page
 * @param {() => void} told.onAnotherStart the app was started anew: it counts from zero, and nothing that was asked of it
 *   is under way
 */
export function listen({ onFrame, onLive, isNeeded, onAnotherStart }) {
  let isLive = false;
  /** @type {EventSource | undefined} */
  let stream;
  /** @type {string | undefined} */
  let start;
  let last = 0;
  let lastId = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let leaving;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;

  /** @param {boolean} now */
  const tell = (now) => {
    if (now !== isLive) onLive((isLive = now));
  };

  const open = () => {
    clearTimeout(again);
    stream?.close();
    stream = new EventSource(`/live/frames?after=${encodeURIComponent(lastId)}`);
    stream.addEventListener('message', ({ data, lastEventId }) => {
      const frame = /** @type {Frame} */ (JSON.parse(data));
      start ??= frame.start;
      if (frame.start !== start) {
        stream?.close();
        onAnotherStart();
        return;
      }
      // A stream that was opened anew may tell again what the page has already.
      if (frame.nth <= last) return;
      last = frame.nth;
      lastId = lastEventId;
      clearTimeout(silence);
      silence = setTimeout(() => tell(false), SILENT_MS);
      onFrame(frame);
      tell(true);
    });
    stream.addEventListener('error', () => {
      tell(false);
      if (stream?.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN_MS);
    });
  };

  const leave = () => {
    if (isNeeded()) {
      leaving = setTimeout(leave, HIDDEN_MS);
      return;
    }
    clearTimeout(again);
    stream?.close();
  };

  const look = () => {
    clearTimeout(leaving);
    if (document.hidden) leaving = setTimeout(leave, HIDDEN_MS);
    else if (stream?.readyState === EventSource.CLOSED) open();
  };
  document.addEventListener('visibilitychange', look);
  open();
  look();
}
