import { randomUUID } from 'node:crypto';
import { testDatabase } from '@tael/testkit';
import { createBus } from '../src/bus';
import { connectTo, log } from './service-database';

// Groups that join hold a share of the rows for which publishers wait: that is when Postgres has a waiter hold what the one it waits for needs.
it('publishers to the same partitions of the Postgres bus never break each other off while groups join', async () => {
  const database = await testDatabase({ name: 'bus_publishers' });
  const buses = [0, 1].map(() => createBus({ kind: 'postgres', url: database.url, clientId: 'test', log }));
  const looking = await connectTo(database.url);
  try {
    const [first] = buses as [typeof buses[0]];
    await first!.ensureTopics([{ name: 'payments', partitions: 4 }]);
    const messages = Array.from({ length: 100 }, (_, n) => ({ topic: 'payments', key: `key-${n % 40}`, headers: { ce_id: randomUUID() }, value: '{}' }));
    for (let round = 0; round < 15; round += 1) {
      const joining = [0, 1, 2].map((n) => buses[n % 2]!.subscribe({ group: randomUUID(), topics: ['payments'], batchSizeMax: 100, onBatch: async () => undefined }));
      await Promise.all(Array.from({ length: 8 }, (_, n) => buses[n % 2]!.publish(messages)));
      await Promise.all((await Promise.all(joining)).map((consumer) => consumer.stop()));
    }
    expect(await looking.query('SELECT count(*)::int AS rows FROM bus_message')).toEqual([{ rows: 15 * 8 * 100 }]);
  } finally {
    await looking.destroy();
    await Promise.all(buses.map((bus) => bus.close()));
    await database.drop();
  }
}, 120_000);
