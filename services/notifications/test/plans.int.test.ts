import { inTransaction } from '@tael/platform/postgres';
import { busMessage, deliveriesOf, knownPerson, merchant, openWorld, payment, workAll, type World } from './world';
import { eventHandler } from '../src/events/event.consumer';

const SMALL = 30;
const FILLED = 20_000;
const TABLES = ['intent', 'notification', 'delivery', 'affinity'];

// A plan that was made while the tables were empty, or had a page that it is cheapest to read whole, must not read them
// whole when they are full.
describe.each(['empty', 'small'])('plans of a batch made while the tables were %s', (size) => {
  let world: World;
  const cafe = merchant('Harbour Coffee');
  beforeAll(async () => {
    world = await openWorld(`plans-${size}`, { poolSize: 1 });
    await world.handle('merchant.changed', cafe);
  });
  afterAll(() => world.close());

  it('touch as few rows in full tables as in empty ones', async () => {
    const person = await knownPerson(world);
    const handle = eventHandler(world.app.services);
    const payAndDeliver = async (): Promise<void> => {
      await inTransaction(world.dataSource, (tx) => handle(tx, [busMessage('payment.settled', payment(person.id, cafe.merchantId))]));
      await workAll(world);
    };
    const fill = async (rows: number): Promise<void> => {
      for (const [table, fresh] of [
        ['intent', `'id', md5(n || $1), 'dedupeKey', n || $1, 'personId', md5(n || $1)`],
        ['notification', `'id', md5(n || $1), 'intentId', md5(n || $1), 'personId', md5(n || $1)`],
        ['delivery', `'id', md5(n || $1), 'notificationId', md5(n || $1), 'personId', md5(n || $1), 'status', 'CLAIMED',
          'leaseUntil', now() + interval '1 hour'`],
        ['affinity', `'personId', md5(n || $1)`],
      ]) {
        await world.dataSource.query(`INSERT INTO ${table} SELECT r.* FROM (SELECT t FROM ${table} t LIMIT 1) one,
          generate_series(1, $2::int) n, jsonb_populate_record(one.t, jsonb_build_object(${fresh})) r`, [`/${rows}`, rows]);
        const [{ count }] = await world.dataSource.query(`SELECT count(*)::int FROM ${table}`);
        expect(count).toBeGreaterThan(rows);
      }
    };
    await payAndDeliver();
    expect((await deliveriesOf(world, person.id)).length).toBeGreaterThan(0);
    if (size === 'small') {
      await fill(SMALL);
      await world.dataSource.query('ANALYZE');
      await payAndDeliver();
    }
    await fill(FILLED);
    const read = async (): Promise<bigint> => {
      await world.dataSource.query('SELECT pg_stat_force_next_flush()');
      const [row] = await world.dataSource.query(
        'SELECT sum(seq_tup_read + idx_tup_fetch)::bigint AS rows FROM pg_stat_user_tables WHERE relname = ANY ($1)', [TABLES],
      );
      return row.rows;
    };
    const before = await read();
    await payAndDeliver();
    expect((await read()) - before).toBeLessThan(400n);
  });
});
