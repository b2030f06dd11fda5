import type { DokStampConfigError } from '../../errors/dokstamp-config.error.js';
import { isDokStampError } from '../../errors/dokstamp.error.js';
import { dokStampConfig } from '../../options/dokstamp.config.js';
import { resolveOptions } from '../../options/options.resolver.js';
import type { ResolvedOptions } from '../../options/resolved-options.js';
import { type StepResult, failed, ok, skipped } from './check-step.interface.js';
import { type Proxy, named, proxyInUse } from './proxy.js';

/** The options that the environment gives, whether they are good, and the way to their URL. */
export async function readOptions(): Promise<{
  options?: ResolvedOptions;
  proxy?: Proxy | undefined;
  results: StepResult[];
}> {
  try {
    const options = resolveOptions(dokStampConfig());
    const proxy = await proxyInUse(options.baseURL);
    const way = proxy ? `, through ${named(proxy)}` : '';
    return {
      options,
      proxy,
      results: [
        ok('variables', 'the DOKSTAMP_* variables are good'),
        ok('url', `${options.baseURL}${way}`),
      ],
    };
  } catch (error) {
    if (!isDokStampError(error)) throw error;
    return { results: resultsOf((error as DokStampConfigError).faults) };
  }
}

function resultsOf(faults: readonly string[]): StepResult[] {
  const ofUrl = faults.filter((fault) => fault.startsWith('baseURL '));
  const others = faults.filter((fault) => !ofUrl.includes(fault));
  return [
    others.length > 0
      ? failed(
          'variables',
          others.join('; '),
          'Set them in the environment, or name their file by --env-file; one that is set there already, even to nothing, hides that of the file: unset it.',
        )
      : ok('variables', 'the other DOKSTAMP_* variables are good'),
    ofUrl.length > 0
      ? failed('url', ofUrl.join('; '), 'Correct DOKSTAMP_BASE_URL, or leave it out.')
      : skipped('url', 'not checked, as variables are wrong'),
  ];
}
