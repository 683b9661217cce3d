import { fromMessage, TOPICS } from '@tael/events';
import { type BusMessage, type BusSettings, createBus } from '@tael/platform/bus';
import { createOutboxRelay } from '@tael/platform/outbox';
import { eventually, testBrokers, testDatabase } from '@tael/testkit';
import { activate, operator, register, silent, somebody, startSubject } from './support';

const brokers = testBrokers();
type Place = (busUrl: string) => BusSettings;
const buses: [string, Place][] = [
  ['Postgres', (url) => ({ kind: 'postgres', url, clientId: 'merchants-test', log: silent })],
  ...(brokers
    ? [['Kafka', () => ({ kind: 'kafka', brokers, clientId: 'merchants-test', log: silent })] as [string, Place]]
    : []),
];

it.each(buses)(
  'over %s every change arrives in order, in its schema, with the merchant as its key',
  async (_name, place) => {
    const subject = await startSubject('relay');
    const busDatabase = await testDatabase({ name: 'relay_bus' });
    const bus = createBus(place(busDatabase.url));
    try {
      await bus.ensureTopics([{ name: TOPICS.merchants, partitions: 6 }]);
      const relay = createOutboxRelay({ dataSource: subject.dataSource, bus, log: silent });
      try {
        const owner = somebody();
        const { merchant } = await register(subject, owner, { name: 'Relayed' });
        await activate(subject, operator(), merchant.id);
        const messages = await eventually(
          async () => {
            const found: BusMessage[] = [];
            for await (const message of bus.read(TOPICS.merchants))
              if (message.key === merchant.id) found.push(message);
            expect(found).toHaveLength(2);
            return found;
          },
          { timeoutMs: 20_000 },
        );
        const events = messages.map((message) => fromMessage(message));
        expect(events.map((event) => event.type)).toEqual(['merchant.changed', 'merchant.changed']);
        expect(events.map((event) => event.data)).toMatchObject([
          { version: 1, status: 'PENDING', people: [owner.principal!.personId] },
          { version: 2, status: 'ACTIVE' },
        ]);
        expect(JSON.stringify(messages.map((message) => message.value))).not.toContain('Relayed');
      } finally {
        await relay.stop();
      }
    } finally {
      await bus.close();
      await busDatabase.drop();
      await subject.stop();
    }
  },
);
