import { randomUUID } from 'node:crypto';
import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { callerOf, merchantsOf, type Shop, USD } from './support/merchant-world';

let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_refund_means');
  merchants = merchantsOf(world);
});
beforeEach(() => merchants.today());
afterEach(() => merchants.expectBooksToHold());
afterAll(() => world.end());

// A merchant may owe 1,000.00. Whoever was paid out could give the same money to a friend, for as long as nobody looks.
describe('what was paid out to a merchant', () => {
  const OWING = 100_000n;

  async function refund(person: Parameters<typeof callerOf>[0], transactionId: string, minor?: bigint, operator = false): Promise<string> {
    const answer = await world.app.services.refunds.refund(callerOf(person, operator), {
      transactionId, amount: minor === undefined ? undefined : { minor, currency: USD }, reason: undefined, idempotencyKey: randomUUID(),
    });
    return answer.ok ? 'OK' : `${answer.refusals[0]!.code} ${answer.refusals[0]!.reason}`;
  }

  /** A shop whose payments of so much each were settled and paid out. */
  async function paidOut(count: number, minor: bigint): Promise<{ shop: Shop; payments: string[] }> {
    const [shop, payer] = [await merchants.shop(0), await merchants.payer('9000.00')];
    expect(await merchants.setAccount(shop)).toMatchObject({ ok: true });
    const payments: string[] = [];
    for (let n = 0; n < count; n += 1) payments.push(await merchants.pay(payer, shop, minor));
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.openPayouts();
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(0n);
    return { shop, payments };
  }

  it('is given back only as far as it may owe, by its people and by operators', async () => {
    const { shop, payments: [one, two] } = await paidOut(2, 150_000n);
    expect(await refund(shop.manager, one!)).toBe('LIMIT_EXCEEDED MERCHANT_OWING');
    expect(await refund(shop.manager, one!, OWING - 1n)).toBe('OK');
    expect(await refund(shop.owner, two!, 2n)).toBe('LIMIT_EXCEEDED MERCHANT_OWING');
    expect(await refund(shop.owner, two!, 1n)).toBe('OK');
    // An operator who owns the shop is its owner.
    expect(await refund(shop.owner, two!, 1n, true)).toBe('LIMIT_EXCEEDED MERCHANT_OWING');
    // Beyond that it would be Tael's money: two operators write off what is owed, or a dispute decides.
    expect(await refund(await world.signUp(), two!, 1n, true)).toBe('LIMIT_EXCEEDED MERCHANT_OWING');
    await merchants.pay(await merchants.payer(), shop, 700n);
    expect(await refund(await world.signUp(), two!, 700n, true)).toBe('OK');
    expect(await merchants.balance(shop, 'MERCHANT_INFLOW')).toBe(-100_000n);
  });

  it('may be given back again as more is paid, whether or not the books have folded it', async () => {
    const { shop, payments: [one] } = await paidOut(1, 150_000n);
    expect(await refund(shop.manager, one!, OWING)).toBe('OK');
    const payer = await merchants.payer();
    const next = await merchants.pay(payer, shop, 500n);
    expect(await refund(shop.manager, one!, 501n)).toBe('LIMIT_EXCEEDED MERCHANT_OWING');
    expect(await refund(shop.manager, one!, 500n)).toBe('OK');
    await merchants.fold();
    expect(await refund(shop.manager, next)).toBe('LIMIT_EXCEEDED MERCHANT_OWING');
    await merchants.pay(payer, shop, 500n);
    await merchants.fold();
    await merchants.closeNow(shop);
    expect(await merchants.balance(shop, 'MERCHANT_RECEIVABLE')).toBe(-(OWING - 500n) - 500n + 500n);
    expect(await refund(shop.manager, next)).toBe('OK');
  });

  it('is not given back beyond that by many at once', async () => {
    const { shop, payments } = await paidOut(6, 30_000n);
    const told = await Promise.all(payments.map((payment) => refund(shop.manager, payment)));
    expect(told.sort()).toEqual([...Array(3).fill('LIMIT_EXCEEDED MERCHANT_OWING'), ...Array(3).fill('OK')]);
  });

  it('is not counted on while it is being paid out', async () => {
    const [shop, payer] = [await merchants.shop(0), await merchants.payer('9000.00')];
    const payment = await merchants.pay(payer, shop, 150_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    expect(await merchants.setAccount(shop)).toMatchObject({ ok: true });
    let late: Promise<string> | undefined;
    await inTransaction(world.dataSource, async (tx) => {
      expect(await merchants.paying.payOutByHand(tx, { merchantId: shop.merchantId, currency: USD, amount: 150_000n })).toMatchObject({ ok: true });
      late = refund(shop.manager, payment);
      await eventually(async () => {
        const waiting = await world.rows(`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '/* settlements.lock */%' AND datname = current_database()`);
        expect(waiting).toHaveLength(1);
      });
    });
    expect(await late).toBe('LIMIT_EXCEEDED MERCHANT_OWING');
  });
});
