import { parseArgs } from 'node:util';
import { CONTESTANTS } from './contestants/index.mjs';
import { cost } from './parts/cost.mjs';

const PARTS = { cost };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
  },
});

for (const name of values.only.split(',')) {
  console.log(await PARTS[name](CONTESTANTS, values));
}
