import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../../lib/async/clock.js';
import { SecretMask } from '../../lib/redaction/secret-mask.js';
import { CredentialsRecheck } from '../../lib/credentials/credentials-recheck.js';
import { CredentialsSource } from '../../lib/credentials/credentials-source.js';
import { type Deferred, deferred } from '../support/deferred.js';

const OLD = { clientId: 'client-1', clientSecret: 'old-secret' };
const NEW = { clientId: 'client-1', clientSecret: 'new-secret' };

let closing: AbortController;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
  closing = new AbortController();
});

afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A re-check of a pair that was refused. */
async function refused({ rereadable = true } = {}) {
  const calls: Deferred<typeof OLD>[] = [];
  let answers: (() => typeof OLD | Promise<typeof OLD>) | undefined = () => OLD;
  const read = () => {
    const call = deferred<typeof OLD>();
    calls.push(call);
    return answers ? answers() : call.promise;
  };
  const credentials = new CredentialsSource({ rereadable, read }, new SecretMask());
  credentials.refuse(await credentials.read(closing.signal));
  const recheck = new CredentialsRecheck(credentials, SYSTEM_CLOCK);
  return {
    credentials,
    /** The reads since the refusal; the last one is settled by the test where `answer` was told nothing. */
    reads: () => calls.slice(1),
    answer: (given?: typeof answers) => (answers = given),
    otherPair: () => recheck.otherPair(closing.signal),
  };
}

describe('refused credentials', () => {
  it('are read anew, and give the other pair', async () => {
    const { otherPair, answer, reads } = await refused();
    answer(() => NEW);
    expect(await otherPair()).toEqual(NEW);
    expect(reads()).toHaveLength(1);
  });

  it('give none where the function still gives the refused one', async () => {
    const { otherPair } = await refused();
    expect(await otherPair()).toBeUndefined();
  });

  it('stay refused where they cannot be read', async () => {
    const { otherPair, answer, reads } = await refused();
    answer(() => Promise.reject(new Error('down')));
    expect(await otherPair()).toBeUndefined();
    expect(reads()).toHaveLength(1);
  });

  it('are read anew at most once a second, however many ask', async () => {
    const { otherPair, reads } = await refused();
    await Promise.all([otherPair(), otherPair(), otherPair()]);
    expect(reads()).toHaveLength(1);
    await pass(999);
    await otherPair();
    expect(reads()).toHaveLength(1);
    await pass(1);
    await Promise.all([otherPair(), otherPair()]);
    expect(reads()).toHaveLength(2);
  });

  it('are read anew once a second by a call every 10 ms', async () => {
    const { otherPair, reads } = await refused();
    for (let call = 0; call < 1_000; call++) {
      await otherPair();
      await pass(10);
    }
    expect(reads()).toHaveLength(10);
  });

  it('are counted by the monotonic clock: a wall clock that jumps allows no more reads, and no fewer', async () => {
    const { otherPair, reads } = await refused();
    await otherPair();
    vi.setSystemTime(Date.now() + 3_600_000);
    await otherPair();
    expect(reads()).toHaveLength(1);
    vi.setSystemTime(Date.now() - 7_200_000);
    await pass(1_000);
    await otherPair();
    expect(reads()).toHaveLength(2);
  });

  it('are not read anew where another pair is known already', async () => {
    const { credentials, otherPair, answer, reads } = await refused();
    answer(() => NEW);
    await credentials.read(closing.signal);
    expect(await otherPair()).toEqual(NEW);
    expect(reads()).toHaveLength(1);
  });

  it('are not read anew where they are constants', async () => {
    const { otherPair, reads } = await refused({ rereadable: false });
    expect(await otherPair()).toBeUndefined();
    expect(reads()).toHaveLength(0);
  });
});

describe('a read that takes long', () => {
  it('is waited for by the call that causes it alone; others are answered at once', async () => {
    const { otherPair, answer, reads } = await refused();
    answer();
    const causes = otherPair();
    await pass(0);
    expect(await otherPair()).toBeUndefined();
    reads()[0]?.resolve(NEW);
    expect(await causes).toEqual(NEW);
  });

  it('is waited for 1 s at most', async () => {
    const { otherPair, answer } = await refused();
    answer();
    const answered = vi.fn();
    void otherPair().then(answered);
    await pass(999);
    expect(answered).not.toHaveBeenCalled();
    await pass(1);
    expect(answered).toHaveBeenCalledExactlyOnceWith(undefined);
  });

  it('that brings another pair after 1.3 s is known to the next call, without another read', async () => {
    const { otherPair, answer, reads } = await refused();
    answer();
    const impatient = otherPair();
    await pass(1_300);
    expect(await impatient).toBeUndefined();
    reads()[0]?.resolve(NEW);
    await pass(0);
    expect(await otherPair()).toEqual(NEW);
    expect(reads()).toHaveLength(1);
  });

  it('that brings nothing new is followed by another read, by the next call after that', async () => {
    const { otherPair, answer, reads } = await refused();
    answer();
    const impatient = otherPair();
    await pass(1_300);
    await impatient;
    reads()[0]?.resolve(OLD);
    await pass(0);
    answer(() => NEW);
    expect(await otherPair()).toEqual(NEW);
    expect(reads()).toHaveLength(2);
  });

  it('is neither waited for nor begun anew by later calls while it hangs', async () => {
    const { otherPair, answer, reads } = await refused();
    answer();
    const causes = otherPair();
    await pass(1_000);
    await causes;
    for (let call = 0; call < 10; call++) {
      await pass(1_500);
      // Answered without any time.
      expect(await otherPair()).toBeUndefined();
    }
    expect(reads()).toHaveLength(1);
  });

  it('is no longer waited for when the account is closed', async () => {
    const { otherPair, answer } = await refused();
    answer();
    const waits = otherPair();
    await pass(10);
    closing.abort();
    expect(await waits).toBeUndefined();
  });

  it.each(['resolve', 'reject'] as const)(
    'leaves neither timer nor listener behind when it does %s',
    async (how) => {
      const { otherPair, answer, reads } = await refused();
      answer();
      const waits = otherPair();
      await pass(10);
      expect(vi.getTimerCount()).toBe(1);
      reads()[0]?.[how](NEW);
      await waits;
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(closing.signal, 'abort')).toEqual([]);
    },
  );

  it('leaves neither timer nor listener behind while it hangs', async () => {
    const { otherPair, answer } = await refused();
    answer();
    const waits = otherPair();
    await pass(1_000);
    await waits;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(closing.signal, 'abort')).toEqual([]);
  });
});
