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

const SITUATIONS = [
  coldStart,
  renewal,
  revocation,
  outage,
  refusedSecret,
  slowEndpoint,
  stream,
  otherOrigin,
];

/** Part two: what happens when something happens. */
export async function situations(options) {
  const told = [];
  for (const situation of SITUATIONS) {
    const { title, text, head } = situation;
    progress(title);
    told.push(`### ${title}\n\n${text}\n\n${table(['', ...head], await situation.run(options))}`);
  }
  return `## Situations\n\n${told.join('\n\n')}`;
}
