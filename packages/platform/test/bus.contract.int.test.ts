import { testBrokers, testDatabase, type TestDatabase } from '@tael/testkit';
import { createBus } from '../src/bus';
import { createLogger } from '../src/log';
import { busContract } from './bus.suite';

const log = createLogger({ service: 'test', level: 'silent' });

describe('the Postgres bus', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    // The owner makes the tables before anybody serves; the contract is kept under the role of the services.
    database = await testDatabase({
      name: 'bus_contract', prepare: async (url) => {
        const bus = createBus({ kind: 'postgres', url, clientId: 'owner', log });
        await bus.ensureTopics([]);
        await bus.close();
      },
    });
  });
  afterAll(() => database.drop());

  busContract({ connect: () => createBus({ kind: 'postgres', url: database.url, clientId: 'test', log }) });
});

// Throws where EVENT_BUS=kafka demands a broker and none is named.
const brokers = testBrokers();

(brokers ? describe : describe.skip)('the Kafka bus', () => {
  busContract({ connect: () => createBus({ kind: 'kafka', brokers: brokers!, clientId: 'test', log }) });
});
