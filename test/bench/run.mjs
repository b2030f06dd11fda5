import { parseArgs } from 'node:util';
import { install } from './setup/install.mjs';
import { versions } from './setup/versions.mjs';

// npm run bench -- [--quick] [--only=cost,situations,boot] [--with=bare,dokstamp-promise (for cost alone)]
// npm run bench -- fleet [--quick]: a week of a fleet, simulated.
// npm run bench -- accounts [--quick]: accounts at run time.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    with: { type: 'string' },
    only: { type: 'string', default: 'cost,situations,boot' },
  },
});

if (positionals.includes('fleet')) {
  const { fleet } = await import('./parts/fleet.mjs');
  console.log(fleet(values));
  process.exit();
}

if (positionals.includes('accounts')) {
  const { accounts } = await import('./parts/accounts.mjs');
  console.log(await accounts(values));
  process.exit();
}

install();
const { cost } = await import('./parts/cost.mjs');
const { situations } = await import('./parts/situations.mjs');
const { boot } = await import('./parts/boot.mjs');
const parts = { cost, situations, boot };
const options = { ...values, with: values.with?.split(',') };
for (const name of values.only.split(',')) console.log(`${await parts[name](options)}\n`);
console.log(versions());
