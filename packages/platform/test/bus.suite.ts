import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import type { Bus, BusConsumer, BusMessage, ConsumerOptions, OutgoingMessage } from '../src/bus';

/** An adapter under test: makes a bus of its own client; all of them see the same topics. */
export interface BusUnderTest {
  connect(): Bus;
}

const unique = (name: string): string => `${name}-${randomUUID().slice(0, 8)}`;

const messagesOf = (topic: string, count: number, keys: number): OutgoingMessage[] =>
  Array.from({ length: count }, (_, n) => ({
    topic, key: `key-${n % keys}`, headers: { ce_id: randomUUID(), 'x-n': String(n) }, value: JSON.stringify({ n }),
  }));

const numberOf = (message: BusMessage): number => (JSON.parse(message.value) as { n: number }).n;

const isSorted = (numbers: readonly number[]): boolean => numbers.every((n, i) => i === 0 || numbers[i - 1]! <= n);

/** What every bus must do. One text for all adapters: a difference between them would be seen by the services. */
export function busContract(underTest: BusUnderTest): void {
  const buses: Bus[] = [];
  let bus: Bus;
  let topic: string;
  let group: string;

  function connect(): Bus {
    const made = underTest.connect();
    buses.push(made);
    return made;
  }

  beforeEach(async () => {
    bus = connect();
    topic = unique('topic');
    group = unique('group');
    await bus.ensureTopics([{ name: topic, partitions: 4 }]);
  });

  afterEach(async () => {
    await Promise.all(buses.splice(0).map((made) => made.close()));
  });

  async function collect(
    of: Bus, options: Partial<ConsumerOptions> = {},
  ): Promise<{ seen: BusMessage[]; consumer: BusConsumer }> {
    const seen: BusMessage[] = [];
    const consumer = await of.subscribe({
      group, topics: [topic], ...options,
      onBatch: async (messages) => {
        await options.onBatch?.(messages);
        seen.push(...messages);
      },
    });
    return { seen, consumer };
  }

  const settled = (name = group): Promise<void> =>
    eventually(async () => expect(await bus.lag(name, [topic])).toBe(0n), { timeoutMs: 20_000, describe: 'lag' });

  const published = async (): Promise<BusMessage[]> => {
    const all: BusMessage[] = [];
    for await (const message of bus.read(topic)) all.push(message);
    return all;
  };

  it('delivers every message whole, in the order of its key', async () => {
    const sent = messagesOf(topic, 200, 17);
    const { seen } = await collect(bus);
    await bus.publish(sent.slice(0, 120));
    await bus.publish(sent.slice(120));
    await eventually(() => expect(seen).toHaveLength(200), { timeoutMs: 20_000 });
    for (const message of seen) {
      const original = sent[numberOf(message)]!;
      expect(message).toMatchObject({ topic, key: original.key, headers: original.headers, value: original.value });
    }
    for (let key = 0; key < 17; key++) {
      const ofKey = seen.filter((message) => message.key === `key-${key}`);
      expect(ofKey.map(numberOf)).toEqual(sent.filter((message) => message.key === `key-${key}`).map((m) => JSON.parse(m.value).n));
      expect(new Set(ofKey.map((message) => message.partition)).size).toBe(1);
    }
    expect(new Set(seen.map((message) => message.partition)).size).toBe(4);
  });

  it('gives offsets that grow within a partition, and calls one batch of a partition at a time', async () => {
    const inFlight = new Map<number, number>();
    let overlaps = 0;
    const { seen } = await collect(bus, {
      batchSizeMax: 10,
      onBatch: async (messages) => {
        const { partition } = messages[0]!;
        expect(new Set(messages.map((message) => message.partition)).size).toBe(1);
        expect(messages.length).toBeLessThanOrEqual(10);
        inFlight.set(partition, (inFlight.get(partition) ?? 0) + 1);
        if (inFlight.get(partition)! > 1) overlaps += 1;
        await new Promise((resolve) => setImmediate(resolve));
        inFlight.set(partition, inFlight.get(partition)! - 1);
      },
    });
    await Promise.all([0, 1, 2, 3].map(() => bus.publish(messagesOf(topic, 100, 40))));
    await eventually(() => expect(seen).toHaveLength(400), { timeoutMs: 20_000 });
    expect(overlaps).toBe(0);
    for (let partition = 0; partition < 4; partition++) {
      const offsets = seen.filter((message) => message.partition === partition).map((message) => message.offset);
      expect(offsets.every((offset, i) => i === 0 || offsets[i - 1]! < offset)).toBe(true);
    }
  });

  it('gives each group every message, and a new group begins at the oldest', async () => {
    await bus.publish(messagesOf(topic, 30, 5));
    const first = await collect(bus);
    await eventually(() => expect(first.seen).toHaveLength(30), { timeoutMs: 20_000 });
    const second = await collect(bus, { group: unique('late') });
    await eventually(() => expect(second.seen).toHaveLength(30), { timeoutMs: 20_000 });
    expect(second.seen.map(numberOf).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('continues after a restart where it had committed, with what was published meanwhile', async () => {
    const one = await collect(bus);
    await bus.publish(messagesOf(topic, 20, 5));
    await eventually(() => expect(one.seen).toHaveLength(20), { timeoutMs: 20_000 });
    await one.consumer.stop();
    await bus.publish(messagesOf(topic, 25, 5));
    expect(one.seen).toHaveLength(20);
    expect(await bus.lag(group, [topic])).toBe(25n);
    const two = await collect(connect());
    await eventually(() => expect(two.seen).toHaveLength(25), { timeoutMs: 20_000 });
    await settled();
    expect(two.seen).toHaveLength(25);
  });

  it('shares the partitions between two members, and one takes over all when the other leaves', async () => {
    const one = await collect(bus);
    const two = await collect(connect());
    let sent = 0;
    // Sends until a round reaches both, since joining takes its time.
    await eventually(async () => {
      one.seen.length = 0;
      two.seen.length = 0;
      await bus.publish(messagesOf(topic, 80, 80));
      sent += 80;
      await settled();
      expect(new Set(one.seen.map((message) => message.partition)).size).toBe(2);
      expect(new Set(two.seen.map((message) => message.partition)).size).toBe(2);
    }, { timeoutMs: 25_000, describe: 'sharing' });
    const shared = one.seen.filter((mine) => two.seen.some((other) => other.partition === mine.partition));
    expect(shared).toEqual([]);
    await one.consumer.stop();
    two.seen.length = 0;
    await bus.publish(messagesOf(topic, 80, 80));
    await eventually(() => expect(two.seen).toHaveLength(80), { timeoutMs: 20_000 });
    expect(sent).toBeGreaterThan(0);
  });

  it('delivers a rejected batch again, all of it, before anything later of the partition', async () => {
    let refusals = 3;
    const calls: number[][] = [];
    await bus.publish(messagesOf(topic, 6, 1));
    const { seen } = await collect(bus, {
      batchSizeMax: 4,
      onBatch: async (messages) => {
        calls.push(messages.map(numberOf));
        if (refusals-- > 0) throw new Error('refused on purpose');
      },
    });
    await eventually(() => expect(seen).toHaveLength(6), { timeoutMs: 20_000 });
    expect(seen.map(numberOf)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(calls.slice(0, 4).every((call) => call[0] === 0)).toBe(true);
    expect(calls.length).toBeGreaterThanOrEqual(5);
    await settled();
  });

  it('lets other partitions go on while one is refused', async () => {
    await bus.publish(messagesOf(topic, 40, 40));
    const all = await published();
    const refused = all[0]!.partition;
    const { seen, consumer } = await collect(bus, {
      onBatch: async (messages) => {
        if (messages[0]!.partition === refused) throw new Error('refused on purpose');
      },
    });
    const others = all.filter((message) => message.partition !== refused).length;
    await eventually(() => expect(seen).toHaveLength(others), { timeoutMs: 20_000 });
    await consumer.stop();
    expect(await bus.lag(group, [topic])).toBe(BigInt(40 - others));
  });

  it('replays everything after a rewind', async () => {
    const one = await collect(bus);
    await bus.publish(messagesOf(topic, 50, 9));
    await eventually(() => expect(one.seen).toHaveLength(50), { timeoutMs: 20_000 });
    await one.consumer.stop();
    await bus.rewind(group, [topic]);
    expect(await bus.lag(group, [topic])).toBe(50n);
    const two = await collect(bus);
    await eventually(() => expect(two.seen).toHaveLength(50), { timeoutMs: 20_000 });
    const numbers = (messages: BusMessage[]): number[] => messages.map(numberOf).sort((a, b) => a - b);
    expect(numbers(two.seen)).toEqual(numbers(one.seen));
  });

  it('refuses to rewind a group that is at work', async () => {
    await bus.publish(messagesOf(topic, 1, 1));
    const { seen } = await collect(bus);
    await eventually(() => expect(seen).toHaveLength(1), { timeoutMs: 20_000 });
    await expect(bus.rewind(group, [topic])).rejects.toThrow();
  });

  it('names every group with its members and what waits for it, and forgets one that is gone', async () => {
    const named = async (): Promise<object | undefined> => (await bus.groups()).find((one) => one.group === group);
    expect(await named()).toBeUndefined();
    await bus.publish(messagesOf(topic, 20, 9));
    const one = await collect(bus);
    await eventually(() => expect(one.seen).toHaveLength(20), { timeoutMs: 20_000 });
    await settled();
    expect(await named()).toEqual({ group, topics: [topic], members: 1, lag: 0n });
    await expect(bus.removeGroup(group)).rejects.toThrow('still has members');
    await one.consumer.stop();
    await bus.publish(messagesOf(topic, 3, 3));
    expect(await named()).toEqual({ group, topics: [topic], members: 0, lag: 3n });
    await bus.removeGroup(group);
    expect(await named()).toBeUndefined();
    await expect(bus.removeGroup(group)).rejects.toThrow('knows no group');
    const again = await collect(bus);
    await eventually(() => expect(again.seen).toHaveLength(23), { timeoutMs: 20_000 });
  });

  it('counts the lag of a group that never was, and reads a topic to its end without a group', async () => {
    expect(await bus.lag(group, [topic])).toBe(0n);
    expect(await published()).toEqual([]);
    const sent = messagesOf(topic, 1_234, 50);
    await bus.publish(sent);
    expect(await bus.lag(group, [topic])).toBe(1_234n);
    const all = await published();
    expect(all.map(numberOf).sort((a, b) => a - b)).toEqual(sent.map((_, n) => n));
    for (const message of all) expect(message.value).toBe(sent[numberOf(message)]!.value);
    expect(await bus.lag(group, [topic])).toBe(1_234n);
  });

  it('reads a topic from a time on, in each partition', async () => {
    await bus.publish(messagesOf(topic, 300, 50));
    const began = Date.now();
    await eventually(() => expect(Date.now()).toBeGreaterThan(began + 2), { describe: 'the next moment' });
    const since = new Date();
    const later = async (at: Date): Promise<BusMessage[]> => {
      const all: BusMessage[] = [];
      for await (const message of bus.read(topic, { since: at })) all.push(message);
      return all;
    };
    expect(await later(since)).toEqual([]);
    // Two keys: most partitions have nothing that is as new.
    const sent = [300, 301, 302, 303].map((n) => ({ topic, key: `late-${n % 2}`, headers: {}, value: JSON.stringify({ n }) }));
    await bus.publish(sent);
    expect((await later(since)).map(({ value }) => value).sort()).toEqual(sent.map(({ value }) => value));
    expect(await later(new Date(began - 60_000))).toHaveLength(304);
    expect(await later(new Date(Date.now() + 3_600_000))).toEqual([]);
  });

  it('lets go of a topic that somebody stops reading in the middle', async () => {
    await bus.publish(messagesOf(topic, 300, 50));
    const few: BusMessage[] = [];
    for await (const message of bus.read(topic)) {
      few.push(message);
      if (few.length === 2) break;
    }
    const failing = async (): Promise<void> => {
      for await (const message of bus.read(topic)) throw new Error(`message ${message.offset} is not as it should be`);
    };
    await expect(failing()).rejects.toThrow('not as it should be');
    expect(await published()).toHaveLength(300);
  });

  it('leaves topics that exist as they are', async () => {
    await bus.publish(messagesOf(topic, 3, 1));
    const other = unique('other');
    await Promise.all([
      connect().ensureTopics([{ name: topic, partitions: 9 }, { name: other, partitions: 2 }]),
      connect().ensureTopics([{ name: other, partitions: 2 }, { name: topic, partitions: 9 }]),
    ]);
    expect(await published()).toHaveLength(3);
    await bus.publish(messagesOf(topic, 200, 200));
    expect(new Set((await published()).map((message) => message.partition)).size).toBe(4);
  });

  it('refuses a message to a topic that does not exist', async () => {
    await expect(bus.publish(messagesOf(unique('nowhere'), 1, 1))).rejects.toThrow();
  }, 20_000);

  it('reads nothing from a topic that does not exist, and counts no lag on it', async () => {
    const nowhere = unique('nowhere');
    const all: BusMessage[] = [];
    for await (const message of bus.read(nowhere)) all.push(message);
    expect(all).toEqual([]);
    expect(await bus.lag(group, [nowhere])).toBe(0n);
  });

  it('keeps the order of each sender, and loses nothing, with many senders at once', async () => {
    const senders = [connect(), connect(), connect()];
    const { seen } = await collect(bus);
    await Promise.all(senders.flatMap((sender, s) => [0, 1, 2, 3].map(async (k) => {
      for (let n = 0; n < 25; n++) {
        await sender.publish([{ topic, key: `${s}-${k}`, headers: {}, value: JSON.stringify({ n }) }]);
      }
    })));
    await eventually(() => expect(seen).toHaveLength(300), { timeoutMs: 20_000 });
    for (const key of new Set(seen.map((message) => message.key))) {
      expect(seen.filter((message) => message.key === key).map(numberOf)).toEqual(Array.from({ length: 25 }, (_, n) => n));
    }
  });

  it('carries text of any script and size, and empty text', async () => {
    const values = ['', '{"text":"第一 🎉 \\u0000"}', JSON.stringify({ long: 'x'.repeat(200_000) })];
    await bus.publish(values.map((value) => ({ topic, key: '钱包', headers: { 'ce_type': 'ünïcode' }, value })));
    const { seen } = await collect(bus);
    await eventually(() => expect(seen).toHaveLength(3), { timeoutMs: 20_000 });
    expect(seen.map((message) => message.value)).toEqual(values);
    expect(seen[0]).toMatchObject({ key: '钱包', headers: { ce_type: 'ünïcode' } });
  });

  it('carries 20,000 messages, each once where nothing fails', async () => {
    const sent = messagesOf(topic, 20_000, 500);
    const { seen } = await collect(bus);
    for (let from = 0; from < sent.length; from += 1_000) await bus.publish(sent.slice(from, from + 1_000));
    await eventually(() => expect(seen).toHaveLength(20_000), { timeoutMs: 40_000 });
    const byKey = new Map<string, number[]>();
    for (const message of seen) byKey.set(message.key, [...(byKey.get(message.key) ?? []), numberOf(message)]);
    expect(byKey.size).toBe(500);
    for (const numbers of byKey.values()) {
      expect(numbers).toHaveLength(40);
      expect(isSorted(numbers)).toBe(true);
    }
    await settled();
  }, 60_000);

  it('wakes a waiting consumer within tens of milliseconds', async () => {
    const arrivals: number[] = [];
    const { consumer } = await collect(connect(), {
      onBatch: async (messages) => {
        const now = Date.now();
        messages.forEach((message) => arrivals.push(now - (JSON.parse(message.value) as { at: number }).at));
      },
    });
    const send = (): Promise<void> =>
      bus.publish([{ topic, key: randomUUID(), headers: {}, value: JSON.stringify({ at: Date.now() }) }]);
    await send();
    await eventually(() => expect(arrivals).toHaveLength(1), { timeoutMs: 20_000 });
    for (let n = 2; n <= 21; n++) {
      await send();
      await eventually(() => expect(arrivals).toHaveLength(n));
    }
    const median = arrivals.slice(1).sort((a, b) => a - b)[10]!;
    expect(median).toBeLessThan(150);
    await consumer.stop();
  });

  it('says that it is ready, and that a stopped consumer is not', async () => {
    const { consumer } = await collect(bus);
    await eventually(() => expect(consumer.health()).toEqual({ ready: true }), { timeoutMs: 20_000 });
    expect(await bus.health()).toEqual({ ready: true });
    await consumer.stop();
    expect(consumer.health().ready).toBe(false);
  });
}
