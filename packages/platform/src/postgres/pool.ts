import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { Pressure } from '../http/admission';
import { gauge, histogram } from '../metrics';

/** The connections of a service with its database, watched. */
export interface PoolWatch {
  /** How long the oldest of those has waited who wait for a connection now, in milliseconds: 0 where nobody does. */
  waitMs(): number;
  /** Connections that are lent out now, and those who wait for one. */
  load(): { used: number; waiting: number };
}

const watches = new WeakMap<DataSource, PoolWatch>();

const waits = histogram({ name: 'tael_postgres_pool_wait_seconds', help: 'How long a transaction or query waited for a connection.' });

type Connect = (done?: (...answer: unknown[]) => void) => unknown;

/** Gives the watch over the pool of an initialised data source; the first call sets it up. */
export function watchPool(dataSource: DataSource): PoolWatch {
  const known = watches.get(dataSource);
  if (known) return known;
  const pool = (dataSource.driver as unknown as { master: Pool }).master;
  const since = new Set<{ at: number }>();
  const connect = pool.connect.bind(pool) as Connect;

  // The pool tells who gets a connection, but not how long they waited for it; so each asking is timed.
  const timed: Connect = (done) => {
    const asked = { at: performance.now() };
    since.add(asked);
    const end = (): void => {
      since.delete(asked);
      waits.observe((performance.now() - asked.at) / 1_000);
    };
    if (done) {
      return connect((...answer) => {
        end();
        done(...answer);
      });
    }
    return (connect() as Promise<unknown>).finally(end);
  };
  Object.assign(pool, { connect: timed });

  const load = (): { used: number; waiting: number } => ({ used: pool.totalCount - pool.idleCount, waiting: pool.waitingCount });
  const watch: PoolWatch = {
    load,
    waitMs: () => {
      const oldest = since.values().next().value;
      return oldest ? performance.now() - oldest.at : 0;
    },
  };
  watches.set(dataSource, watch);
  gauge({ name: 'tael_postgres_pool_size', help: 'Connections that the pool may have.', collect: (g) => g.set(pool.options.max) });
  gauge({ name: 'tael_postgres_pool_used', help: 'Connections that are lent out.', collect: (g) => g.set(load().used) });
  gauge({ name: 'tael_postgres_pool_waiting', help: 'Who waits for a connection.', collect: (g) => g.set(load().waiting) });
  return watch;
}

/** Says so where those who wait for a connection have waited longer than `maxMs`: to begin more work would help nobody. */
export function poolPressure(dataSource: DataSource, maxMs: number): Pressure {
  return () => (watchPool(dataSource).waitMs() > maxMs ? 'the connections with the database are all in use' : undefined);
}
