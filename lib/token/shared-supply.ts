import type { SharedAcquisition, SharedAcquisitionSetup } from './shared-acquisition.js';
import type { TokenSupply } from './token-supply.interface.js';

/** The supply of one of a fleet. Its code is loaded when a token is first wanted: an app without a store never does. */
export function sharedSupply(setup: SharedAcquisitionSetup): TokenSupply {
  let supply: SharedAcquisition | undefined;
  let isStopped = false;
  const load = async () => {
    const { SharedAcquisition } = await import('./shared-acquisition.js');
    supply ??= new SharedAcquisition(setup);
    if (isStopped) supply.stop();
    return supply;
  };
  return {
    run: async (wish) => (supply ?? (await load())).run(wish),
    find: (wish) => supply?.find(wish),
    refuse: (accessToken) => supply?.refuse(accessToken),
    stop: () => {
      isStopped = true;
      supply?.stop();
    },
  };
}
