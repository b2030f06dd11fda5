const began = performance.now();

/** One line on stderr, with the seconds since the start. */
export function progress(text) {
  const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${seconds} s  ${text}\n`);
}
