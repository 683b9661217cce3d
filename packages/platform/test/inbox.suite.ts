import { randomUUID } from 'node:crypto';
import { eventually, testBrokers, testDatabase, type TestDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { type Bus, type BusMessage, createBus, listDeadLetters, type OutgoingMessage } from '../src/bus';
import { type BatchHandler, type EventConsumer, type EventConsumerOptions, type EventHandler, startEventConsumer } from '../src/inbox';
import type { Tx } from '../src/postgres';
import { connectTo, log, serviceDatabase } from './service-database';

const brokers = testBrokers();
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
export const numberOf = (message: BusMessage): number => (JSON.parse(message.value) as { n: number }).n;
export const once = (numbers: readonly number[]): Record<number, number> => Object.fromEntries(numbers.map((n) => [n, 1]));

/** Counts in `times` how often an effect was done: one is the only right number. */
export const effect = async (tx: Tx, message: BusMessage): Promise<void> => {
  await tx.query(
    'INSERT INTO effect (n) VALUES ($1) ON CONFLICT (n) DO UPDATE SET times = effect.times + 1', [numberOf(message)],
  );
};

type StartOptions = Omit<Partial<EventConsumerOptions>, 'handle' | 'handleBatch'> & { handle?: EventHandler | undefined; handleBatch?: BatchHandler };

/** What a test of the inbox has: a bus with a topic, a service's database, and consumers that end with the test. */
export interface InboxBox {
  readonly bus: Bus;
  readonly database: TestDatabase;
  readonly dataSource: DataSource;
  readonly topic: string;
  readonly group: string;
  event(n: number, key?: string): OutgoingMessage;
  start(options?: StartOptions): Promise<EventConsumer>;
  effects(): Promise<Record<number, number>>;
  isDone(): Promise<void>;
  letters(): ReturnType<typeof listDeadLetters>;
}

/** Makes the box anew for each test of the block that it is called in. */
function inboxBox(connectBus: (busUrl: string) => Bus): InboxBox {
  let busDatabase: TestDatabase;
  let now: { bus: Bus; database: TestDatabase; dataSource: DataSource; topic: string; group: string };
  const consumers: EventConsumer[] = [];

  beforeAll(async () => {
    busDatabase = await testDatabase({ name: 'inbox_bus' });
  });
  afterAll(() => busDatabase.drop());

  beforeEach(async () => {
    const database = await serviceDatabase('inbox');
    const [dataSource, bus, topic] = [await connectTo(database.url), connectBus(busDatabase.url), `topic-${randomUUID()}`];
    now = { bus, database, dataSource, topic, group: `group-${randomUUID().slice(0, 8)}` };
    await bus.ensureTopics([{ name: topic, partitions: 3 }]);
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
    await now.bus.close();
    await now.dataSource.destroy();
    await now.database.drop();
  });

  return {
    get bus() { return now.bus; },
    get database() { return now.database; },
    get dataSource() { return now.dataSource; },
    get topic() { return now.topic; },
    get group() { return now.group; },
    event: (n, key = `key-${n % 5}`) => ({ topic: now.topic, key, headers: { ce_id: randomUUID(), ce_type: 'test.event' }, value: JSON.stringify({ n }) }),
    async start(options = {}) {
      const { bus, dataSource, group, topic } = now;
      const handle = options.handleBatch ? {} : { handle: effect };
      const consumer = await startEventConsumer({ bus, dataSource, log, group, topics: [topic], ...handle, ...options } as EventConsumerOptions);
      consumers.push(consumer);
      return consumer;
    },
    async effects() {
      const rows: { n: number; times: number }[] = await now.dataSource.query('SELECT n, times FROM effect ORDER BY n');
      return Object.fromEntries(rows.map(({ n, times }) => [n, times]));
    },
    isDone: () => eventually(async () => expect(await now.bus.lag(now.group, [now.topic])).toBe(0n), { timeoutMs: 20_000, describe: 'lag' }),
    letters: () => listDeadLetters(now.bus, now.topic, now.group),
  };
}

/** Describes what holds for the inbox on each bus that there is. */
export function onEachBus(subject: string, contract: (box: InboxBox) => void): void {
  describe(`${subject} on the Postgres bus`, () => {
    contract(inboxBox((url) => createBus({ kind: 'postgres', url, clientId: 'test', log })));
  });
  (brokers ? describe : describe.skip)(`${subject} on Kafka`, () => {
    contract(inboxBox(() => createBus({ kind: 'kafka', brokers: brokers!, clientId: 'test', log })));
  });
}
