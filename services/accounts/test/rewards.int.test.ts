import type { EventData } from '@tael/events';
import { createLogger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { settleWaitingRebates, startRebateLoop } from '../src/reward-postings/rebate.loop';
import { type Bank, breaches, type Customer, openBank, usd, USD } from './support/bank';

// What rewards asks for by event: booked once, taken back as far as there is something, rebated within cap and budget.
describe('reward postings', () => {
  let bank: Bank;
  let merchantId: string;

  beforeAll(async () => {
    bank = await openBank('rewards');
    merchantId = await bank.merchant();
  });
  afterAll(async () => {
    await bank.close();
  });

  const grantOf = (person: Customer, amount: bigint, options: Partial<EventData<'benefit.granted'>> = {}): EventData<'benefit.granted'> => ({
    grantId: uuidv7(), kind: 'CASHBACK', campaignId: uuidv7(), personId: person.personId, walletId: person.walletId,
    orderKey: person.walletId, currency: USD, amount, sourceTransactionId: uuidv7(), occurredAt: new Date(), ...options,
  });
  const reversalOf = (grant: EventData<'benefit.granted'>, amount: bigint): EventData<'benefit.reversed'> => ({
    reversalId: uuidv7(), grantId: grant.grantId, campaignId: grant.campaignId, personId: grant.personId, orderKey: grant.orderKey,
    currency: grant.currency, amount, refundTransactionId: uuidv7(), cause: 'REFUND', sourceTransactionId: grant.sourceTransactionId, occurredAt: new Date(),
  });
  const posted = async (grantId: string) => (await bank.events('reward.posted')).filter(({ data }) => data.grantId === grantId).map(({ data }) => data);
  const reversed = async (grantId: string) => (await bank.events('reward.reversed')).filter(({ data }) => data.grantId === grantId).map(({ data }) => data);
  const refused = async (grantId: string) => (await bank.events('reward.refused')).filter(({ data }) => data.grantId === grantId).map(({ data }) => data.reason);
  const debt = async (person: Customer) => {
    const [row] = await bank.dataSource.query('SELECT owed FROM reward_debt WHERE "personId" = $1', [person.personId]);
    return row?.owed ?? 0n;
  };
  async function pay(payer: Customer, minor: bigint): Promise<string> {
    const answer = await bank.services.payments.pay(payer, {
      walletId: payer.walletId, merchantId, amount: usd(minor), description: undefined, idempotencyKey: uuidv7(),
    });
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
    return answer.transactionId;
  }

  it('books a grant once, however often and however concurrently it comes', async () => {
    const person = await bank.customer();
    const grant = grantOf(person, 125n);
    await Promise.all([bank.receive('benefit.granted', grant), bank.receive('benefit.granted', grant), bank.receive('benefit.granted', grant)]);
    await bank.receive('benefit.granted', grant);
    expect(await bank.balance(person.walletId)).toBe(125n);
    expect(await posted(grant.grantId)).toMatchObject([{ amount: 125n, credited: 125n, balanceAfter: 125n, kind: 'CASHBACK' }]);
  });

  it('opens a wallet for a referral reward where there is none', async () => {
    const person = await bank.customer();
    const grant = grantOf(person, 500n, { kind: 'REFERRAL_REWARD', walletId: null, orderKey: person.personId, currency: 'EUR' as never });
    await bank.receive('benefit.granted', grant);
    const [event] = await posted(grant.grantId);
    expect(event).toMatchObject({ currency: 'EUR', amount: 500n, balanceAfter: 500n });
    expect(await bank.balance(event!.walletId)).toBe(500n);
    await bank.receive('benefit.granted', grantOf(person, 20n, { walletId: null, currency: 'EUR' as never }));
    expect(await bank.balance(event!.walletId)).toBe(520n);
  });

  it('takes back in parts, never more than the grant, once a reversal', async () => {
    const person = await bank.customer({ minor: 1_000n });
    const grant = grantOf(person, 100n);
    await bank.receive('benefit.granted', grant);
    const first = reversalOf(grant, 60n);
    await Promise.all([bank.receive('benefit.reversed', first), bank.receive('benefit.reversed', first), bank.receive('benefit.reversed', first)]);
    expect(await bank.balance(person.walletId)).toBe(1_040n);
    await bank.receive('benefit.reversed', reversalOf(grant, 60n));
    expect(await bank.balance(person.walletId)).toBe(1_000n);
    await bank.receive('benefit.reversed', reversalOf(grant, 60n));
    expect(await bank.balance(person.walletId)).toBe(1_000n);
    expect((await reversed(grant.grantId)).map(({ amount }) => amount)).toEqual([60n, 40n]);
  });

  it('nets a reversal that comes before its grant', async () => {
    const person = await bank.customer();
    const grant = grantOf(person, 100n);
    const reversal = reversalOf(grant, 30n);
    await bank.receive('benefit.reversed', reversal);
    await bank.receive('benefit.reversed', reversal);
    expect(await reversed(grant.grantId)).toEqual([]);
    await bank.receive('benefit.granted', grant);
    expect(await bank.balance(person.walletId)).toBe(70n);
    expect(await reversed(grant.grantId)).toMatchObject([{ amount: 30n, owed: 0n, balanceAfter: 70n }]);
  });

  it('has no gap between a grant and its reversal that come at the same moment', async () => {
    for (let round = 0; round < 10; round++) {
      const person = await bank.customer();
      const grant = grantOf(person, 100n);
      await Promise.all([bank.receive('benefit.reversed', reversalOf(grant, 100n)), bank.receive('benefit.granted', grant)]);
      expect(await bank.balance(person.walletId)).toBe(0n);
    }
  });

  it('owes what is not there and keeps it back of later rewards', async () => {
    const person = await bank.customer({ minor: 2_000n });
    const grant = grantOf(person, 500n);
    await bank.receive('benefit.granted', grant);
    await pay(person, 2_300n);
    expect(await bank.balance(person.walletId)).toBe(177n);
    await bank.receive('benefit.reversed', reversalOf(grant, 500n));
    expect(await bank.balance(person.walletId)).toBe(0n);
    expect(await reversed(grant.grantId)).toMatchObject([{ amount: 177n, owed: 323n, balanceAfter: 0n }]);
    const next = grantOf(person, 200n);
    await bank.receive('benefit.granted', next);
    expect(await bank.balance(person.walletId)).toBe(0n);
    expect(await posted(next.grantId)).toMatchObject([{ amount: 200n, credited: 0n, balanceAfter: 0n }]);
    await bank.receive('benefit.granted', grantOf(person, 200n));
    expect(await bank.balance(person.walletId)).toBe(77n);
    expect(await debt(person)).toBe(0n);
  });

  it('and a payment of the same money never meet: one is refused or the other owed, none fails', async () => {
    for (let round = 0; round < 10; round++) {
      const person = await bank.customer({ minor: 1_000n });
      const grant = grantOf(person, 500n);
      await bank.receive('benefit.granted', grant);
      const [paid] = await Promise.all([
        bank.services.payments.pay(person, {
          walletId: person.walletId, merchantId, amount: usd(1_400n), description: undefined, idempotencyKey: uuidv7(),
        }),
        bank.receive('benefit.reversed', reversalOf(grant, 500n)),
      ]);
      expect(await bank.balance(person.walletId)).toBe(paid.ok ? 0n : 1_000n);
      expect(await debt(person)).toBe(paid.ok ? 414n : 0n);
    }
  });

  it('never books a grant into a wallet of somebody else or of another currency', async () => {
    const [person, other] = [await bank.customer(), await bank.customer()];
    await expect(bank.receive('benefit.granted', grantOf(person, 100n, { walletId: other.walletId }))).rejects.toThrow('is not a USD wallet');
    await expect(bank.receive('benefit.granted', grantOf(person, 100n, { currency: 'EUR' as never }))).rejects.toThrow('is not a EUR wallet');
    expect(await bank.balance(other.walletId)).toBe(0n);
  });

  describe('fee rebates', () => {
    const log = createLogger({ service: 'test', level: 'silent' });
    const settle = () => settleWaitingRebates({ dataSource: bank.dataSource, log });
    const rebateOf = (person: Customer, campaignId: string, sourceTransactionId: string, amount = 50n) =>
      grantOf(person, amount, { kind: 'FEE_REBATE', campaignId, sourceTransactionId });

    it('gives a fee back within the cap and budget that waivers use too', async () => {
      const payer = await bank.customer({ minor: 100_000n });
      const before = [await pay(payer, 5_000n), await pay(payer, 5_000n), await pay(payer, 5_000n)];
      const campaignId = await bank.offer({ merchantIds: [merchantId], maximumRewardsPerUser: 2, budget: 1_000n });
      const waived = await pay(payer, 5_000n);
      const rebates = before.map((payment) => rebateOf(payer, campaignId, payment));
      await Promise.all(rebates.flatMap((rebate) => [bank.receive('benefit.granted', rebate), bank.receive('benefit.granted', rebate)]));
      const outcomes = await Promise.all(rebates.map(async ({ grantId }) => [(await posted(grantId)).length, ...(await refused(grantId))]));
      expect(outcomes.sort()).toEqual([[0, 'LIMIT_REACHED'], [0, 'LIMIT_REACHED'], [1]]);
      expect(await bank.balance(payer.walletId)).toBe(100_000n - 20_000n - 3n * 50n + 50n);
      const late = rebateOf(payer, campaignId, waived);
      await bank.receive('benefit.granted', late);
      expect(await refused(late.grantId)).toEqual(['ALREADY_WAIVED']);
      await bank.offer({ campaignId, version: 2, activeTimes: [] });
    });

    it('refuses over budget, twice for one fee, and for a payment that is not theirs', async () => {
      const [payer, other] = [await bank.customer({ minor: 100_000n }), await bank.customer({ minor: 100_000n })];
      const [mine, theirs] = [await pay(payer, 5_000n), await pay(other, 5_000n)];
      const campaignId = await bank.offer({ merchantIds: [uuidv7()], budget: 60n });
      const rebates = [mine, mine, theirs].map((payment) => rebateOf(payer, campaignId, payment));
      for (const rebate of rebates) await bank.receive('benefit.granted', rebate);
      const over = rebateOf(other, campaignId, theirs);
      await bank.receive('benefit.granted', over);
      expect(await posted(rebates[0]!.grantId)).toMatchObject([{ amount: 50n, kind: 'FEE_REBATE', sourceTransactionId: mine }]);
      expect(await refused(rebates[1]!.grantId)).toEqual(['ALREADY_WAIVED']);
      expect(await refused(rebates[2]!.grantId)).toEqual(['UNKNOWN_PAYMENT']);
      expect(await refused(over.grantId)).toEqual(['BUDGET_EXHAUSTED']);
    });

    it('waits for an offer that has not arrived', async () => {
      const payer = await bank.customer({ minor: 100_000n });
      const rebate = rebateOf(payer, uuidv7(), await pay(payer, 5_000n));
      await bank.receive('benefit.granted', rebate);
      expect([await posted(rebate.grantId), await refused(rebate.grantId)]).toEqual([[], []]);
      await settle();
      expect([await posted(rebate.grantId), await refused(rebate.grantId)]).toEqual([[], []]);
      await bank.offer({ campaignId: rebate.campaignId, merchantIds: [uuidv7()] });
      await Promise.all([settle(), settle(), settle()]);
      expect(await posted(rebate.grantId)).toHaveLength(1);
      expect(await bank.balance(payer.walletId)).toBe(95_000n);
    });

    it('takes back what was reversed while it waited', async () => {
      const payer = await bank.customer({ minor: 100_000n });
      const rebate = rebateOf(payer, uuidv7(), await pay(payer, 5_000n));
      await bank.receive('benefit.granted', rebate);
      await bank.receive('benefit.reversed', reversalOf(rebate, 20n));
      await bank.offer({ campaignId: rebate.campaignId, merchantIds: [uuidv7()] });
      await settle();
      expect(await reversed(rebate.grantId)).toMatchObject([{ amount: 20n }]);
      expect(await bank.balance(payer.walletId)).toBe(95_000n - 20n);
    });

    it('are each a transaction of their own: who is locked holds up neither the offer nor the others', async () => {
      const payers = [await bank.customer({ minor: 10_000n }), await bank.customer({ minor: 10_000n })] as const;
      const campaignId = uuidv7();
      const rebates = [rebateOf(payers[0], campaignId, await pay(payers[0], 5_000n)), rebateOf(payers[1], campaignId, await pay(payers[1], 5_000n))];
      for (const rebate of rebates) await bank.receive('benefit.granted', rebate);
      const loop = await inTransaction(bank.dataSource, async (tx) => {
        await tx.query('SELECT 1 FROM person_counter WHERE "personId" = $1 FOR UPDATE', [payers[1].personId]);
        await bank.offer({ campaignId, merchantIds: [uuidv7()] });
        // Whoever took the offer may be gone by now: the loop of any instance finds what waits.
        const started = startRebateLoop({ dataSource: bank.dataSource, log });
        await eventually(async () => expect(await posted(rebates[0]!.grantId)).toHaveLength(1));
        expect(await posted(rebates[1]!.grantId)).toEqual([]);
        return started;
      });
      await eventually(async () => expect(await posted(rebates[1]!.grantId)).toHaveLength(1));
      await loop.stop();
      expect(await posted(rebates[0]!.grantId)).toHaveLength(1);
    });

    it('that fail hold up no other, however many', async () => {
      const payer = await bank.customer({ minor: 10_000n });
      const campaignId = uuidv7();
      const broken = Array.from({ length: 25 }, () => rebateOf(payer, campaignId, uuidv7()));
      const last = rebateOf(payer, campaignId, await pay(payer, 5_000n));
      for (const rebate of [...broken, last]) await bank.receive('benefit.granted', rebate);
      await bank.offer({ campaignId, merchantIds: [uuidv7()] });
      // A stand-in for any fault that does not pass: the books refuse every change of these grants.
      await bank.asOwner(
        `CREATE FUNCTION break_grant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$;
         CREATE TRIGGER break_grant BEFORE UPDATE ON reward_grant FOR EACH ROW
           WHEN (NEW."grantId" <> '${last.grantId}') EXECUTE FUNCTION break_grant()`,
      );
      await settle();
      await bank.asOwner('DROP TRIGGER break_grant ON reward_grant; DROP FUNCTION break_grant()');
      expect(await posted(last.grantId)).toHaveLength(1);
      await settle();
      expect(await refused(broken[24]!.grantId)).toEqual(['UNKNOWN_PAYMENT']);
    });
  });

  it('leaves sound books', async () => {
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
