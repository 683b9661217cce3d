import { TOPICS } from '@tael/events';
import { createBus, deadLetterTopic } from '@tael/platform/bus';
import { createLogger } from '@tael/platform/log';
import { Client } from 'pg';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { strangersOf, SUBSCRIPTIONS } from '../faults/engine/groups';
import { readStackFile } from '../services';
import { home } from '../stack';

/** Everywhere that the stack keeps something, searched for texts: gives `<canary> in <place>` for each that stands there in clear. */
export type Canaries = Readonly<Record<string, string>>;

/** The sandbox plays the outside world: mail servers and card networks know addresses and cards. */
const OUTSIDE = 'tael_sandbox';

function found(canaries: Canaries, place: string, has: (text: string) => boolean): string[] {
  return Object.entries(canaries).filter(([, text]) => has(text)).map(([name]) => `${name} in ${place}`);
}

/** Every file below a folder of the stack. A file that is gone by the time it is read was a temporary one. */
function inFiles(canaries: Canaries, folder: string, skipped: (path: string) => boolean = () => false): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)).filter((path) => !skipped(path)).flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile()) return [];
    const bytes = readFileSync(path);
    return found(canaries, relative(home, path), (text) => bytes.includes(text));
  });
}

export const inLogs = (canaries: Canaries): string[] => inFiles(canaries, join(home, 'logs'));

/** All topics and dead letters, as consumers read them and as the broker keeps them. */
export async function inTopics(canaries: Canaries): Promise<string[]> {
  const { eventBus, kafkaBrokers, busDatabaseUrl } = readStackFile();
  const log = createLogger({ service: 'e2e', level: 'silent' });
  const bus = eventBus === 'kafka'
    ? createBus({ kind: 'kafka', brokers: kafkaBrokers!.split(','), clientId: 'e2e', log })
    : createBus({ kind: 'postgres', url: busDatabaseUrl, clientId: 'e2e', log });
  const deadLetters = Object.entries(SUBSCRIPTIONS).flatMap(([group, read]) => read.map((topic) => deadLetterTopic(topic, group)));
  const topics = [...Object.values(TOPICS), ...deadLetters];
  const hits = new Set<string>();
  try {
    const strangers = await strangersOf(bus);
    if (strangers.length > 0) throw new Error(`not every dead letter would be searched: ${strangers.join(', ')}`);
    for (const topic of topics) {
      for await (const message of bus.read(topic)) {
        const text = JSON.stringify([message.key, message.headers, message.value]);
        found(canaries, topic, (canary) => text.includes(canary)).forEach((hit) => hits.add(hit));
      }
    }
  } finally {
    await bus.close();
  }
  return [...hits, ...inFiles(canaries, join(home, 'kafka', 'data'))];
}

interface Table {
  /** With its database, as hits name it. */
  readonly name: string;
  readonly from: string;
  readonly client: Client;
}

/** Looks at every table of every database of ours. */
async function eachTable(look: (table: Table) => Promise<string[]>): Promise<string[]> {
  const hits: string[] = [];
  for (const [database, connectionString] of Object.entries(readStackFile().databaseUrls)) {
    if (`tael_${database}` === OUTSIDE) continue;
    const client = new Client({ connectionString });
    await client.connect();
    try {
      const { rows } = await client.query<{ schema: string; table: string }>(
        `/* canary.tables */ SELECT table_schema AS schema, table_name AS table FROM information_schema.tables
         WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`);
      if (rows.length === 0 && database !== 'bus') throw new Error(`${database} has no tables: nothing was searched`);
      for (const { schema, table } of rows) {
        const from = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(table)}`;
        hits.push(...await look({ name: `${database}.${table}`, from, client }));
      }
    } finally {
      await client.end();
    }
  }
  return hits;
}

/** Every row of every table of every database of ours; bytes are looked through too. */
export const inTables = (canaries: Canaries): Promise<string[]> => eachTable(async ({ name, from, client }) => {
  const hits: string[] = [];
  for (const [canary, text] of Object.entries(canaries)) {
    const hex = Buffer.from(text).toString('hex');
    // A row as text shows texts as they are, JSON within, and bytes as hexadecimal digits.
    const { rows } = await client.query<{ column: string }>(
      `/* canary.rows */ SELECT DISTINCT c.key AS column FROM ${from} t, jsonb_each_text(to_jsonb(t)) c
       WHERE strpos(c.value, $1) > 0 OR strpos(c.value, $2) > 0`, [text, hex]);
    hits.push(...rows.map(({ column }) => `${canary} in ${name}.${column}`));
  }
  return hits;
});

/** The columns that hold exactly a value in a row about somebody: for what is too short to be looked for everywhere. */
export const valuesBeside = (personId: string, value: string): Promise<string[]> => eachTable(async ({ name, from, client }) => {
  const { rows } = await client.query<{ column: string }>(
    `/* canary.beside */ SELECT DISTINCT c.key AS column FROM ${from} t, jsonb_each_text(to_jsonb(t)) c
     WHERE strpos(to_jsonb(t)::text, $1) > 0 AND c.value = $2`, [personId, value]);
  return rows.map(({ column }) => `${name}.${column}`);
});

/** The files of Postgres: tables, indexes, and the log of changes. Undefined where they are not on this machine. */
export async function inDataFiles(canaries: Canaries, part: 'base' | 'pg_wal'): Promise<string[] | undefined> {
  const folder = join(home, 'postgres');
  if (!existsSync(folder)) return undefined;
  const admin = new Client({ connectionString: readStackFile().adminDatabaseUrl });
  await admin.connect();
  try {
    await admin.query('/* canary.checkpoint */ CHECKPOINT');
    const { rows } = await admin.query<{ oid: string }>(
      '/* canary.outside */ SELECT oid::text FROM pg_database WHERE datname = $1', [OUTSIDE]);
    const outside = join(folder, 'base', rows[0]?.oid ?? 'none');
    return inFiles(canaries, join(folder, part), (path) => path.startsWith(outside));
  } finally {
    await admin.end();
  }
}
