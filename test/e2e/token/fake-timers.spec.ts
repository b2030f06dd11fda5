import { describe, expect, it, vi } from 'vitest';
import { DokStampSandbox } from '../../../lib/testing/index.js';
import { optionsFor } from '../../support/app.js';
import { waitUntil } from '../../support/time.js';
import { tokenHarness } from '../../support/token-harness.js';

describe('fake timers that are moved exactly to status.nextRenewalAt', () => {
  it('run the renewal', async () => {
    await using sandbox = await DokStampSandbox.start();
    // As an app would do it, with chance as it is.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    await using harness = await tokenHarness(optionsFor(sandbox));
    await harness.tokens.getToken();
    for (let renewal = 1; renewal <= 5; renewal++) {
      const due = harness.tokens.status.nextRenewalAt?.getTime() ?? 0;
      await vi.advanceTimersByTimeAsync(due - Date.now());
      await waitUntil(() => harness.events.length === 1 + renewal);
    }
    expect(sandbox.tokenRequests).toBe(6);
  });
});
