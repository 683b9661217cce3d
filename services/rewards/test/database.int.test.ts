import { drift } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { activeCampaign, migrated, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('database');
});
afterAll(() => subject?.stop());

it('has the tables that the entities say', async () => {
  expect(await drift(subject.dataSource)).toEqual([]);
});

it('stays as it is where it is migrated again', async () => {
  await migrated(subject.database.ownerUrl);
  expect(await drift(subject.dataSource)).toEqual([]);
});

it.each([
  ['a budget that is exceeded', 'UPDATE campaign_budget SET spent = budget + 1 WHERE "campaignId" = $1', 'campaign_budget_limit'],
  ['a budget that is given back twice', 'UPDATE campaign_budget SET spent = -1 WHERE "campaignId" = $1', 'campaign_budget_limit'],
  ['a status that is none', `UPDATE campaign SET status = 'OPEN' WHERE id = $1`, 'campaign_status'],
  ['two effects', 'UPDATE campaign SET "friendReward" = 1 WHERE id = $1', 'campaign_effect'],
  ['cashback without a rate', 'UPDATE campaign SET "rateBasisPoints" = NULL WHERE id = $1', 'campaign_effect'],
  ['a rate above all', 'UPDATE campaign SET "rateBasisPoints" = 10001 WHERE id = $1', 'campaign_effect'],
  ['a second referral of oneself', `INSERT INTO referral VALUES ($1, $1, 'JOINED', NULL, NULL, now())`, 'referral_not_self'],
])('refuses %s by itself', async (_what, statement, constraint) => {
  const { id } = await activeCampaign(subject);
  await expect(subject.dataSource.query(statement, [id])).rejects.toMatchObject({ driverError: { constraint } });
});

it('refuses to take back more of a benefit than was given', async () => {
  const { id } = await activeCampaign(subject);
  const insert = `INSERT INTO benefit VALUES ($1, 'CASHBACK', 'PAYER', $2, $1, $1, $1, 'USD', 100, 'PAID', 101, 0, true, now())`;
  await expect(subject.dataSource.query(insert, [uuidv7(), id])).rejects.toMatchObject({ driverError: { constraint: 'benefit_amounts' } });
});
