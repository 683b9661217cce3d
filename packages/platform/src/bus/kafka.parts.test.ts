import { createLogger } from '../log';
import type { BusMessage } from './bus.port';
import { Commits } from './kafka.commits';
import { Lane } from './kafka.lane';
import { needsTimer } from './kafka.request-queue';
import './kafka.client';

const log = createLogger({ service: 'test', level: 'silent' });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const messages = (numbers: readonly number[]): BusMessage[] =>
  numbers.map((n) => ({ topic: 't', partition: 0, offset: BigInt(n), key: 'k', headers: {}, value: String(n) }));
const numbersOf = (batch: readonly BusMessage[]): number[] => batch.map(({ value }) => Number(value));

describe('a lane', () => {
  it('gives what has come in order, as much as is asked for', () => {
    const lane = new Lane();
    lane.add(messages([0, 1]), 1);
    lane.add(messages([2, 3]), 1);
    expect([numbersOf(lane.take(3, 1)), numbersOf(lane.take(3, 1)), lane.take(3, 1), lane.isEmpty]).toEqual([[0, 1, 2], [3], [], true]);
  });
  it('drops what was fetched under an older assignment: it comes again', () => {
    const lane = new Lane();
    lane.add(messages([0, 1]), 1);
    lane.add(messages([0]), 2);
    expect(numbersOf(lane.take(9, 2))).toEqual([0]);
    lane.add(messages([1]), 2);
    expect(lane.take(9, 3)).toEqual([]);
  });
  it('takes nothing from further on under a new assignment, and says where to go on, so that no message is passed over', () => {
    const lane = new Lane();
    lane.add(messages([0, 1, 2, 3]), 1);
    lane.take(2, 1);
    lane.done(2n);
    // Fetched under assignment 1, handed over under 2: what lay between was dropped with it.
    expect(lane.add(messages([4, 5]), 2)).toBe(2n);
    expect(lane.take(10, 2)).toEqual([]);
    expect(lane.add(messages([2, 3, 4, 5]), 2)).toBeUndefined();
    expect(lane.take(10, 2).map(({ offset }) => offset)).toEqual([2n, 3n, 4n, 5n]);
  });

  it('takes a gap that stays: the log itself has one', () => {
    const lane = new Lane();
    lane.add(messages([0]), 1);
    expect(lane.add(messages([9]), 1)).toBe(1n);
    expect(lane.add(messages([9]), 1)).toBeUndefined();
    expect(lane.take(10, 1).map(({ offset }) => offset)).toEqual([0n, 9n]);
  });

  it('pauses fetching once too much waits, and lets it go on at half of that', () => {
    const lane = new Lane();
    const steps: string[] = [];
    const pause = () => {
      steps.push('pause');
      return () => void steps.push('resume');
    };
    lane.add(messages(upTo(1_999)), 1);
    lane.bound(pause);
    expect(steps).toEqual([]);
    lane.add(messages([1_999]), 1);
    lane.bound(pause);
    lane.bound(pause);
    lane.take(999, 1);
    expect(steps).toEqual(['pause']);
    lane.take(1, 1);
    lane.take(1, 1);
    expect(steps).toEqual(['pause', 'resume']);
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
