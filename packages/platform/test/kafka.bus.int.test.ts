import { randomUUID } from 'node:crypto';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { eventually, testBrokers } from '@tael/testkit';
import { KafkaBus } from '../src/bus/kafka.bus';
import { metricsText } from '../src/metrics';
import { type Proxy, proxyTo } from './proxy';
import { log } from './service-database';

const brokers = testBrokers();
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it('rejects what is sent to a dead broker within five seconds, and says that it is not ready', async () => {
  const bus = new KafkaBus({ brokers: [`127.0.0.1:${await deadPort()}`], clientId: 'test', log });
  const from = performance.now();
  await expect(bus.publish([{ topic: 't', key: 'k', headers: {}, value: '{}' }])).rejects.toThrow();
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(await bus.health()).toMatchObject({ ready: false, cause: expect.stringContaining('the broker does not answer') as string });
  const consumer = await bus.subscribe({ group: 'g', topics: ['t'], onBatch: async () => undefined });
  expect(consumer.health().ready).toBe(false);
  await bus.close();
});

it('rejects what is sent to a broker that takes connections but never answers, within five seconds', async () => {
  const taken: Socket[] = [];
  const mute = createServer((socket) => void taken.push(socket));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as { port: number };
  const bus = new KafkaBus({ brokers: [`127.0.0.1:${port}`], clientId: 'test', log });
  const from = performance.now();
  await expect(bus.publish([{ topic: 't', key: 'k', headers: {}, value: '{}' }])).rejects.toThrow();
  expect(performance.now() - from).toBeLessThan(5_000);
  taken.forEach((socket) => socket.destroy());
  await new Promise((resolve) => mute.close(resolve));
  await bus.close();
});

(brokers ? describe : describe.skip)('with a broker that goes away', () => {
  let proxy: Proxy;
  let bus: KafkaBus;

  beforeEach(async () => {
    proxy = await proxyTo(`kafka://${brokers![0]}`);
    // The broker tells clients its own address: every connection is led through the proxy instead.
    const { hostname, port } = new URL(proxy.url);
    bus = new KafkaBus({
      brokers: brokers!, clientId: 'test', log,
      socketFactory: ({ onConnect }) => connectSocket({ host: hostname, port: Number(port) }, onConnect),
    });
  });
  afterEach(async () => {
    await bus.close();
    await proxy.close();
  });

  it('delivers all that was acknowledged, in order, before, during and after', async () => {
    const topic = `topic-${randomUUID()}`;
    const group = `group-${randomUUID()}`;
    await bus.ensureTopics([{ name: topic, partitions: 3 }]);
    const seen: number[] = [];
    const consumer = await bus.subscribe({
      group, topics: [topic], onBatch: async (messages) => void seen.push(...messages.map(({ value }) => Number(value))),
    });
    const send = (n: number): Promise<void> => bus.publish([{ topic, key: 'wallet', headers: {}, value: String(n) }]);
    for (const n of upTo(20)) await send(n);
    await eventually(() => expect(seen).toHaveLength(20));

    await proxy.cut();
    await expect(send(20)).rejects.toThrow();
    expect(await bus.health()).toMatchObject({ ready: false });
    await eventually(() => expect(consumer.health().ready).toBe(false), { timeoutMs: 15_000 });

    await proxy.mend();
    await eventually(() => send(20), { timeoutMs: 15_000 });
    for (const n of upTo(40).slice(21)) await send(n);
    await eventually(() => expect([...new Set(seen)]).toEqual(upTo(40)), { timeoutMs: 20_000 });
    await eventually(() => expect(consumer.health()).toEqual({ ready: true }), { timeoutMs: 20_000 });
    await eventually(async () => expect(await bus.lag(group, [topic])).toBe(0n));
  }, 60_000);
});

