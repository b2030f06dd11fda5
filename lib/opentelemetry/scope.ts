import { USER_AGENT } from '../package-info.js';

const [name = '', version = ''] = USER_AGENT.split('/');

/** Name and version of the instrumentation scope. */
export const SCOPE = [name, version] as const;
