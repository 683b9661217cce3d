import { createLogger } from '@tael/platform/log';
import { eventually, type Proxy, proxyTo, testDatabase } from '@tael/testkit';
import pg from 'pg';
import { type Sandbox, startSandbox } from '../src';
import { callBank, call, clientKeys, SECRET, startWorld } from './world';

test('F12: a session that the database ends while it works for somebody fails that call, and nothing else', async () => {
  const world = await startWorld('sandbox_lost_sessions');
  const other = new pg.Client({ connectionString: world.database.ownerUrl });
  await other.connect();
  try {
    await other.query(`SELECT pg_advisory_lock(hashtext('tael/sandbox/bank'))`);
    const statement = `${world.sandbox.url}/bank/statement`;
    const asked = callBank(statement);
    const WAITING = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%bank.alone%' AND wait_event_type = 'Lock'`;
    const { pid } = await eventually(async () => {
      const found = await other.query<{ pid: number }>(WAITING);
      if (!found.rows[0]) throw new Error('nobody waits yet');
      return found.rows[0];
    });
    await other.query('SELECT pg_terminate_backend($1)', [pid]);
    expect((await asked).status).toBe(500);
    await other.query(`SELECT pg_advisory_unlock(hashtext('tael/sandbox/bank'))`);
    expect((await callBank(statement)).status).toBe(200);
  } finally {
    await other.end();
    await world.end();
  }
});

test('F12: a database that is away when it starts is waited for', async () => {
  const database = await testDatabase({ name: 'sandbox_away' });
  let proxy: Proxy | undefined;
  let sandbox: Sandbox | undefined;
  try {
    proxy = await proxyTo(database.url);
    await proxy.cut();
    let isUp = false;
    const starting = startSandbox({
      databaseUrl: proxy.url, cardProcessorSecret: SECRET, bank: { clientKeys }, log: createLogger({ service: 'sandbox', level: 'silent' }),
    }).then((started) => {
      isUp = true;
      return started;
    });
    starting.catch(() => undefined);
    // Until it has been refused more than once.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(isUp).toBe(false);
    await proxy.mend();
    sandbox = await starting;
    expect((await call(`${sandbox.url}/ready`)).status).toBe(200);
  } finally {
    await sandbox?.stop();
    await proxy?.close();
    await database.drop();
  }
});
