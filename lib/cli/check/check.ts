import type { StepName, StepResult } from './check-step.interface.js';
import { skipped } from './check-step.interface.js';
import { callApi } from './api-steps.js';
import { ClockWatch } from './clock-watch.js';
import { readOptions } from './options-steps.js';
import { requestToken } from './token-steps.js';

/** A step that has begun and may take a while, or what became of one. */
export type CheckEvent = { readonly begun: StepName } | StepResult;

/** Checks the account of the environment, with one token request and one call; tells each step as it goes. */
export async function* check(): AsyncGenerator<CheckEvent> {
  const { options, proxy, results } = await readOptions();
  yield* results;
  if (!options) {
    yield* skipping(['connection', 'secret', 'clock', 'tenant'], 'the options are wrong');
    return;
  }
  const clock = new ClockWatch();
  try {
    yield { begun: 'connection' };
    const { accessToken, ...token } = await requestToken(options, proxy);
    yield* token.results;
    if (accessToken !== undefined) yield { begun: 'tenant' };
    const called = accessToken === undefined ? undefined : await callApi(options, accessToken);
    yield clock.result;
    yield called ?? skipped('tenant', 'not checked, as there is no token');
  } finally {
    clock.end();
  }
}

function skipping(steps: readonly StepName[], why: string): StepResult[] {
  return steps.map((step) => skipped(step, `not checked, as ${why}`));
}
