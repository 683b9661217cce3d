import { inTransaction } from '@tael/platform/postgres';
import { busMessage, deliveriesOf, knownPerson, merchant, openWorld, payment, workAll, type World } from './world';
import { eventHandler } from '../src/events/event.consumer';

const FILLED = 20_000;
const TABLES = ['intent', 'notification', 'delivery', 'affinity'];

// A plan that was made while the tables were empty must not read them whole when they are full.
describe('plans of a batch', () => {
  let world: World;
  const cafe = merchant('Harbour Coffee');
  beforeAll(async () => {
    world = await openWorld('plans', { poolSize: 1 });
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
    await payAndDeliver();
    expect((await deliveriesOf(world, person.id)).length).toBeGreaterThan(0);
    for (const [table, fresh] of [
      ['intent', `'id', md5(n::text), 'dedupeKey', n::text, 'personId', md5(n::text)`],
      ['notification', `'id', md5(n::text), 'intentId', md5(n::text), 'personId', md5(n::text)`],
      ['delivery', `'id', md5(n::text), 'notificationId', md5(n::text), 'personId', md5(n::text)`],
      ['affinity', `'personId', md5(n::text)`],
    ]) {
      await world.dataSource.query(`INSERT INTO ${table} SELECT r.* FROM (SELECT t FROM ${table} t LIMIT 1) one,
        generate_series(1, ${FILLED}) n, jsonb_populate_record(one.t, jsonb_build_object(${fresh})) r`);
      const [{ rows }] = await world.dataSource.query(`SELECT count(*)::int AS rows FROM ${table}`);
      expect(rows).toBeGreaterThan(FILLED);
    }
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
