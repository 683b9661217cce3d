import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);
const PLACES = [process.env['PGBENCH'], '/usr/lib/postgresql/15/bin/pgbench', '/usr/bin/pgbench'];

/**
 * pgbench's TPC-B on the same server: scale 10, 16 clients, prepared. All that is measured is a ratio to it.
 * @param {string} adminUrl - a superuser's address
 */
export async function createReference(adminUrl) {
  const pgbench = PLACES.find((place) => place && existsSync(place));
  if (!pgbench) throw new Error('pgbench is needed (Debian: postgresql-contrib or postgresql-15); name it in PGBENCH');
  const admin = new pg.Client({ connectionString: adminUrl });
  // The server goes away with the stack; whoever waits for an answer then hears of it there.
  admin.on('error', () => undefined);
  await admin.connect();
  await admin.query('CREATE DATABASE bench_reference');
  const url = new URL(adminUrl);
  const env = {
    ...process.env, PGHOST: url.hostname, PGPORT: url.port, PGUSER: url.username, PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: 'bench_reference',
  };
  await run(pgbench, ['-i', '-q', '-s', '10'], { env });
  return {
    /** @returns {Promise<number>} transactions a second */
    async measure(seconds = 10) {
      await admin.query('CHECKPOINT');
      const { stdout } = await run(pgbench, ['-c16', '-j2', '-Mprepared', `-T${seconds}`, '-n'], { env });
      return Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
    },
    /** @returns {Promise<number>} bytes of a database on the same server, indexes included */
    async sizeOf(database) {
      const { rows } = await admin.query('/* bench.size */ SELECT pg_database_size($1) AS bytes', [database]);
      return Number(rows[0].bytes);
    },
    close: () => admin.end(),
  };
}
