import type { DokStampError } from './dokstamp.error.js';

const FRAME = '\n    at ';

/** The frames of the stack below a function of the library. */
export type CallSite = string;

/** @param depth number of library functions above the app, the caller of this one included */
export function callSite(depth: number): CallSite {
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, callSite);
  const frames = (site.stack ?? '').split(FRAME).slice(1 + depth);
  return frames.map((frame) => FRAME + frame).join('');
}

/** Lets the stack of an error begin where the app called, and not in the library. */
export function beginStackAt(site: CallSite, error: DokStampError): void {
  error.stack = `${error.name}: ${error.message}${site}`;
}
