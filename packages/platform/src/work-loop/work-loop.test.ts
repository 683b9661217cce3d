import { eventually } from '@tael/testkit';
import { createLogger } from '../log';
import { GatheredWrites, startWorkLoop } from './index';

const log = createLogger({ service: 'test', level: 'silent' });

describe('a work loop', () => {
  it('goes on at once while there is work', async () => {
    const left = [3, 2, 1];
    let pieces = 0;
    const loop = startWorkLoop({
      name: 'count', idleMs: 60_000, log,
      work: async () => {
        pieces += 1;
        return left.shift() ?? 0;
      },
    });
    // Had it rested once, that would be a minute.
    await eventually(() => expect(pieces).toBe(4));
    await loop.stop();
  });

  it('rests where there is none', async () => {
    const at: number[] = [];
    const loop = startWorkLoop({ name: 'idle', idleMs: 60, log, work: async () => (at.push(performance.now()), 0) });
    await eventually(() => expect(at.length).toBeGreaterThanOrEqual(3));
    await loop.stop();
    expect(at[2]! - at[0]!).toBeGreaterThanOrEqual(100);
  });

  it('survives faults, says so when they go on, and is well again after', async () => {
    let faulty = true;
    let runs = 0;
    const loop = startWorkLoop({
      name: 'faulty', idleMs: 1, log,
      work: async () => {
        runs += 1;
        if (faulty) throw new Error('away');
        return 0;
      },
    });
    expect(await loop.health()).toEqual({ ready: true });
    await eventually(async () => expect(await loop.health()).toMatchObject({ ready: false, cause: expect.stringContaining('faulty failed') }));
    expect(runs).toBeGreaterThanOrEqual(5);
    faulty = false;
    await eventually(async () => expect(await loop.health()).toEqual({ ready: true }));
    await loop.stop();
  });

  it('stops after the running piece, which is told to break off, and starts no other', async () => {
    let pieces = 0;
    let finished = 0;
    const loop = startWorkLoop({
      name: 'long', idleMs: 0, log,
      work: async (stopped) => {
        pieces += 1;
        while (!stopped()) await new Promise(setImmediate);
        finished += 1;
        return 1;
      },
    });
    await eventually(() => expect(pieces).toBe(1));
    await loop.stop();
    expect([pieces, finished]).toEqual([1, 1]);
  });

  it('rests longer and longer where nothing comes, and shortly again once it is woken', async () => {
    const at: number[] = [];
    let wake: () => void = () => undefined;
    let subscribed = true;
    const loop = startWorkLoop({
      name: 'quiet', idleMs: 2, log,
      quiet: {
        maxMs: 1_000,
        woken: (listener) => {
          wake = listener;
          return () => (subscribed = false);
        },
      },
      work: async () => {
        at.push(performance.now());
        return 0;
      },
    });
    const lastRest = () => at.at(-1)! - at.at(-2)!;
    await eventually(() => expect(at.length > 1 && lastRest()).toBeGreaterThanOrEqual(999), { timeoutMs: 10_000 });
    const looks = at.length;
    // The first ten looks follow each other as ever; a rest grows from then on.
    expect(looks).toBeGreaterThan(15);
    expect(looks).toBeLessThan(22);
    const woken = performance.now();
    wake();
    await eventually(() => expect(at.length).toBeGreaterThan(looks + 5));
    expect(at[looks]! - woken).toBeLessThan(500);
    expect(at[looks + 5]! - woken).toBeLessThan(900);
    await loop.stop();
    expect(subscribed).toBe(false);
  });
});

it('gathered writes wait for company where told: what comes meanwhile is one write', async () => {
  const written: number[][] = [];
  const writes = new GatheredWrites<number>(async (items) => void written.push([...items]), 30);
  const first = writes.add(1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([first, writes.add(2)]);
  expect(written).toEqual([[1, 2]]);
});
