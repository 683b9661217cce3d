import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import type { Logger } from '../log';
import type { TableRights } from './application-role';
import { PreparingClient } from './preparing-client';
import { isAway } from './postgres.errors';
import { GRACE_MS, SERVER_KEEP_ALIVE } from './watched-client';

/** A migration class: named with the timestamp that TypeORM orders by. */
export type Migration = new () => MigrationInterface;

export interface DataSourceSettings {
  url: string;
  /** Shown in pg_stat_activity. */
  service: string;
  poolSize: number;
  entities: readonly (new () => object)[];
  migrations: readonly Migration[];
  /** How long a statement may take, 15 s unless told. */
  statementMs?: number;
  /** What the application role may do with the tables, where it is less than everything. */
  rights?: TableRights;
}

const STATEMENT_MS = 15_000;
const TRY_EVERY_MS = 250;
/** Less than the minute that a service has to come up (startupProbe in infra/kubernetes). */
const PATIENCE_MS = 45_000;
const rights = new WeakMap<DataSource, TableRights>();

/** Gives what the application role may do with the tables of a data source. */
export const rightsOf = (dataSource: DataSource): TableRights => rights.get(dataSource) ?? {};

// int8 as bigint in every answer of this process: money and counters never pass through a float.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => BigInt(text));

// Bounds on every session, so that no request waits for ever and no forgotten transaction holds the relay's horizon back;
// the client waits a little longer than a statement may take, and then gives the connection up.
// The last three are for statements that are planned once a session, perhaps while a table was empty: an index is taken
// where there is one, and no plan depends on the values of one call.
const sessionOptions = (statementMs: number): string => [
  '-c timezone=UTC',
  '-c default_transaction_isolation=read\\ committed',
  '-c synchronous_commit=on',
  `-c statement_timeout=${statementMs}`,
  '-c lock_timeout=8000',
  '-c idle_in_transaction_session_timeout=10000',
  SERVER_KEEP_ALIVE,
  '-c enable_seqscan=off',
  '-c jit=off',
  '-c plan_cache_mode=force_generic_plan',
].join(' ');

/** Makes the data source of a service: entities and migrations by name, never synchronised, sessions bounded in time. */
export function createDataSource(settings: DataSourceSettings): DataSource {
  const statementMs = settings.statementMs ?? STATEMENT_MS;
  const dataSource = new DataSource({
    type: 'postgres',
    url: settings.url,
    applicationName: `tael-${settings.service}`,
    entities: [...settings.entities],
    migrations: [...settings.migrations],
    migrationsTableName: 'migration',
    synchronize: false,
    logging: false,
    poolSize: settings.poolSize,
    connectTimeoutMS: 3_000,
    extra: { options: sessionOptions(statementMs), Client: PreparingClient, silenceMs: statementMs + GRACE_MS },
  });
  rights.set(dataSource, settings.rights ?? {});
  return dataSource;
}

/**
 * Opens what a process needs of a database when it starts. A database that is away, since it recovers or fails over, is waited for up to `patienceMs`:
 * a process that ended at once would be started again and again, by most supervisors ever later, and by some not at all.
 * @throws what the driver said last, where the database stays away or the fault is another one
 */
export async function openWhereAway<T>(open: () => Promise<T>, log: Logger, { patienceMs = PATIENCE_MS } = {}): Promise<T> {
  let isToldOf = false;
  for (const until = performance.now() + patienceMs; ; await sleep(TRY_EVERY_MS)) {
    try {
      return await open();
    } catch (error) {
      if (!isAway(error) || performance.now() > until) throw error;
      if (!isToldOf) log.warn({ error }, 'the database is away: waiting for it');
      isToldOf = true;
    }
  }
}

/** Opens the data source of a service that starts, as {@link openWhereAway} says. */
export const openDataSource = (dataSource: DataSource, log: Logger, patience: { patienceMs?: number } = {}): Promise<DataSource> =>
  openWhereAway(() => dataSource.initialize(), log, patience);