(brokers ? it : it.skip)('does not commit over the member that has taken the partition meanwhile', async () => {
  const [one, two] = [0, 1].map(() => new KafkaBus({ brokers: brokers!, clientId: 'test', log })) as [KafkaBus, KafkaBus];
  const topic = `topic-${randomUUID()}`;
  const group = `group-${randomUUID()}`;
  await one.ensureTopics([{ name: topic, partitions: 2 }]);
  const send = (n: number): Promise<void> => one.publish(upTo(40).map((key) => ({ topic, key: `${key}`, headers: {}, value: `${n}` })));
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let holding = true;
  const first = new Set<number>();
  const second = new Map<number, number>();
  await send(0);
  await one.subscribe({
    group, topics: [topic],
    onBatch: async (messages) => {
      first.add(messages[0]!.partition);
      if (holding) await held;
    },
  });
  await eventually(() => expect(first.size).toBe(2), { timeoutMs: 20_000 });
  // Both batches are held; the second member is given one of the partitions and goes through it from the beginning.
  await two.subscribe({
    group, topics: [topic],
    onBatch: async (messages) => {
      const { partition } = messages[0]!;
      second.set(partition, (second.get(partition) ?? 0) + messages.length);
    },
  });
  await eventually(() => expect(second.size).toBe(1), { timeoutMs: 20_000 });
  for (const n of [1, 2, 3]) await send(n);
  const [taken] = [...second.keys()];
  const total = await countOf(one, topic, taken!);
  await eventually(() => expect(second.get(taken!)).toBe(total), { timeoutMs: 20_000 });

  holding = false;
  release();
  await eventually(async () => expect(await one.lag(group, [topic])).toBe(0n), { timeoutMs: 20_000 });
  await send(4);
  await eventually(async () => expect(second.get(taken!)).toBe(await countOf(one, topic, taken!)), { timeoutMs: 20_000 });
  await eventually(async () => expect(await one.lag(group, [topic])).toBe(0n), { timeoutMs: 20_000 });
  await Promise.all([one.close(), two.close()]);
}, 60_000);

(brokers ? it : it.skip)('holds no more of a backlog in memory than it may, of many partitions all told, and passes over nothing of it', async () => {
  const bus = new KafkaBus({ brokers: brokers!, clientId: 'test', log });
  const topic = `topic-${randomUUID()}`;
  const group = `group-${randomUUID()}`;
  const [partitions, perPartition, value] = [12, 300, 'v'.repeat(4_000)];
  await bus.ensureTopics([{ name: topic, partitions }]);
  const keys = upTo(partitions * perPartition);
  for (let from = 0; from < keys.length; from += 400) {
    await bus.publish(keys.slice(from, from + 400).map((n) => ({ topic, key: `${n}`, headers: { ce_id: randomUUID() }, value: `${n} ${value}` })));
  }
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const seen: number[] = [];
  const begun = new Set<number>();
  await bus.subscribe({
    group, topics: [topic], batchSizeMax: 20, waitingBytesMax: 2_000_000,
    onBatch: async (messages) => {
      begun.add(messages[0]!.partition);
      await held;
      seen.push(...messages.map((message) => parseInt(message.value, 10)));
    },
  });
  try {
    await eventually(() => expect(begun.size).toBe(partitions), { timeoutMs: 20_000 });
    const levels: number[] = [];
    await eventually(async () => {
      levels.push(await waitingBytes(group));
      expect(levels.length > 8 && levels.slice(-8).every((level) => level === levels.at(-1))).toBe(true);
    }, { timeoutMs: 20_000, describe: 'fetching rests' });
    // All that waits for it are over 14 MB; one fetch of each partition may come on top of what it may hold.
    expect(levels.at(-1)).toBeLessThan(2_000_000 + partitions * 300_000);
    release();
    await eventually(() => expect(seen).toHaveLength(keys.length), { timeoutMs: 30_000 });
    expect([...seen].sort((a, b) => a - b)).toEqual(keys);
    await eventually(async () => expect(await waitingBytes(group)).toBe(0));
  } finally {
    release();
    await bus.close();
  }
}, 90_000);

async function waitingBytes(group: string): Promise<number> {
  const line = (await metricsText()).split('\n').find((one) => one.startsWith(`tael_consumer_waiting_bytes{group="${group}"`));
  return Number(line?.split(' ').at(-1));
}

async function countOf(bus: KafkaBus, topic: string, partition: number): Promise<number> {
  let count = 0;
  for await (const message of bus.read(topic)) count += message.partition === partition ? 1 : 0;
  return count;
}
