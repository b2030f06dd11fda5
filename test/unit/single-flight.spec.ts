import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { SingleFlight } from '../../lib/async/single-flight.js';
import { type Deferred, deferred, uncaughtDuring } from '../support/deferred.js';

/** Work that ends when it is told to; `runs` holds one entry for each time it was begun. */
function pieceOfWork() {
  const runs: Deferred<string>[] = [];
  const work = () => {
    const run = deferred<string>();
    runs.push(run);
    return run.promise;
  };
  return { runs, work };
}

const microtask = () => Promise.resolve();

describe('a single flight', () => {
  it('is one piece of work for any number of callers', async () => {
    const flight = new SingleFlight<string>();
    const { runs, work } = pieceOfWork();
    const callers = [flight.run(work), flight.run(work), flight.run(work)];
    await microtask();
    const late = flight.run(work);
    runs[0]?.resolve('token_1');
    expect(await Promise.all([...callers, late])).toEqual(Array(4).fill('token_1'));
    expect(runs).toHaveLength(1);
  });

  it('does what the first caller brought; what others bring while it is under way is not begun', async () => {
    const flight = new SingleFlight<string>();
    const other = vi.fn(() => 'token_2');
    const results = [flight.run(() => 'token_1'), flight.run(other)];
    expect(await Promise.all(results)).toEqual(['token_1', 'token_1']);
    expect(other).not.toHaveBeenCalled();
  });

  it('starts in a microtask, after whoever began it has gone on; it is under way from the call on', async () => {
    const flight = new SingleFlight<string>();
    const { runs, work } = pieceOfWork();
    expect(flight.isUnderWay).toBe(false);
    const result = flight.run(work);
    expect(flight.isUnderWay).toBe(true);
    expect(runs).toHaveLength(0);
    await microtask();
    expect(runs).toHaveLength(1);
    runs[0]?.resolve('token_1');
    await result;
  });

  it.each(['resolve', 'reject'] as const)(
    'is over when its work does %s, before any caller goes on: the next call begins anew',
    async (how) => {
      const flight = new SingleFlight<string>();
      const { runs, work } = pieceOfWork();
      const first = flight.run(work);
      const next = first.then(
        () => flight.isUnderWay,
        () => flight.isUnderWay,
      );
      await microtask();
      runs[0]?.[how]('token_1');
      expect(await next).toBe(false);
      const second = flight.run(work);
      await microtask();
      expect(runs).toHaveLength(2);
      runs[1]?.resolve('token_2');
      expect(await second).toBe('token_2');
    },
  );

  it('fails for all callers, with the same reason', async () => {
    const flight = new SingleFlight<string>();
    const { runs, work } = pieceOfWork();
    const callers = Promise.allSettled([flight.run(work), flight.run(work)]);
    await microtask();
    const reason = new Error('no token');
    runs[0]?.reject(reason);
    const failed = { status: 'rejected', reason };
    expect(await callers).toEqual([failed, failed]);
  });

  it('also fails, and is over, where the work throws at once', async () => {
    const flight = new SingleFlight<string>();
    const thrown = flight.run(() => {
      throw new Error('at once');
    });
    await expect(thrown).rejects.toThrow('at once');
    expect(flight.isUnderWay).toBe(false);
  });

  it('that fails with nobody waiting is no unhandled rejection', async () => {
    const uncaught = await uncaughtDuring(async () => {
      const flight = new SingleFlight<string>();
      const { runs, work } = pieceOfWork();
      void flight.run(work);
      await microtask();
      runs[0]?.reject(new Error('too late'));
    });
    expect(uncaught).toEqual([]);
  });

  it('that fails for one who does wait is an unhandled rejection where that one does not look', async () => {
    const reason = new Error('unseen');
    const uncaught = await uncaughtDuring(async () => {
      void new SingleFlight<string>().run(() => Promise.reject(reason)).then(() => {});
    });
    expect(uncaught).toEqual([reason]);
  });

  it('runs in the async context of no caller, and so do the timers that it starts', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const flight = new SingleFlight<void>();
    await storage.run('a request', async () => {
      await flight.run(async () => {
        seen.push(storage.getStore());
        await new Promise<void>((resolve) => setTimeout(resolve, 1));
        seen.push(storage.getStore());
      });
      seen.push(storage.getStore());
    });
    expect(seen).toEqual([undefined, undefined, 'a request']);
  });
});
