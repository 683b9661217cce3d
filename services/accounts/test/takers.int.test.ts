import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { spendWaiver } from '../src/fee-waivers/fee-waiver.service';
import { countMovement } from '../src/limits/movement.service';
import { type Bank, breaches, type Customer, openBank, usd } from './support/bank';
import { type Instances, startInstances } from './support/instances';

// What there are k of is taken k times, however many want it at once and by whichever instance they come.
const TAKERS = 200;
const INSTANCES = 4;

let bank: Bank;
let instances: Instances;
beforeAll(async () => {
  bank = await openBank('takers');
  instances = await startInstances(bank, INSTANCES);
});
afterEach(async () => expect(breaches(await bank.verify())).toEqual([]));
afterAll(async () => {
  await instances.close();
  await bank.close();
});

const pay = (payer: Customer, merchantId: string, { minor = 2_000n, index = 0, key = uuidv7() } = {}) =>
  instances.of(index).payments.pay(payer, { walletId: payer.walletId, merchantId, amount: usd(minor), description: undefined, idempotencyKey: key });
const codes = (answer: Awaited<ReturnType<typeof pay>>) => (answer.ok ? 'OK' : answer.refusals.map((refusal) => refusal.code).join());
const atOnce = <T>(work: (index: number) => Promise<T>, count = TAKERS): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const count = (all: readonly unknown[], one: unknown): number => all.filter((each) => each === one).length;

async function feesOf(merchantId: string): Promise<Record<string, number>> {
  const rows = await bank.dataSource.query(
    `SELECT fee, count(*)::int AS payments FROM ledger_tx WHERE kind = 'PAYMENT' AND "merchantId" = $1 GROUP BY fee`, [merchantId],
  );
  return Object.fromEntries(rows.map((row: { fee: bigint; payments: number }) => [String(row.fee), row.payments]));
}

async function waiverOf(campaignId: string) {
  const [row] = await bank.dataSource.query(
    `SELECT b.spent, (SELECT coalesce(sum(uses), 0)::int FROM fee_waiver_use WHERE "campaignId" = b."campaignId") AS uses FROM fee_waiver_budget b WHERE "campaignId" = $1`,
    [campaignId],
  );
  return [row.spent, row.uses];
}

describe('a waiver', () => {
  // A fee of 2,000 is 20.
  it('of which a person may use seven is used seven times by two hundred payments of theirs at once', async () => {
    const merchantId = await bank.merchant();
    const campaignId = await bank.offer({ merchantIds: [merchantId], maximumRewardsPerUser: 7 });
    const payer = await bank.customer({ minor: 1_000_000n });
    expect(count((await atOnce((index) => pay(payer, merchantId, { index }))).map(codes), 'OK')).toBe(TAKERS);
    expect(await feesOf(merchantId)).toEqual({ 0: 7, 20: TAKERS - 7 });
    expect(await waiverOf(campaignId)).toEqual([140n, 7]);
    expect(await bank.balance(payer.walletId)).toBe(1_000_000n - 200n * 2_000n - 193n * 20n);
  }, 60_000);

  it('whose budget suffices for thirteen is given thirteen times, to two hundred persons at once', async () => {
    const merchantId = await bank.merchant();
    // And a rest that is a cent too little for one more.
    const campaignId = await bank.offer({ merchantIds: [merchantId], budget: 279n });
    const payers: Customer[] = [];
    while (payers.length < TAKERS) payers.push(...await Promise.all(Array.from({ length: 20 }, () => bank.customer({ minor: 10_000n }))));
    expect(count((await atOnce((index) => pay(payers[index]!, merchantId, { index }))).map(codes), 'OK')).toBe(TAKERS);
    expect(await feesOf(merchantId)).toEqual({ 0: 13, 20: TAKERS - 13 });
    expect(await waiverOf(campaignId)).toEqual([260n, 13]);
  }, 60_000);

  it.each([
    ['the budget, whoever asks', { budget: 279n }, () => uuidv7(), null, [260n, 13]],
    ["a person's uses", { budget: 1_000_000n, maximumRewardsPerUser: 5 }, (one: string) => one, 5, [100n, 5]],
  ] as const)('is held to %s by the statement that spends, without the locks that payments take', async (_what, terms, personOf, cap, left) => {
    // Its table alone: what it says is given stands in no transaction, and so not in the books that are looked at afterwards.
    const campaignId = await bank.offer({ merchantIds: [], ...terms });
    const one = uuidv7();
    const results = await atOnce(() => inTransaction(bank.dataSource, (tx) => spendWaiver(tx, { campaignId, personId: personOf(one), amount: 20n, cap }))
      .then((spent) => (spent ? 'SPENT' : 'NOTHING_LEFT'), (error: { constraint?: string; driverError?: { constraint?: string } }) => error.driverError?.constraint ?? error.constraint));
    const [, uses] = left;
    expect(count(results, 'SPENT')).toBe(uses);
    expect(count(results, cap === null ? 'NOTHING_LEFT' : 'fee_waiver_use_cap')).toBe(TAKERS - uses);
    expect(await waiverOf(campaignId)).toEqual(left);
    await bank.asOwner('DELETE FROM fee_waiver_use WHERE "campaignId" = $1', [campaignId]);
    await bank.asOwner('UPDATE fee_waiver_budget SET spent = 0 WHERE "campaignId" = $1', [campaignId]);
  });
});

