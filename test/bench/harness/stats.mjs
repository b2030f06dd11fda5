export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that a share `p` of the values does not pass. */
export function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];
}

/** `1.02 (0.99 to 1.06)`: the median with min and max. */
export function spread(values, digits = 2) {
  // Without the sign of a zero.
  const text = (value) => value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1');
  const between = `${text(Math.min(...values))} to ${text(Math.max(...values))}`;
  return `${text(median(values))} (${between})`;
}
