import fs from 'node:fs';
import path from 'node:path';
import { outsideFolder } from './postgres.mjs';
import { Problem } from './problem.mjs';

/** All that starts write into the data folder, but for Kafka's jars: they are no data. */
const DATA = [
  'postgres',
  'kafka/data',
  'kafka/server.properties',
  'logs',
  'secrets.json',
  'demo.json',
  'stack.json',
  'migrated.json',
  'bus.json',
];

/**
 * Removes the data of earlier starts.
 * @param {import('./settings.mjs').Settings} settings
 */
export function removeData({ home, databaseUrl, kafkaBrokers }) {
  if (databaseUrl || kafkaBrokers) {
    const given = [databaseUrl && 'DATABASE_URL', kafkaBrokers && 'KAFKA_BROKERS'].filter(Boolean).join(' and ');
    throw new Problem(
      `--fresh removes data of the embedded parts only, and ${given} is given.`,
      'Empty that server yourself (databases and topics whose names begin with tael), and start without --fresh.',
    );
  }
  for (const name of DATA) fs.rmSync(path.join(home, name), { recursive: true, force: true });
  fs.rmSync(path.join(outsideFolder(home), 'postgres'), { recursive: true, force: true });
}
