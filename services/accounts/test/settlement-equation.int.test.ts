import { eventually } from '@tael/testkit';
import { merchantAccountId } from '../src/ledger/account.ids';
import { merchantAccountIds, MERCHANT_FUNDS } from '../src/settlements/merchant-funds.sql';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import type { Behaviour } from './support/bank-world';
import { callerOf, merchantsOf, type Shop, USD } from './support/merchant-world';

// Paid in = paid out + given back + fees + what is held, to the cent and at every moment: people pay, merchants give back what was paid today and what was
// paid out to them days ago, days are closed, reserves are held and released, and payouts go to the bank, all at once. The sides of the equation
// are of tables that are written apart from each other: the postings of payments, the batches, the orders to the bank, the balances.

let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_settlement_equation');
  merchants = merchantsOf(world);
});
afterEach(() => merchants.expectBooksToHold());
afterAll(() => world.end());

interface Sides {
  readonly paid: bigint;
  readonly back: bigint;
  readonly fees: bigint;
  readonly out: bigint;
  readonly held: bigint;
}

/** Both sides in one statement, and so of one moment. */
async function sidesOf({ merchantId }: Shop): Promise<Sides> {
  const inflow = merchantAccountId('MERCHANT_INFLOW', merchantId, USD);
  const [row] = await world.rows(
    `SELECT (SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p JOIN ledger_tx t ON t.id = p."txId" WHERE p."creditAccountId" = $2 AND t.kind = 'PAYMENT') AS paid,
       (SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p JOIN ledger_tx t ON t.id = p."txId" WHERE p."debitAccountId" = $2 AND t.kind = 'REFUND') AS back,
       (SELECT coalesce(sum(fees), 0)::bigint FROM settlement WHERE "merchantId" = $3) AS fees,
       (SELECT coalesce(sum(amount), 0)::bigint FROM bank_order WHERE "merchantId" = $3 AND status IN ('PENDING', 'SETTLED')) AS out,
       ${MERCHANT_FUNDS} AS held`,
    [merchantAccountIds(merchantId, USD), inflow, merchantId],
  );
  return row as unknown as Sides;
}

const difference = ({ paid, back, fees, out, held }: Sides): bigint => paid - back - fees - out - held;

/** Does something again and again until `work` is done; the first fault of either ends both. */
async function during(work: () => Promise<void>, ...loops: readonly (() => Promise<unknown>)[]): Promise<void> {
  let over = false;
  const running = loops.map(async (loop) => {
    while (!over) await loop();
  });
  try {
    await Promise.race([work(), ...running]);
  } finally {
    over = true;
    await Promise.allSettled(running);
  }
  await Promise.all(running);
}

const PAYERS = 4;
const PAYMENTS = 6;
const DAYS = 4;

it.each<Behaviour>(['settle', 'late-answer', 'returned'])(
  'holds at every moment of four days, with a reserve, payouts to a bank that answers %s, and refunds at once', async (behaviour) => {
    merchants.today();
    const shop = await merchants.shop(150);
    expect(await merchants.setAccount(shop, behaviour)).toMatchObject({ ok: true });
    const operator = callerOf(await world.signUp(), true);
    expect(await merchants.terms.set(operator, {
      merchantId: shop.merchantId, feeBasisPoints: 200, feeFixed: { minor: 30n, currency: USD }, reserveBasisPoints: 1_000, reserveDays: 2, reason: 'new shop',
    })).toMatchObject({ ok: true });
    const payers = await Promise.all(Array.from({ length: PAYERS }, () => merchants.payer()));
    const wrong: Sides[] = [];
    const seen = { looks: 0, held: new Set<bigint>() };
    const look = async (): Promise<void> => {
      const sides = await sidesOf(shop);
      seen.looks += 1;
      seen.held.add(sides.held);
      if (difference(sides) !== 0n) wrong.push(sides);
    };
    let yesterdays: string[] = [];
    for (let day = 0; day < DAYS; day += 1) {
      const todays: string[] = [];
      const refundable = [...yesterdays];
      await during(
        async () => {
          await Promise.all(payers.map(async (payer) => {
            for (let n = 1n; n <= BigInt(PAYMENTS); n += 1n) {
              const payment = await merchants.pay(payer, shop, 700n * n + 7n);
              todays.push(payment);
              const before = refundable.pop();
              await Promise.all([
                merchants.refund(shop, payment, 10n * n), merchants.refund(shop, payment, 3n), ...(before ? [merchants.refund(shop, before, 101n)] : []),
              ]);
            }
          }));
          // The end of the day comes while the closers are at work.
          await merchants.nextDay();
        },
        async () => {
          await merchants.fold();
          await merchants.settling.closeDue();
        },
        () => merchants.paying.openDue(),
        async () => {
          await world.app.services.bankOrders.resolvePending();
          await merchants.bank.readStatement();
        },
        look, look,
      );
      yesterdays = todays;
    }
    expect({ wrong, looks: seen.looks > 20, moved: seen.held.size > 5 }).toEqual({ wrong: [], looks: true, moved: true });
    // It comes to its end: the last reserve is released, and all that is there is paid out, or waits for an account that takes it.
    for (let day = 0; day < 3; day += 1) await merchants.nextDay();
    await eventually(async () => {
      // One payout at a time: the next goes out once the bank has said what became of the one before.
      await merchants.openPayouts();
      await merchants.bank.due();
      await world.app.services.bankOrders.resolvePending();
      expect((await merchants.payouts(shop)).filter(({ status }) => status === 'PENDING')).toEqual([]);
      if (behaviour !== 'returned') expect((await sidesOf(shop)).held).toBe(0n);
    }, { timeoutMs: 40_000, describe: 'what is payable is paid out' });
    const [end, batches] = [await sidesOf(shop), await merchants.settlements(shop)];
    const sum = (name: string) => batches.reduce((total, batch) => total + BigInt(String(batch[name])), 0n);
    const each = 700n * 21n + 7n * BigInt(PAYMENTS);
    expect(difference(end)).toBe(0n);
    expect(end.paid).toBe(BigInt(DAYS * PAYERS) * each);
    expect([sum('gross'), sum('refunds'), sum('fees')]).toEqual([end.paid, end.back, end.fees]);
    expect(sum('reserveHeld')).toBeGreaterThan(0n);
    expect(sum('reserveReleased')).toBe(sum('reserveHeld'));
    expect([await merchants.balance(shop, 'MERCHANT_INFLOW'), await merchants.balance(shop, 'MERCHANT_RESERVE')]).toEqual([0n, 0n]);
    const payouts = await merchants.payouts(shop);
    if (behaviour === 'returned') {
      // Seconds after it was paid: the bank gives back, and the money is held again.
      await eventually(async () => {
        await merchants.bank.readStatement();
        expect((await merchants.payouts(shop)).map(({ status }) => status)).toContain('RETURNED');
      }, { timeoutMs: 25_000, describe: 'the bank gives a payout back' });
      const returned = await sidesOf(shop);
      expect(difference(returned)).toBe(0n);
      expect(returned.held).toBeGreaterThan(0n);
    } else {
      expect(end.held).toBe(0n);
      expect(payouts.length).toBeGreaterThan(1);
    }
  }, 120_000,
);
