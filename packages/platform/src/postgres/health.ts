import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { HealthCheck } from '../http/health';
import { checkDurability } from './maintenance';
import { watchPool } from './pool';

const ANSWER_MS = 1_000;

/** Asks the database beside the pool: a pool that is all in use says nothing about whether the database answers. */
async function askAlone(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url, application_name: 'tael-health', connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS,
  });
  // The query rejects too; without a listener the process would end.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('/* postgres.health */ SELECT 1');
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Gives the names of migrations that this program brings and the database has not had: it would not fit the tables. */
async function missingMigrations(dataSource: DataSource): Promise<string[]> {
  const rows: { name: string }[] = await dataSource.query('/* postgres.migrations */ SELECT name FROM migration');
  const done = new Set(rows.map((row) => row.name));
  const all = dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name);
  return all.filter((name) => !done.has(name));
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the database does not answer within a second')), ANSWER_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** A readiness check: the database answers within a second, has every migration, and would not lose what it acknowledged. */
export function postgresHealth(dataSource: DataSource): HealthCheck {
  let unsafe: string[] | undefined;
  let migrated = dataSource.migrations.length === 0;
  return async () => {
    if (unsafe && migrated && watchPool(dataSource).load().waiting > 0) {
      await inTime(askAlone((dataSource.options as { url: string }).url));
      return unsafe.length ? { ready: false, cause: unsafe.join('; ') } : { ready: true };
    }
    unsafe ??= await inTime(checkDurability(dataSource));
    if (!migrated) {
      const missing = await inTime(missingMigrations(dataSource));
      if (missing.length > 0) return { ready: false, cause: `migrations are missing: ${missing.join(', ')}` };
      migrated = true;
    }
    await inTime(dataSource.query('/* postgres.health */ SELECT 1'));
    return unsafe.length ? { ready: false, cause: unsafe.join('; ') } : { ready: true };
  };
}
