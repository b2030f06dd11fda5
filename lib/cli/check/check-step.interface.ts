/** What is looked at, in this order. */
export const STEPS = {
  variables: 'Variables',
  url: 'URL',
  connection: 'Connection',
  secret: 'Client id and secret',
  clock: 'Clock',
  tenant: 'Tenant',
} as const;

export type StepName = keyof typeof STEPS;

/** What became of one step. Carries neither token nor secret. */
export interface StepResult {
  readonly step: StepName;
  readonly status: 'ok' | 'failed' | 'skipped';
  readonly message: string;
  /** What to do, where the step failed. */
  readonly next?: string;
}

export function ok(step: StepName, message: string): StepResult {
  return { step, status: 'ok', message };
}

export function failed(step: StepName, message: string, next: string): StepResult {
  return { step, status: 'failed', message, next };
}

export function skipped(step: StepName, message: string): StepResult {
  return { step, status: 'skipped', message };
}

/** What to do where something answers that is not the API. */
export const IS_IT_THE_API =
  'Check that DOKSTAMP_BASE_URL is the address of the API, and that no proxy or login page answers in its place.';
