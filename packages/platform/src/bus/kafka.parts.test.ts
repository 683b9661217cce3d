import { createLogger } from '../log';
import type { BusMessage } from './bus.port';
import { Commits } from './kafka.commits';
import { Lane } from './kafka.lane';
import { Lanes } from './kafka.lanes';
import { needsTimer } from './kafka.request-queue';
import { Room, weightOf } from './kafka.room';
import './kafka.client';

const log = createLogger({ service: 'test', level: 'silent' });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const messages = (numbers: readonly number[]): BusMessage[] =>
  numbers.map((n) => ({ topic: 't', partition: 0, offset: BigInt(n), key: 'k', headers: {}, value: String(n) }));
const numbersOf = (batch: readonly BusMessage[]): number[] => batch.map(({ value }) => Number(value));

const fetched = (from: number, numbers: readonly number[] = [from]) => ({ from: BigInt(from), messages: messages(numbers) });

describe('a lane', () => {
  it('gives what has come in order, as much as is asked for', () => {
    const lane = new Lane();
    lane.add(fetched(0, [0, 1]));
    lane.add(fetched(2, [2, 3]));
    expect([numbersOf(lane.take(3)), numbersOf(lane.take(3)), lane.take(3), lane.isEmpty]).toEqual([[0, 1, 2], [3], [], true]);
  });

  it('leaves out what it knows: fetching begins again at the committed offset', () => {
    const lane = new Lane();
    lane.add(fetched(0, [0, 1, 2]));
    lane.take(2);
    lane.renew();
    expect([lane.add(fetched(0, [0, 1])), lane.add(fetched(2, [2, 3, 4]))]).toEqual([undefined, undefined]);
    expect(numbersOf(lane.take(9))).toEqual([2, 3, 4]);
  });

  it('takes nothing from further on, and says where to go on, so that no message is passed over', () => {
    const lane = new Lane();
    lane.add(fetched(0, [0, 1]));
    lane.renew();
    expect(lane.add(fetched(4, [4, 5]))).toBe(2n);
    expect([lane.add(fetched(2, [2, 3])), lane.add(fetched(4, [4, 5]))]).toEqual([undefined, undefined]);
    expect(numbersOf(lane.take(9))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes a gap within what was asked for: transactions and trimming leave such', () => {
    const lane = new Lane();
    lane.add(fetched(0, [0]));
    expect(lane.add(fetched(1, [7, 9]))).toBeUndefined();
    expect(lane.add(fetched(10))).toBeUndefined();
    expect(numbersOf(lane.take(9))).toEqual([0, 7, 9, 10]);
  });

  it('takes a gap that stays when it is asked for again: the log has lost its beginning. Not so after a rebalance', () => {
    const lane = new Lane();
    lane.add(fetched(0, [0]));
    expect(lane.add(fetched(50))).toBe(1n);
    lane.renew();
    expect(lane.add(fetched(50))).toBe(1n);
    expect(lane.add(fetched(50))).toBeUndefined();
    expect(numbersOf(lane.take(9))).toEqual([0, 50]);
  });

  it('gives nothing once it is closed, and lets fetching go on', () => {
    const lane = new Lane();
    let paused = true;
    lane.add(fetched(0, upTo(2_000)));
    lane.bound(() => () => (paused = false));
    lane.close();
    expect([lane.take(9), lane.isClosed, paused]).toEqual([[], true, false]);
  });

  it('pauses fetching once too much waits, and lets it go on at half of that', () => {
    const lane = new Lane();
    const steps: string[] = [];
    const pause = () => {
      steps.push('pause');
      return () => void steps.push('resume');
    };
    lane.add(fetched(0, upTo(1_999)));
    lane.bound(pause);
    expect(steps).toEqual([]);
    lane.add(fetched(1_999));
    lane.bound(pause);
    lane.bound(pause);
    lane.take(999);
    expect(steps).toEqual(['pause']);
    lane.take(1);
    lane.take(1);
    expect(steps).toEqual(['pause', 'resume']);
  });
});

describe('lanes that share the room of a member', () => {
  const ONE = weightOf(messages([0])[0]!);
  const pausing = (lane: Lane) => {
    const state = { paused: false };
    lane.bound(() => {
      state.paused = true;
      return () => void (state.paused = false);
    });
    return state;
  };

  it('weigh texts and what holds them', () => {
    const [bare] = messages([1]);
    const full = { ...bare!, key: 'k'.repeat(11), value: 'v'.repeat(1_001), headers: { ce_id: 'i'.repeat(50) } };
    expect(weightOf(full) - weightOf(bare!)).toBeGreaterThanOrEqual(1_060);
    expect(weightOf(bare!)).toBeGreaterThan(100);
  });

  it('pause where all of it is taken, by whichever lane, and only those in which something waits', () => {
    const room = new Room(10 * ONE);
    const [full, empty, next] = [0, 1, 2].map(() => new Lane(undefined, room)) as [Lane, Lane, Lane];
    full.add(fetched(0, upTo(9)));
    expect(pausing(full).paused).toBe(false);
    full.add(fetched(9));
    next.add(fetched(0));
    expect([pausing(full).paused, pausing(next).paused, pausing(empty).paused]).toEqual([true, true, false]);
  });

  it('count what is being worked off until the next is taken, and go on at half of the room', () => {
    const room = new Room(10 * ONE);
    const lane = new Lane(undefined, room);
    lane.add(fetched(0, upTo(10)));
    const state = pausing(lane);
    lane.take(6);
    expect([room.bytes, state.paused]).toEqual([10 * ONE, true]);
    lane.take(1);
    expect([room.bytes, state.paused]).toEqual([4 * ONE, false]);
    lane.take(9);
    lane.take(9);
    expect(room.bytes).toBe(0);
  });

  it('go on once they are empty, though another that is stuck keeps the room full', () => {
    const room = new Room(10 * ONE);
    const [stuck, lane] = [new Lane(undefined, room), new Lane(undefined, room)];
    stuck.add(fetched(0, upTo(20)));
    lane.add(fetched(0, [0, 1]));
    const state = pausing(lane);
    expect(lane.take(9)).toHaveLength(2);
    expect(state.paused).toBe(true);
    expect(lane.take(9)).toHaveLength(0);
    expect(state.paused).toBe(false);
  });

  it('give back what waits when they are closed, and what is being worked off when that has ended', () => {
    const room = new Room(10 * ONE);
    const lane = new Lane(undefined, room);
    lane.add(fetched(0, upTo(10)));
    lane.take(3);
    lane.close();
    expect(room.bytes).toBe(3 * ONE);
    lane.take(3);
    expect(room.bytes).toBe(0);
  });
});

describe('the lanes of a member', () => {
  const work = (lanes: Lanes, partition: number, to: number): void => {
    lanes.of('t', partition)!.workedTo = BigInt(to);
  };

  it('go on where a partition stays, with what was worked off, and end where it goes', () => {
    const lanes = new Lanes();
    expect(lanes.assign('me', { t: [0, 1, 2] })).toEqual([]);
    const [stays, goes] = [lanes.of('t', 0)!, lanes.of('t', 1)!];
    work(lanes, 0, 5);
    work(lanes, 1, 7);
    expect(lanes.assign('me', { t: [0, 2, 3] })).toEqual([{ topic: 't', partition: 0, workedTo: 5n }]);
    expect([lanes.of('t', 0) === stays, stays.isClosed, goes.isClosed, lanes.of('t', 1)]).toEqual([true, false, true, undefined]);
    // It comes back later: others have gone on with it meanwhile, and what was known of it counts no more.
    expect(lanes.assign('me', { t: [0, 1] })).toEqual([{ topic: 't', partition: 0, workedTo: 5n }]);
    expect(lanes.of('t', 1)!.workedTo).toBeUndefined();
  });

  it('all end where the member comes under a new name: it was out of the group', () => {
    const lanes = new Lanes();
    lanes.assign('me', { t: [0] });
    const lane = lanes.of('t', 0)!;
    work(lanes, 0, 5);
    expect(lanes.assign('me anew', { t: [0] })).toEqual([]);
    expect([lane.isClosed, lanes.of('t', 0) === lane]).toEqual([true, false]);
  });

  it('wait for the work of the lane before on the same partition', async () => {
    const lanes = new Lanes();
    lanes.assign('me', { t: [0] });
    let end: () => void = () => undefined;
    lanes.of('t', 0)!.running = new Promise((resolve) => (end = resolve));
    lanes.closeAll();
    lanes.assign('me anew', { t: [0] });
    const order: string[] = [];
    void lanes.of('t', 0)!.before.then(() => order.push('next'));
    const idle = lanes.idle().then(() => order.push('idle'));
    await Promise.resolve();
    order.push('ended');
    end();
    await idle;
    expect(order[0]).toBe('ended');
    expect([...order].sort()).toEqual(['ended', 'idle', 'next']);
  });
});

describe('commits', () => {
  const place = (partition: number, next: bigint) => ({ topic: 't', partition, next });

  it('go out together, the newest place of each partition', async () => {
    const sent: unknown[] = [];
    const commits = new Commits(log);
    commits.through(async (offsets) => void sent.push(offsets));
    [place(0, 1n), place(0, 5n), place(1, 3n)].forEach((one) => commits.note(one));
    await commits.commit();
    await commits.commit();
    expect(sent).toEqual([{ topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5' }, { partition: 1, offset: '3' }] }] }]);
  });
  it('are repeated after a fault, but never over a newer place', async () => {
    const sent: string[] = [];
    const commits = new Commits(log);
    let faults = 1;
    commits.through(async ({ topics }) => {
      if (faults-- > 0) {
        commits.note(place(0, 9n));
        throw new Error('away');
      }
      sent.push(...topics[0]!.partitions.map(({ partition, offset }) => `${partition}:${offset}`));
    });
    commits.note(place(0, 4n));
    commits.note(place(1, 2n));
    await commits.flush();
    expect(sent.sort()).toEqual(['0:9', '1:2']);
  });
  it('of an assignment that is over are forgotten, also the one that is under way', async () => {
    const sent: string[] = [];
    const commits = new Commits(log);
    commits.through(async () => {
      commits.forget();
      throw new Error('another generation');
    });
    commits.note(place(0, 4n));
    await commits.commit();
    commits.through(async ({ topics }) => void sent.push(JSON.stringify(topics)));
    await commits.commit();
    expect(sent).toEqual([]);
  });
});

describe('the timer of a queue of requests', () => {
  it.each([
    ['nothing waits, never throttled', [], -1, false], ['something waits', [{}], -1, true],
    ['throttled', [], 2_000, true], ['the throttling is over', [], 500, false],
  ] as const)('%s', (_name, pending, throttledUntil, needed) => {
    expect(needsTimer({ pending, throttledUntil }, 1_000)).toBe(needed);
  });
  it('is not set by kafkajs where nothing waits: it would set itself again every millisecond', () => {
    const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: object) => {
      checkPendingRequests(): void; throttleCheckTimeoutId: unknown;
    };
    const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, enforceRequestTimeout: false, clientId: 'c', broker: 'b', logger: console });
    queue.checkPendingRequests();
    expect(queue.throttleCheckTimeoutId ?? null).toBeNull();
  });
});