describe('the limit of a day', () => {
  const counterOf = async (personId: string): Promise<string[]> => (await bank.dataSource.query(
    `SELECT "limitId", used FROM limit_counter WHERE "personId" = $1 ORDER BY "limitId"`, [personId],
  )).map((row: { limitId: string; used: bigint }) => `${row.limitId} ${row.used}`);

  it('that eleven payments fit in takes eleven of two hundred at once', async () => {
    const merchantId = await bank.merchant();
    const payer = await bank.customer({ minor: 300_000_000n });
    // 100,000.00 a day: eleven of 9,000.00, and 1,000.00 that none of them fits in.
    const answers = (await atOnce((index) => pay(payer, merchantId, { minor: 900_000n, index }))).map(codes);
    expect([count(answers, 'OK'), count(answers, 'LIMIT_EXCEEDED')]).toEqual([11, TAKERS - 11]);
    expect(await counterOf(payer.personId)).toEqual(['day-amount-USD 9900000', 'day-count 11']);
    expect(Object.values(await feesOf(merchantId))).toEqual([11]);
  }, 60_000);

  it('is held by the statement that counts, without the locks that payments take', async () => {
    const personId = uuidv7();
    const results = await atOnce(() => inTransaction(bank.dataSource, (tx) =>
      countMovement(tx, { personId, payments: 0, recordedAt: new Date().toISOString(), uses: [{ limitId: 'day-count', taken: 1n, cap: 17n }] }),
    ).then(() => 'COUNTED', (error: { constraint?: string; driverError?: { constraint?: string } }) => error.driverError?.constraint ?? error.constraint));
    expect([count(results, 'COUNTED'), count(results, 'limit_counter_cap')]).toEqual([17, TAKERS - 17]);
    expect(await counterOf(personId)).toEqual(['day-count 17']);
    await bank.asOwner('DELETE FROM limit_counter WHERE "personId" = $1', [personId]);
  });
});

describe('A1: five hundred sends of one key', () => {
  /** What there is of a payer in each table that a payment writes. */
  const rowsOf = async ({ personId, walletId }: Customer, since: bigint): Promise<Record<string, number>> => {
    const [row] = await bank.dataSource.query(
      `SELECT (SELECT count(*)::int FROM ledger_tx WHERE "personId" = $1 AND kind = 'PAYMENT') AS transactions,
         (SELECT count(*)::int FROM posting WHERE "debitAccountId" = $2) AS postings,
         (SELECT count(*)::int FROM entry WHERE "accountId" = $2 AND amount < 0) AS entries,
         (SELECT count(*)::int FROM idempotency WHERE scope = $1) AS keys,
         (SELECT payments::int FROM person_counter WHERE "personId" = $1) AS counted,
         (SELECT count(*)::int FROM outbox WHERE id > $3 AND value::text LIKE '%' || $1 || '%') AS events`, [personId, walletId, String(since)],
    );
    return row;
  };
  const newestEvent = async (): Promise<bigint> => (await bank.dataSource.query('SELECT coalesce(max(id), 0)::bigint AS id FROM outbox'))[0].id;

  it.each([
    ['by one instance', 1], ['by several, which know nothing of each other', INSTANCES],
  ])('%s are one payment: one transaction, its postings, one event, and one answer to all', async (_how, over) => {
    const [payer, merchantId] = [await bank.customer({ minor: 10_000_000n }), await bank.merchant()];
    const [key, since] = [uuidv7(), await newestEvent()];
    const answers = await atOnce((index) => pay(payer, merchantId, { minor: 1_000n, key, index: index % over }), 500);
    expect(answers[0]!.ok).toBe(true);
    // Who was first gets the record with it: what all have is the transaction.
    expect(new Set(answers.map((answer) => (answer.ok ? answer.transactionId : codes(answer)))).size).toBe(1);
    // To the merchant and to the fees: two postings of one wallet, which moves once.
    expect(await rowsOf(payer, since)).toEqual({ transactions: 1, postings: 2, entries: 1, keys: 1, counted: 1, events: 1 });
    expect(await bank.balance(payer.walletId)).toBe(10_000_000n - 1_010n);
  }, 60_000);
});
