import fc from 'fast-check';
import { withDeadline } from './deadline';
import { partitionOf } from './partition';
import { backoffMs, createPause } from './pause';
import { assign, nameOf } from './postgres.group';
import { createSlots } from './slots';

describe('partitionOf', () => {
  it.each([
    ['', 5, 923], ['wallet', 4, 346], ['0190aaaa-0000-7000-8000-000000000001', 1, 333], ['钱包', 1, 101],
  ])('never changes: %j', (key, ofSix, ofThousand) => {
    expect([partitionOf(key, 6), partitionOf(key, 1_000)]).toEqual([ofSix, ofThousand]);
  });
  it('stays within the partitions', () => {
    fc.assert(fc.property(fc.string(), fc.integer({ min: 1, max: 1_000 }), (key, partitions) => {
      const partition = partitionOf(key, partitions);
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
    }));
  });
  it('spreads keys that differ in their last digits', () => {
    const counts = new Map<number, number>();
    for (let n = 0; n < 6_000; n++) {
      const partition = partitionOf(`0190aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`, 6);
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
    expect(counts.size).toBe(6);
  });
});

describe('assign', () => {
  const slots = (topics: readonly string[], partitions: number): { topic: string; partition: number }[] =>
    topics.flatMap((topic) => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));
  const topics = ['a', 'b'];

  it('gives every partition one living owner, in shares that differ by one at most', () => {
    const members = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 9 });
    fc.assert(fc.property(members, fc.integer({ min: 1, max: 9 }), (names, partitions) => {
      const owners = assign(slots(topics, partitions), names.map((member) => ({ member, topics })));
      const shares = names.map((name) => [...owners.values()].filter((owner) => owner === name).length);
      expect(owners.size).toBe(2 * partitions);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }));
  });
  it('does not depend on the order of the members', () => {
    const members = [{ member: 'x', topics }, { member: 'y', topics }, { member: 'z', topics }];
    expect(assign(slots(topics, 4), [...members].reverse())).toEqual(assign(slots(topics, 4), members));
  });
  it('gives a topic only to those who want it, and to nobody where none does', () => {
    const owners = assign(slots(['a', 'b', 'c'], 3), [{ member: 'x', topics: ['a'] }, { member: 'y', topics: ['a', 'b'] }]);
    for (const slot of slots(['b'], 3)) expect(owners.get(nameOf(slot))).toBe('y');
    for (const slot of slots(['c'], 3)) expect(owners.has(nameOf(slot))).toBe(false);
  });
});

describe('backoffMs', () => {
  const bounds = { firstMs: 100, mostMs: 5_000 };
  it.each([[1, 0, 50], [1, 1, 100], [2, 1, 200], [6, 1, 3_200], [7, 1, 5_000], [1_000, 1, 5_000], [1_000, 0, 2_500]])(
    'attempt %i with randomness %d waits %i ms', (attempt, random, expected) => {
      expect(backoffMs(attempt, bounds, () => random)).toBe(expected);
    },
  );
});

describe('a pause', () => {
  it('ends early when woken, and does not lose a wake-up that came before', async () => {
    const pause = createPause();
    const waited = pause.wait(60_000);
    pause.wake();
    await waited;
    pause.wake();
    await pause.wait(60_000);
    const rested = await Promise.race([pause.wait(60_000).then(() => 'woken'), Promise.resolve('asleep')]);
    expect(rested).toBe('asleep');
    pause.wake();
  });
});

describe('slots', () => {
  it('never lets more run at once than there are, and runs all, also after a failure', async () => {
    const slots = createSlots(3);
    let running = 0;
    let most = 0;
    const done = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => slots(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (n % 4 === 0) throw new Error('fails');
      return n;
    })));
    expect(most).toBe(3);
    expect(done.filter((result) => result.status === 'fulfilled')).toHaveLength(15);
    expect(await slots(async () => 'free')).toBe('free');
  });
});

describe('withDeadline', () => {
  it('passes on what came in time, and rejects what did not', async () => {
    await expect(withDeadline(Promise.resolve(7), 1_000, 'it')).resolves.toBe(7);
    await expect(withDeadline(Promise.reject(new Error('own')), 1_000, 'it')).rejects.toThrow('own');
    await expect(withDeadline(new Promise(() => undefined), 5, 'it')).rejects.toThrow('it did not end within 5 ms');
  });
});
