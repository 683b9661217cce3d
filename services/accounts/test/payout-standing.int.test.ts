import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { DAY_MS, merchantsOf, type Shop, USD } from './support/merchant-world';

// Whom payouts go to: a merchant whose documents an operator has approved, and that may trade.
let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_payout_standing');
  merchants = merchantsOf(world);
});
beforeEach(() => merchants.today());
afterEach(() => merchants.expectBooksToHold());
afterAll(() => world.end());

const UNVERIFIED = { verified: false };
const SUSPENDED = { status: 'SUSPENDED' } as const;
/** A shop with an account and something payable. */
async function payableShop(standing: Parameters<typeof merchants.shop>[2] = {}, minor = 10_000n): Promise<Shop> {
  const shop = await merchants.shop(0, undefined, standing);
  expect(await merchants.setAccount(shop)).toMatchObject({ ok: true });
  await merchants.earn(shop, minor);
  return shop;
}
const resolve = () => world.app.services.bankOrders.resolvePending();
const amounts = async (shop: Shop) => (await merchants.payouts(shop)).map(({ amount }) => amount);
const hold = async ({ merchantId }: Shop) => (await merchants.holds.of([merchantId])).get(merchantId);

describe('a payout by itself', () => {
  it('waits for a merchant to be verified: it is settled all the same, and paid in the next round', async () => {
    const shop = await payableShop(UNVERIFIED);
    await merchants.openPayouts();
    merchants.later(40 * DAY_MS);
    await merchants.openPayouts();
    merchants.today();
    expect(await amounts(shop)).toEqual([]);
    expect(await merchants.settlements(shop)).toMatchObject([{ gross: 10_000n, payoutId: null }]);
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(10_000n);
    expect(await hold(shop)).toEqual({ reason: 'NOT_VERIFIED' });
    await merchants.tell(shop);
    expect(await hold(shop)).toBeUndefined();
    await merchants.openPayouts();
    await resolve();
    expect(await merchants.payouts(shop)).toMatchObject([{ amount: 10_000n, status: 'SETTLED' }]);
  });

  it('does not go out while the merchant is suspended, and goes on afterwards with all that came meanwhile', async () => {
    const shop = await payableShop();
    await merchants.tell(shop, SUSPENDED);
    await merchants.openPayouts();
    expect(await amounts(shop)).toEqual([]);
    expect(await hold(shop)).toEqual({ reason: 'SUSPENDED' });
    await merchants.tell(shop);
    await merchants.earn(shop, 500n);
    await merchants.openPayouts();
    expect(await amounts(shop)).toEqual([10_500n]);
    await resolve();
  });

  it('believes the newest event, whichever comes last', async () => {
    const shop = await payableShop(UNVERIFIED);
    await merchants.tell(shop, {}, { version: 5 });
    await merchants.tell(shop, UNVERIFIED, { version: 4 });
    await merchants.tell(shop, SUSPENDED, { version: 5 });
    await merchants.openPayouts();
    expect(await amounts(shop)).toEqual([10_000n]);
    await resolve();
  });

  it('is not opened beside a suspension that accounts has heard of and not committed yet', async () => {
    const shop = await payableShop();
    // As this version takes it, with the cursor; the loop passes over it meanwhile.
    await inTransaction(world.dataSource, async (tx) => {
      await merchants.tell(shop, SUSPENDED, { tx });
      await merchants.paying.openDue();
      expect(await amounts(shop)).toEqual([]);
    });
    await merchants.openPayouts();
    expect(await amounts(shop)).toEqual([]);
    // As one of before takes it, the row alone: who pays out waits for it, and then knows.
    await merchants.tell(shop);
    let opening: Promise<unknown> | undefined;
    await inTransaction(world.dataSource, async (tx) => {
      await tx.query(`UPDATE merchant_copy SET status = 'SUSPENDED' WHERE "merchantId" = $1`, [shop.merchantId]);
      opening = merchants.openPayouts();
      await eventually(async () => {
        const waiting = await world.rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%payouts.standing%'`);
        expect(waiting).toHaveLength(1);
      }, { describe: 'whoever pays out waits for the merchant' });
    });
    await opening;
    expect(await amounts(shop)).toEqual([]);
  });

  it('never waits in a ring: changes of the merchant, accounts, batches and payouts at once', async () => {
    const [shop, payer] = [await payableShop(), await merchants.payer()];
    // A ring would be broken by the database, and its victim come again unseen.
    const deadlocks = async () => {
      await world.dataSource.query('SELECT pg_stat_force_next_flush()');
      return (await world.dataSource.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()'))[0].deadlocks as bigint;
    };
    const before = await deadlocks();
    for (let round = 0; round < 12; round += 1) {
      await merchants.tell(shop);
      await merchants.pay(payer, shop, 100n);
      await merchants.fold();
      await Promise.all([
        merchants.tell(shop, round % 2 === 0 ? SUSPENDED : {}), merchants.setAccount(shop), merchants.closeNow(shop), merchants.paying.openDue(), resolve(),
      ]);
    }
    await merchants.tell(shop);
    await resolve();
    merchants.later(DAY_MS + 60_000);
    await merchants.openPayouts();
    await resolve();
    expect((await amounts(shop)).reduce((sum, amount) => sum + amount, 0n)).toBe(11_200n);
    expect(await deadlocks()).toBe(before);
  });
});

describe('a payout by hand', () => {
  const byHand = ({ merchantId }: Shop, amount: bigint) =>
    inTransaction(world.dataSource, (tx) => merchants.paying.payOutByHand(tx, { merchantId, currency: USD, amount }));

  it('may go to a merchant that is suspended, and to none whose documents nobody has approved', async () => {
    const [leaves, unknown] = [await payableShop(), await payableShop(UNVERIFIED)];
    await merchants.tell(leaves, SUSPENDED);
    expect(await byHand(leaves, 10_000n)).toMatchObject({ ok: true });
    expect(await byHand(unknown, 1n)).toMatchObject({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'MERCHANT_NOT_VERIFIED' }] });
    await resolve();
    expect(await amounts(leaves)).toEqual([10_000n]);
    expect(await amounts(unknown)).toEqual([]);
  });
});

describe('what holds the payouts of a merchant', () => {
  it('is told by the rule that pays: account, wait and debt', async () => {
    const shop = await merchants.shop(0);
    expect(await hold(shop)).toEqual({ reason: 'NO_ACCOUNT' });
    await merchants.setAccount(shop);
    expect(await hold(shop)).toBeUndefined();
    const payer = await merchants.payer();
    const payment = await merchants.pay(payer, shop, 1_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.openPayouts();
    await resolve();
    await merchants.refund(shop, payment);
    await merchants.fold();
    await merchants.closeNow(shop);
    expect(await hold(shop)).toEqual({ reason: 'OWES' });
    await merchants.setAccount(shop);
    expect(await hold(shop)).toMatchObject({ reason: 'WAITING', until: expect.any(Date) });
    expect((await merchants.holds.of(['x', shop.owner.id])).size).toBe(0);
  });
});
