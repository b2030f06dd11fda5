import type { SharedAcquisition, SharedAcquisitionSetup } from './shared-acquisition.js';
import type { TokenProvider } from '../token/token-provider.interface.js';

/** The provider of a fleet. Loads its code, so that an app without a store never loads it. */
export function sharedProvider(setup: SharedAcquisitionSetup): TokenProvider {
  let provider: SharedAcquisition | undefined;
  let isStopped = false;
  const loading = import('./shared-acquisition.js').then(({ SharedAcquisition }) => {
    provider = new SharedAcquisition(setup);
    if (isStopped) provider.stop();
    return provider;
  });
  // Each caller gets the failure from `obtain`.
  loading.catch(() => {});
  return {
    obtain: async (params) => (provider ?? (await loading)).obtain(params),
    refuse: (accessToken) => provider?.refuse(accessToken),
    stop: () => {
      isStopped = true;
      provider?.stop();
    },
  };
}
