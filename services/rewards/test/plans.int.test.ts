import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { rewardsDataSource } from '../src/data-source';
import { createEventHandler } from '../src/events/event.consumer';
import { createServices } from '../src/services';
import { activeCampaign, payment, posted, sealer, settled, startSubject, type Subject } from './support';

const SMALL = 30;
const FILLED = 20_000;
const TABLES = ['payment', 'benefit', 'campaign_person', 'reward_decision'];

// A plan that was made while the tables were empty, or had a page that it is cheapest to read whole, must not read them
// whole when they are full.
describe.each(['empty', 'small'])('plans of a batch made while the tables were %s', (size) => {
  let subject: Subject;
  let lone: DataSource;
  beforeAll(async () => {
    subject = await startSubject(`plans-${size}`);
    lone = await rewardsDataSource({ url: subject.database.url, poolSize: 1 }).initialize();
  });
  afterAll(async () => {
    await lone.destroy();
    await subject.stop();
  });

  it('touch as few rows in full tables as in empty ones', async () => {
    const handle = createEventHandler(createServices({ dataSource: lone, sealer, now: () => new Date() }));
    const { merchantId } = await activeCampaign(subject);
    const payAndPost = async (): Promise<void> => {
      const paid = payment({ merchantId });
      await inTransaction(lone, (tx) => handle(tx, [settled(paid)]));
      const [grant] = await subject.published('benefit.granted', (data) => data['sourceTransactionId'] === paid.transactionId);
      await inTransaction(lone, (tx) => handle(tx, [posted(grant!)]));
    };
    const fill = async (rows: number): Promise<void> => {
      for (const [table, fresh] of [
        ['payment', `'id', md5(n || $1)`], ['benefit', `'id', md5(n || $1), 'paymentId', md5(n || $1), 'status', 'PENDING'`],
        ['campaign_person', `'personId', md5(n || $1)`], ['reward_decision', `'paymentId', md5(n || $1)`],
      ]) {
        await lone.query(`INSERT INTO ${table} SELECT r.* FROM (SELECT t FROM ${table} t LIMIT 1) one, generate_series(1, $2::int) n,
          jsonb_populate_record(one.t, jsonb_build_object(${fresh})) r`, [String(rows), rows]);
        const [{ count }] = await lone.query(`SELECT count(*)::int FROM ${table}`);
        expect(count).toBeGreaterThan(rows);
      }
    };
    await payAndPost();
    if (size === 'small') {
      await fill(SMALL);
      await lone.query('ANALYZE');
      await payAndPost();
    }
    await fill(FILLED);
    const read = async (): Promise<bigint> => {
      await lone.query('SELECT pg_stat_force_next_flush()');
      const [row] = await lone.query(
        'SELECT sum(seq_tup_read + idx_tup_fetch)::bigint AS rows FROM pg_stat_user_tables WHERE relname = ANY ($1)', [TABLES],
      );
      return row.rows;
    };
    const before = await read();
    await payAndPost();
    expect((await read()) - before).toBeLessThan(200n);
  });
});
