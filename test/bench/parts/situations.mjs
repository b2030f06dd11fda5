import { progress } from '../harness/progress.mjs';
import { table } from '../harness/markdown.mjs';
import { coldStart } from '../situations/cold-start.mjs';
import { otherOrigin } from '../situations/other-origin.mjs';
import { outage } from '../situations/outage.mjs';
import { refusedSecret } from '../situations/refused-secret.mjs';
import { renewal } from '../situations/renewal.mjs';
import { revocation } from '../situations/revocation.mjs';
import { slowEndpoint } from '../situations/slow-endpoint.mjs';
import { stream } from '../situations/stream.mjs';

// Those of a group run at the same time: their loads are light, or fall at different times.
const FULL = [
  [coldStart],
  [renewal],
  [outage, slowEndpoint],
  [revocation],
  [refusedSecret, stream, otherOrigin],
];
const QUICK = [
  [coldStart],
  [renewal, outage, slowEndpoint],
  [revocation, refusedSecret, stream, otherOrigin],
];

/** Part two: what happens when something happens. */
export async function situations(options) {
  const told = [];
  for (const group of options.quick ? QUICK : FULL) {
    progress(group.map(({ title }) => title).join('; '));
    told.push(...(await Promise.all(group.map((situation) => tell(situation, options)))));
  }
  return `## Situations\n\n${told.join('\n\n')}`;
}

async function tell(situation, options) {
  const { title, text, head } = situation;
  const rows = await situation.run(options);
  return `### ${title}\n\n${text}\n\n${table(['', ...head], rows)}`;
}
