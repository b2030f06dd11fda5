import { expect, it } from 'vitest';
import { compileExamples } from '../support/examples/compile-examples.js';
import { libExamples } from '../support/examples/examples.js';

const examples = libExamples();
const errors = compileExamples(examples);

it.each(examples.map(({ path, line }, nth) => [`${path}:${line}`, errors[nth]] as const))(
  'the example at %s compiles',
  (_, found) => expect(found).toEqual([]),
);
