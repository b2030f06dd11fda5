import type { SharedAcquisition, SharedAcquisitionSetup } from './shared-acquisition.js';
import type { TokenSupply } from './token-supply.interface.js';

/** The supply of one of a fleet. Its code is loaded here, so that an app without a store never loads it. */
export function sharedSupply(setup: SharedAcquisitionSetup): TokenSupply {
  let supply: SharedAcquisition | undefined;
  let isStopped = false;
  const loading = import('./shared-acquisition.js').then(({ SharedAcquisition }) => {
    supply = new SharedAcquisition(setup);
    if (isStopped) supply.stop();
    return supply;
  });
  // Whoever asks for a token is told.
  loading.catch(() => {});
  return {
    run: async (wish) => (supply ?? (await loading)).run(wish),
    find: (wish) => supply?.find(wish),
    refuse: (accessToken) => supply?.refuse(accessToken),
    stop: () => {
      isStopped = true;
      supply?.stop();
    },
  };
}
