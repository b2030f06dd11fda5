import { parseArgs } from 'node:util';
import { cost } from './parts/cost.mjs';
import { situations } from './parts/situations.mjs';

const PARTS = { cost, situations };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
  },
});

for (const name of values.only.split(',')) {
  console.log(`${await PARTS[name](values)}\n`);
}
