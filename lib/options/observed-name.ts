/** What the account without a name is called in metrics. */
export const UNNAMED_ACCOUNT = 'default';

/** What all accounts at run time are called in channels and metrics, as their number has no bound. */
export const RUNTIME_ACCOUNT = 'runtime';

/** What an account is called in channels and metrics: its name, unless that means something else there. */
export function observedName(name: string | undefined): string | undefined {
  const isTaken = name === UNNAMED_ACCOUNT || name === RUNTIME_ACCOUNT;
  return isTaken ? `${name} (named)` : name;
}
