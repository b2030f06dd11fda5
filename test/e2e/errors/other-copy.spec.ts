import { beforeAll, describe, expect, it, vi } from 'vitest';
import { DokStampConfigError, DokStampError, isDokStampError } from '../../../lib/index.js';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { PLATFORMS, route, serve, unavailable } from '../../support/filtered-app.js';

let other: typeof import('../../../lib/index.js');

// As an app has two copies if it loads the package by import and by require.
beforeAll(async () => {
  vi.resetModules();
  other = await import('../../../lib/index.js');
});

describe('the errors of another copy of this package', () => {
  it('are of other classes', () => {
    expect(new other.DokStampError('closed', 'Over.')).not.toBeInstanceOf(DokStampError);
    expect(new other.DokStampConfigError(['x'])).not.toBeInstanceOf(DokStampConfigError);
  });

  it('are recognised by isDokStampError of each copy', () => {
    expect(isDokStampError(new other.DokStampError('closed', 'Over.'))).toBe(true);
    expect(isDokStampError(new other.DokStampConfigError(['x']))).toBe(true);
    expect(other.isDokStampError(new DokStampError('closed', 'Over.'))).toBe(true);
  });

  it.each(PLATFORMS)('are answered by DokStampExceptionFilter on %s', async (_, Adapter) => {
    await using sandbox = await DokStampSandbox.start();
    await using app = await serve(sandbox, Adapter);
    route.throws = new other.DokStampError('token_request_failed', 'No.');
    expect(await app.get('/thrown')).toEqual(unavailable('token_request_failed', null));
  });
});
