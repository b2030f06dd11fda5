import { AsyncResource } from 'node:async_hooks';

// Destroyed at once, so that it is not an open handle (Jest's `--detectOpenHandles`). It can still run functions.
const resource = new AsyncResource('DOKSTAMP', { requireManualDestroy: true });
resource.emitDestroy();

// If an app loads the package inside a request, the resource has inherited the stores of that request.
for (const key of Object.getOwnPropertySymbols(resource)) {
  if (/^(kResourceStore|context_frame)$/.test(key.description ?? ''))
    Reflect.deleteProperty(resource, key);
}

/** Runs work in no request's async context, so that no `AsyncLocalStorage` store or trace of a caller is visible in it. */
export function outsideRequest<T>(work: () => T): T {
  return resource.runInAsyncScope(work);
}
