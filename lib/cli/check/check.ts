import type { StepName, StepResult } from './check-step.interface.js';
import { skipped } from './check-step.interface.js';
import { callApi } from './api-steps.js';
import { readOptions } from './options-steps.js';
import { requestToken } from './token-steps.js';

/** A step that has begun and may take a while, or what became of one. */
export type CheckEvent = { readonly begun: StepName } | StepResult;

/** Checks the account of the environment, with one token request and one call; tells each step as it goes. */
export async function* check(): AsyncGenerator<CheckEvent> {
  const { options, results } = readOptions();
  yield* results;
  if (!options) {
    yield* skipping(['connection', 'secret', 'clock', 'tenant'], 'the options are wrong');
    return;
  }
  yield { begun: 'connection' };
  const { accessToken, ...token } = await requestToken(options);
  yield* token.results;
  if (accessToken === undefined) {
    yield* skipping(['clock', 'tenant'], 'there is no token');
    return;
  }
  yield { begun: 'tenant' };
  yield* await callApi(options, accessToken);
}

function skipping(steps: readonly StepName[], why: string): StepResult[] {
  return steps.map((step) => skipped(step, `not checked, as ${why}`));
}
