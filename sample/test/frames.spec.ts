import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { channel } from 'node:diagnostics_channel';
import type { MessageEvent } from '@nestjs/common';
import type { DokStampHttpService } from '../../lib/index.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Demonstration } from '../src/page/demonstration.interface.js';
import type { Frame } from '../src/page/frames/frame.interface.js';
import { FramesController } from '../src/page/frames/frames.controller.js';
import { Frames } from '../src/page/frames/frames.service.js';
import { Happenings } from '../src/page/frames/happenings.js';
import type { TokenWatch } from '../src/page/frames/token-watch.js';
import { Meter } from '../src/page/load/meter.js';
import { OursClient } from '../src/page/load/ours.client.js';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('the frames of the page', () => {
  function frames() {
    const happenings = new Happenings();
    const made = new Frames({ frame: { state: 'valid' } } as TokenWatch, happenings);
    made.onModuleInit();
    const after = (id?: string) => {
      const told: Frame[] = [];
      made.after(id).subscribe((frame) => told.push(frame));
      return told;
    };
    return { made, happenings, after };
  }

  it('tell a page that comes late what happened before those that are kept, each thing once', () => {
    const { made, happenings, after } = frames();
    for (let minute = 0; minute < 5; minute += 1) {
      happenings.tell({ who: 'ours', kind: 'note', text: `minute ${minute}` });
      vi.advanceTimersByTime(60_000);
    }
    const texts = (told: Frame[]) =>
      told.flatMap(({ happened }) => happened.map(({ text }) => text));
    const late = after();
    expect(late.length).toBeLessThanOrEqual(120);
    expect(texts(late)).toEqual([
      'The app was started.',
      'minute 0',
      'minute 1',
      'minute 2',
      'minute 3',
      'minute 4',
    ]);
    // A page that comes back is told what it has missed.
    expect(texts(after(made.idOf(late.at(-3)!)))).toEqual([]);
    // Of another start of the app it has nothing.
    expect(texts(after('another:300'))).toEqual(texts(late));
    made.onModuleDestroy();
  });

  it('are made for as many as watch, also for one whose id is nonsense', () => {
    let watchers = 0;
    const demonstration: Demonstration = {
      watch: () => (watchers += 1),
      unwatch: () => (watchers -= 1),
      take: () => ({}) as never,
    };
    const made = new Frames({} as TokenWatch, new Happenings(), demonstration);
    const ids = [undefined, '', ':', 'a:b', ['a', 'b'] as never, { a: 1 } as never];
    const all = ids.map((id) => made.after(id).subscribe());
    expect(watchers).toBe(ids.length);
    for (const one of all) one.unsubscribe();
    expect(watchers).toBe(0);
  });

  it('go on where the clock is set back, with its time', () => {
    const { made, after } = frames();
    vi.advanceTimersByTime(3_000);
    vi.setSystemTime(500_000);
    vi.advanceTimersByTime(3_000);
    const told = after();
    expect(told.map(({ nth }) => nth)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(told.map(({ at }) => at)).toEqual([
      1_001_000, 1_002_000, 1_003_000, 501_000, 502_000, 503_000,
    ]);
    expect(after(made.idOf(told[3]!)).map(({ nth }) => nth)).toEqual([5, 6]);
    made.onModuleDestroy();
  });
});

describe('the stream of the frames', () => {
  function watch(lastId?: string) {
    const frames = new Frames({ frame: { state: 'valid' } } as TokenWatch, new Happenings());
    frames.onModuleInit();
    const events: MessageEvent[] = [];
    let isOver = false;
    const response = new EventEmitter() as ServerResponse;
    new FramesController(frames).stream(response, lastId).subscribe({
      next: (event) => events.push(event),
      complete: () => (isOver = true),
    });
    return { frames, events, isOver: () => isOver };
  }

  it('has a frame with an id each second, and a heartbeat each 15 s', () => {
    const { frames, events } = watch();
    vi.advanceTimersByTime(45_000);
    const told = events.filter(({ data }) => data);
    expect(told).toHaveLength(45);
    expect(new Set(told.map(({ id }) => id)).size).toBe(45);
    expect(events.filter(({ comment }) => comment)).toHaveLength(3);
    frames.onModuleDestroy();
  });

  it('ends with the app, its heartbeat too', () => {
    const { frames, events, isOver } = watch();
    vi.advanceTimersByTime(1_000);
    frames.onModuleDestroy();
    expect(isOver()).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(events).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells one start of the app from another, and begins its list with it', () => {
    const [one, other] = [watch(), watch()];
    vi.advanceTimersByTime(2_000);
    const framesOf = ({ events }: typeof one) => events.map(({ data }) => data as Frame);
    const startsOf = (some: typeof one) => new Set(framesOf(some).map(({ start }) => start));
    expect([startsOf(one).size, startsOf(other).size]).toEqual([1, 1]);
    expect(startsOf(one)).not.toEqual(startsOf(other));
    expect(framesOf(one)[0]!.happened[0]!.text).toBe('The app was started.');
    one.frames.onModuleDestroy();
    other.frames.onModuleDestroy();
  });
});

describe('a rate of the page', () => {
  it('is per second, however late its timer is', async () => {
    const meter = new Meter(() => 'error');
    const { signal } = new AbortController();
    for (let calls = 0; calls < 40; calls += 1) await meter.measure(async () => {}, signal);
    vi.advanceTimersByTime(4_000);
    expect(meter.take()).toMatchObject({ calls: 10, totals: { calls: 40 } });
  });
});

describe('what an action did', () => {
  it('is counted from its beginning on', async () => {
    const meter = new Meter(() => 'error');
    const { signal } = new AbortController();
    const call = (ms: number) => async () => void vi.advanceTimersByTime(ms);
    await meter.measure(call(900), signal);
    const counted = meter.begin();
    await meter.measure(call(20), signal);
    await meter.measure(() => Promise.reject(new Error('refused')), signal);
    expect(counted()).toMatchObject({ calls: 2, failed: 1, slowest: 20 });
    expect(meter.totals).toMatchObject({ calls: 3, failed: 1 });
  });
});

describe('what the page counts of ours', () => {
  function counted(isWatched: boolean) {
    const ours = new OursClient({} as DokStampHttpService);
    ours.isWatched = isWatched;
    ours.onModuleInit();
    for (const outcome of ['accepted', 'refused', 'failed', 'not_sent', 'not_sent']) {
      channel('dokstamp:request.replay').publish({ account: undefined, outcome });
    }
    for (const [outcome, durationMs] of [
      ['served', 0.3],
      ['failed', 800],
      ['failed', 0.1],
    ] as const) {
      channel('dokstamp:token.wait').publish({ account: undefined, outcome, durationMs });
    }
    ours.onModuleDestroy();
    channel('dokstamp:request.replay').publish({ account: undefined, outcome: 'accepted' });
    return ours.meter.totals;
  }

  it('are the replays that were sent, and the calls that waited for a token', () => {
    expect(counted(true)).toMatchObject({ replayed: 3, waited: 2 });
  });

  it('is nothing while nobody watches', () => {
    expect(counted(false)).toMatchObject({ replayed: 0, waited: 0 });
  });
});
