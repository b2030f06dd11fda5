import type { Arbitrary } from 'fast-check';
import { fc } from './properties.js';

// The unit 'binary' of fast-check costs a second of processor time at its first use in a process.
const UNIT = fc
  .oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xffff }))
  .map((code) => String.fromCharCode(code));

/** Text of any UTF-16 units: control characters, Latin-1, and all else, surrogates without their halves included. */
export function anyText(maxLength?: number): Arbitrary<string> {
  return fc.string({ unit: UNIT, ...(maxLength !== undefined && { maxLength }) });
}
