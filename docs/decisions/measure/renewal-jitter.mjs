// How long before their end 300 tokens of 12 hours are renewed, and how many of them in the busiest second.
import { withAccount } from './account.mjs';

const secondsBefore = await withAccount(async ({ tokens }) => {
  const before = [];
  for (let token = 0; token < 300; token++) {
    await tokens.renew();
    const { expiresAt, nextRenewalAt } = tokens.status;
    before.push(Math.floor((expiresAt - nextRenewalAt) / 1_000));
  }
  return before;
});

const perSecond = new Map();
for (const second of secondsBefore) perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
const [first, last] = [Math.min(...secondsBefore), Math.max(...secondsBefore)];
console.log(
  `renewed ${first} to ${last + 1} s before the end, at most ${Math.max(...perSecond.values())} in one second`,
);
