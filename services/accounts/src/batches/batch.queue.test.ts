import { eventually } from '@tael/testkit';
import fc from 'fast-check';
import { BatchQueue, type BatchQueueOptions, QueueFull } from './batch.queue';

interface Item {
  readonly id: number;
  readonly group: string;
}

const item = (id: number, group = `g${id}`): Item => ({ id, group });

/** A queue whose batches end when the test says so. */
function openQueue(change: Partial<BatchQueueOptions<Item, string>> = {}) {
  const batches: { items: readonly Item[]; end: (error?: unknown) => Promise<void> }[] = [];
  let now = 0;
  const queue = new BatchQueue<Item, string>({
    work: (items) => new Promise((resolve, reject) => {
      const end = async (error?: unknown) => {
        if (error) reject(error);
        else resolve(items.map(({ id }) => `done ${id}`));
        await new Promise(setImmediate);
      };
      batches.push({ items, end });
    }),
    groupOf: ({ group }) => group, isFaultOfOne: () => true, lanes: 2, slowMs: 500, batchMax: 3, waitingMax: 100, patienceMs: 1_000, clock: () => now,
    ...change,
  });
  return { queue, batches, ids: () => batches.map(({ items }) => items.map(({ id }) => id)), pass: (ms: number) => (now += ms) };
}

describe('BatchQueue', () => {
  it('begins a lone item at once, and gathers what comes while all lanes are busy', async () => {
    const { queue, batches, ids } = openQueue();
    const answers = [1, 2, 3, 4, 5, 6].map((id) => queue.submit(item(id)));
    expect(ids()).toEqual([[1], [2]]);
    await batches[0]!.end();
    expect(ids()).toEqual([[1], [2], [3, 4, 5]]);
    await batches[1]!.end();
    expect(ids()).toEqual([[1], [2], [3, 4, 5]]);
    await batches[2]!.end();
    expect(ids()).toEqual([[1], [2], [3, 4, 5], [6]]);
    await batches[3]!.end();
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5, 6].map((id) => `done ${id}`));
  });

  it('makes a second batch beside one in work once as many wait as that one has', async () => {
    const { queue, batches, ids } = openQueue({ lanes: 2, batchMax: 4 });
    for (const id of [1, 2, 3, 4]) void queue.submit(item(id));
    await batches[0]!.end();
    expect(ids()).toEqual([[1], [2], [3, 4]]);
    await batches[1]!.end();
    void queue.submit(item(5));
    expect(ids()).toEqual([[1], [2], [3, 4]]);
    void queue.submit(item(6));
    expect(ids()).toEqual([[1], [2], [3, 4], [5, 6]]);
    for (const batch of batches.slice(2)) await batch.end();
  });

  it('waits no longer for a batch that is slow: it may wait for a lock of somebody else', async () => {
    const { queue, batches, ids } = openQueue({ slowMs: 20, clock: () => performance.now() });
    for (const id of [1, 2, 3, 4]) void queue.submit(item(id));
    await batches[0]!.end();
    await batches[1]!.end();
    void queue.submit(item(5));
    expect(ids()).toEqual([[1], [2], [3, 4]]);
    await eventually(() => Promise.resolve(expect(ids()).toEqual([[1], [2], [3, 4], [5]])));
    for (const batch of batches.slice(2)) await batch.end();
  });

  it('has one item of a group in work at a time, in the order of their coming, and lets others pass', async () => {
    const { queue, batches, ids } = openQueue();
    for (const each of [item(1, 'a'), item(2, 'a'), item(3, 'a'), item(4, 'b')]) void queue.submit(each);
    expect(ids()).toEqual([[1], [4]]);
    await batches[1]!.end();
    expect(ids()).toEqual([[1], [4]]);
    await batches[0]!.end();
    expect(ids()).toEqual([[1], [4], [2]]);
    await batches[2]!.end();
    expect(ids()).toEqual([[1], [4], [2], [3]]);
  });

  it('does a batch that failed again one by one: the neighbours of a poisoned item are answered', async () => {
    const poisoned = new Error('poison');
    const tried: number[][] = [];
    const work = async (items: readonly Item[]) => {
      tried.push(items.map(({ id }) => id));
      await new Promise(setImmediate);
      if (items.some(({ id }) => id === 3)) throw poisoned;
      return items.map(({ id }) => `done ${id}`);
    };
    const { queue } = openQueue({ work, lanes: 1 });
    const answers = await Promise.allSettled([1, 2, 3, 4].map((id) => queue.submit(item(id))));
    expect(tried).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason))).toEqual([
      'done 1', 'done 2', poisoned, 'done 4',
    ]);
    expect(await queue.submit(item(6, 'g3'))).toBe('done 6');
  });

  it('does not try again what may have been done, or cannot be done now', async () => {
    const away = new Error('away');
    const { queue, batches, ids } = openQueue({ isFaultOfOne: (error) => error !== away, lanes: 1 });
    void queue.submit(item(1));
    const both = Promise.allSettled([queue.submit(item(2)), queue.submit(item(3))]);
    await batches[0]!.end();
    await batches[1]!.end(away);
    expect((await both).map((answer) => answer.status)).toEqual(['rejected', 'rejected']);
    expect(ids()).toEqual([[1], [2, 3]]);
  });

  it('refuses at once beyond its bound, and takes more when there is room again', async () => {
    const { queue, batches } = openQueue({ lanes: 1, waitingMax: 2 });
    for (const id of [1, 2, 3]) void queue.submit(item(id));
    await expect(queue.submit(item(4))).rejects.toThrow(QueueFull);
    await batches[0]!.end();
    const answer = queue.submit(item(5));
    await batches[1]!.end();
    await batches[2]!.end();
    expect(await answer).toBe('done 5');
  });

  it('does no work for who has waited too long, and goes on with the next', async () => {
    const { queue, batches, ids, pass } = openQueue({ lanes: 1 });
    void queue.submit(item(1, 'a'));
    const late = queue.submit(item(2, 'a'));
    const refused = expect(late).rejects.toThrow(QueueFull);
    pass(1_001);
    void queue.submit(item(3, 'a'));
    await batches[0]!.end();
    await refused;
    expect(ids()).toEqual([[1], [3]]);
  });

  it('answers everybody exactly once, keeps the order of a group, and never exceeds its bounds', async () => {
    const groups = fc.array(fc.nat(3), { maxLength: 40 });
    await fc.assert(fc.asyncProperty(groups, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }), async (plan, lanes, batchMax) => {
      const done: Item[] = [];
      let running = 0;
      const work = async (items: readonly Item[]) => {
        running += 1;
        expect(running).toBeLessThanOrEqual(lanes);
        expect(items.length).toBeLessThanOrEqual(batchMax);
        expect(new Set(items.map(({ group }) => group)).size).toBe(items.length);
        await new Promise(setImmediate);
        done.push(...items);
        running -= 1;
        return items.map(({ id }) => `done ${id}`);
      };
      const { queue } = openQueue({ work, lanes, batchMax });
      const answers = await Promise.all(plan.map((group, id) => queue.submit(item(id, String(group)))));
      expect(answers).toEqual(plan.map((_group, id) => `done ${id}`));
      for (const group of new Set(plan)) {
        const order = done.filter((each) => each.group === String(group)).map(({ id }) => id);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
    }), { numRuns: 100 });
  });
});
