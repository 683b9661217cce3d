import { v7 as uuidv7 } from 'uuid';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { callerOf, DAY_MS, merchantsOf, type Shop, USD } from './support/merchant-world';

let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_settlements');
  merchants = merchantsOf(world);
});
beforeEach(() => merchants.today());
afterEach(async () => {
  await merchants.fold();
  expect(await merchants.breaches()).toEqual([]);
});
afterAll(() => world.end());

const figures = (rows: Record<string, unknown>[]) => rows.map(({ gross, refunds, fees, reserveHeld, reserveReleased, net, opening, closing }) =>
  [gross, refunds, fees, reserveHeld, reserveReleased, net, opening, closing].map(Number));

describe('a batch', () => {
  it('has what was paid and given back on its day, takes the fee once, and makes the rest payable', async () => {
    const [shop, payer] = [await merchants.shop(), await merchants.payer()];
    const first = await merchants.pay(payer, shop, 10_000n);
    await merchants.pay(payer, shop, 3_333n);
    await merchants.refund(shop, first, 2_500n);
    await merchants.fold();
    await merchants.close();
    expect(await merchants.settlements(shop)).toEqual([]);
    await merchants.nextDay();
    const rows = await merchants.settlements(shop);
    // 1.5 % of 133.33 is 1.99995: 2.00, rounded once and not for each payment.
    expect(figures(rows)).toEqual([[13_333, 2_500, 200, 0, 0, 10_633, 0, 10_633]]);
    expect(rows[0]).toMatchObject({ number: 1, paymentCount: 2, refundCount: 1, adjustments: 0n });
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(10_633n);
    expect(await merchants.balance(shop, 'MERCHANT_INFLOW')).toBe(0n);
    expect((await world.events('settlement.closed')).filter((event) => event['merchantId'] === shop.merchantId)).toMatchObject([
      { number: 1, gross: '13333', refunds: '2500', fees: '200', net: '10633', paymentCount: 2, refundCount: 1 },
    ]);
    await merchants.nextDay();
    expect(await merchants.settlements(shop)).toHaveLength(1);
  });

  it('leaves what comes too late for its day to the next, and nothing is in two', async () => {
    const [shop, payer] = [await merchants.shop(0), await merchants.payer()];
    await merchants.pay(payer, shop, 1_000n);
    await merchants.nextDay();
    // The books' own clock stands still here: this one is of a day that is closed.
    await merchants.pay(payer, shop, 2_000n);
    await merchants.nextDay();
    const rows = await merchants.settlements(shop);
    expect(rows.map(({ number, gross }) => [number, gross])).toEqual([[1, 1_000n], [2, 2_000n]]);
    expect(Date.parse(String(rows[1]!['businessDay'])) - Date.parse(String(rows[0]!['businessDay']))).toBe(DAY_MS);
  });

  it('is closed once, whoever and however many try at once', async () => {
    const [shop, payer] = [await merchants.shop(), await merchants.payer()];
    await merchants.pay(payer, shop, 5_000n);
    await merchants.fold();
    merchants.later(DAY_MS);
    await Promise.all(Array.from({ length: 6 }, () => merchants.settling.closeDue()));
    await merchants.close();
    expect((await merchants.settlements(shop)).map(({ number, gross }) => [number, gross])).toEqual([[1, 5_000n]]);
  });

  it('ties out while people pay, merchants give back and closers close, all at once', async () => {
    const shop = await merchants.shop(137);
    const payers = await Promise.all(Array.from({ length: 4 }, () => merchants.payer()));
    let open = true;
    const closer = async (): Promise<void> => {
      while (open) {
        await merchants.fold();
        await merchants.closeNow(shop);
      }
    };
    const closers = [closer(), closer(), closer()];
    try {
      await Promise.all(payers.map(async (payer) => {
        for (let n = 1n; n <= 12n; n += 1n) {
          const payment = await merchants.pay(payer, shop, 100n * n + 7n);
          await Promise.all([merchants.refund(shop, payment, 10n * n), merchants.refund(shop, payment, 3n)]);
        }
      }));
    } finally {
      open = false;
      await Promise.all(closers);
    }
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.fold();
    const rows = await merchants.settlements(shop);
    expect(rows.length).toBeGreaterThan(1);
    const sum = (name: string) => rows.reduce((total, row) => total + BigInt(String(row[name])), 0n);
    expect([sum('gross'), sum('refunds')]).toEqual([4n * 7_884n, 4n * 816n]);
    expect([rows.reduce((n, row) => n + Number(row['paymentCount']), 0), rows.reduce((n, row) => n + Number(row['refundCount']), 0)]).toEqual([48, 96]);
    expect(await merchants.balance(shop, 'MERCHANT_INFLOW')).toBe(0n);
    const { closing } = rows.at(-1)!;
    expect((await merchants.balance(shop, 'MERCHANT_PAYABLE')) + (await merchants.balance(shop, 'MERCHANT_RECEIVABLE'))).toBe(closing);
    expect(sum('gross') - sum('refunds') - sum('fees')).toBe(closing);
  });

  it('of which more went back than came is carried over, and paid by the next', async () => {
    const [shop, payer] = [await merchants.shop(100), await merchants.payer()];
    const payment = await merchants.pay(payer, shop, 10_000n);
    await merchants.nextDay();
    await merchants.refund(shop, payment, 10_000n);
    await merchants.nextDay();
    await merchants.pay(payer, shop, 20_000n);
    await merchants.nextDay();
    expect(figures(await merchants.settlements(shop))).toEqual([
      [10_000, 0, 100, 0, 0, 9_900, 0, 9_900], [0, 10_000, 0, 0, 0, -10_000, 9_900, -100], [20_000, 0, 200, 0, 0, 19_800, -100, 19_700],
    ]);
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(19_700n);
    expect(await merchants.balance(shop, 'MERCHANT_RECEIVABLE')).toBe(0n);
  });

  it('holds back what the terms say and releases it on its day, also where nothing else moved', async () => {
    const [shop, payer, operator] = [await merchants.shop(), await merchants.payer(), await world.signUp()];
    const terms = {
      merchantId: shop.merchantId, feeBasisPoints: 200, feeFixed: { minor: 30n, currency: USD }, reserveBasisPoints: 1_000, reserveDays: 2, reason: 'new shop',
    };
    expect(await merchants.terms.set(callerOf(operator, true), terms)).toMatchObject({ ok: true });
    await merchants.pay(payer, shop, 1_000n);
    await merchants.nextDay();
    // Set on that day: they begin with the next.
    expect(figures(await merchants.settlements(shop))).toEqual([[1_000, 0, 15, 0, 0, 985, 0, 985]]);
    await merchants.pay(payer, shop, 10_000n);
    await merchants.nextDay();
    expect(figures(await merchants.settlements(shop)).at(-1)).toEqual([10_000, 0, 230, 1_000, 0, 8_770, 985, 9_755]);
    expect(await merchants.balance(shop, 'MERCHANT_RESERVE')).toBe(1_000n);
    await merchants.nextDay();
    expect(await merchants.settlements(shop)).toHaveLength(2);
    await merchants.nextDay();
    expect(figures(await merchants.settlements(shop)).slice(2)).toEqual([[0, 0, 0, 0, 1_000, 1_000, 9_755, 10_755]]);
    expect(await merchants.balance(shop, 'MERCHANT_RESERVE')).toBe(0n);
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(10_755n);
  });

  it('closes each day of a merchant whose reserve is due much later', async () => {
    const [shop, payer, operator] = [await merchants.shop(), await merchants.payer(), await world.signUp()];
    const set = await merchants.terms.set(callerOf(operator, true), {
      merchantId: shop.merchantId, feeBasisPoints: 0, feeFixed: { minor: 0n, currency: USD }, reserveBasisPoints: 1_000, reserveDays: 30, reason: 'new shop',
    });
    expect(set).toMatchObject({ ok: true });
    for (const amount of [500n, 1_000n]) {
      await merchants.pay(payer, shop, amount);
      await merchants.nextDay();
    }
    // A day on which nothing comes: nothing waits but the reserve, in a month.
    await merchants.nextDay();
    await merchants.pay(payer, shop, 2_000n);
    await merchants.nextDay();
    expect((await merchants.settlements(shop)).map(({ gross, reserveHeld }) => [Number(gross), Number(reserveHeld)])).toEqual([[500, 0], [1_000, 100], [2_000, 200]]);
  });

  it('that is closed by hand leaves each day that is over to itself, with its own terms', async () => {
    const [shop, payer, operator] = [await merchants.shop(100), await merchants.payer(), await world.signUp()];
    const staff = callerOf(operator, true);
    const closing = { merchantId: shop.merchantId, currency: 'USD', reason: 'The shop closes' };
    const free = { merchantId: shop.merchantId, feeBasisPoints: 0, feeFixed: { minor: 0n, currency: USD }, reserveBasisPoints: 0, reserveDays: 0, reason: 'leaves' };
    await merchants.pay(payer, shop, 10_000n);
    expect(await merchants.terms.set(staff, free)).toMatchObject({ ok: true });
    // Not in its place yet when the day is over: it is not settled under the terms of the next.
    merchants.later(DAY_MS);
    expect(await merchants.terms.closeNow(staff, closing)).toMatchObject({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'DAY_STILL_BOOKED' }] });
    expect(await merchants.settlements(shop)).toEqual([]);
    await merchants.fold();
    const done = await merchants.terms.closeNow(staff, closing);
    const [day] = await merchants.settlements(shop);
    expect(done).toEqual({ ok: true, settlementId: day!['id'] });
    expect(figures([day!])).toEqual([[10_000, 0, 100, 0, 0, 9_900, 0, 9_900]]);
    // What comes after is of the next day, whatever the books' own clock says here: a batch of its own under its terms.
    await merchants.pay(payer, shop, 2_000n);
    await merchants.fold();
    const rest = await merchants.terms.closeNow(staff, closing);
    const rows = await merchants.settlements(shop);
    expect(rest).toEqual({ ok: true, settlementId: rows[1]!['id'] });
    expect(figures(rows.slice(1))).toEqual([[2_000, 0, 0, 0, 0, 2_000, 9_900, 11_900]]);
    expect(await merchants.terms.closeNow(staff, closing)).toMatchObject({ ok: false, refusals: [{ reason: 'NOTHING_TO_SETTLE' }] });
    const trail = await merchants.terms.trail(shop.merchantId, { limit: 5, after: undefined });
    expect(trail.filter(({ action }) => action === 'SETTLEMENT_CLOSED').map(({ after }) => after)).toEqual([
      { settlementId: rows[1]!['id'], number: 2 }, { settlementId: rows[0]!['id'], number: 1, days: [1] },
    ]);
  });

  it.each([['set terms', 'owner'], ['set terms', 'cashier'], ['close a batch', 'owner'], ['close a batch', 'manager']] as const)(
    'an operator does not %s of a merchant whose %s they are', async (what, role) => {
      const [shop, payer] = [await merchants.shop(0), await merchants.payer()];
      await merchants.pay(payer, shop, 1_000n);
      await merchants.fold();
      const wish = { merchantId: shop.merchantId, currency: 'USD', reason: 'My own' };
      const asked = (by: ReturnType<typeof callerOf>) => (what === 'close a batch' ? merchants.terms.closeNow(by, wish)
        : merchants.terms.set(by, { ...wish, feeBasisPoints: 0, feeFixed: { minor: 0n, currency: USD }, reserveBasisPoints: 0, reserveDays: 0 }));
      expect(await asked(callerOf(shop[role], true))).toEqual({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'OWN_MERCHANT', field: ['input', 'merchantId'] }] });
      expect(await merchants.terms.trail(shop.merchantId, { limit: 5, after: undefined })).toEqual([]);
      expect(await merchants.settlements(shop)).toEqual([]);
      expect(await asked(callerOf(await world.signUp(), true))).toMatchObject({ ok: true });
    });

  it('takes no more of a payment than it is, however small it is', async () => {
    const [shop, payer, operator] = [await merchants.shop(0), await merchants.payer(), await world.signUp()];
    expect(await merchants.terms.set(callerOf(operator, true), {
      merchantId: shop.merchantId, feeBasisPoints: 1_500, feeFixed: { minor: 500n, currency: USD }, reserveBasisPoints: 0, reserveDays: 0, reason: 'by contract',
    })).toMatchObject({ ok: true });
    // Of the day on which they were set, and the day after.
    await merchants.pay(payer, shop, 100n);
    await merchants.nextDay();
    await merchants.pay(payer, shop, 40n);
    await merchants.pay(payer, shop, 1n);
    await merchants.pay(payer, shop, 10_000n);
    await merchants.nextDay();
    // 15 % of 100.41 is 15.06; besides, 0.34 of the 0.40 and 5.00 of the 100.00 and nothing of the 0.01 that the rate rounds up to.
    expect(figures(await merchants.settlements(shop)).slice(1)).toEqual([[10_041, 0, 1_506 + 34 + 500, 0, 0, 8_001, 100, 8_101]]);
    await expect(world.rows(
      `INSERT INTO settlement SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'number', 99, 'fees', gross + 1, 'net', -refunds - 1,
        'closing', opening - refunds - 1, 'lastVersion', "afterVersion"))).* FROM settlement s WHERE "merchantId" = $1`, [shop.merchantId],
    )).rejects.toThrow('fees are out of bounds');
  });

  it('that cannot be closed keeps no other from it, and is tried again', async () => {
    const [bad, good, payer] = [await merchants.shop(), await merchants.shop(), await merchants.payer()];
    for (const shop of [bad, good]) await merchants.pay(payer, shop, 4_000n);
    await merchants.fold();
    merchants.later(DAY_MS);
    await world.asOwner(`CREATE FUNCTION breaks_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'this one breaks'; END $$`);
    await world.asOwner(`CREATE TRIGGER breaks_one BEFORE INSERT ON settlement FOR EACH ROW WHEN (NEW."merchantId" = '${bad.merchantId}') EXECUTE FUNCTION breaks_one()`);
    try {
      // The faulty one is the first in line.
      await world.rows(`UPDATE settlement_cursor SET "lookAt" = '-infinity' WHERE "merchantId" = $1`, [bad.merchantId]);
      await expect(merchants.settling.closeDue()).rejects.toThrow('this one breaks');
      expect([(await merchants.settlements(bad)).length, (await merchants.settlements(good)).length]).toEqual([0, 1]);
      // And is not looked at again at once: the loop would do nothing else.
      await merchants.close();
    } finally {
      await world.asOwner('DROP TRIGGER breaks_one ON settlement');
      await world.asOwner('DROP FUNCTION breaks_one()');
    }
    merchants.later(61_000);
    await merchants.close();
    expect(await merchants.settlements(bad)).toMatchObject([{ number: 1, gross: 4_000n }]);
  });

  it('that breaks off leaves nothing, and is closed when it is tried again', async () => {
    const [shop, payer] = [await merchants.shop(), await merchants.payer()];
    await merchants.pay(payer, shop, 4_000n);
    await merchants.fold();
    await world.asOwner(`CREATE FUNCTION breaks_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken off'; END $$`);
    await world.asOwner('CREATE TRIGGER breaks_off BEFORE UPDATE OF number ON settlement_cursor EXECUTE FUNCTION breaks_off()');
    try {
      await expect(merchants.closeNow(shop)).rejects.toThrow('broken off');
      expect(await merchants.settlements(shop)).toEqual([]);
      expect(await merchants.balance(shop, 'MERCHANT_INFLOW')).toBe(4_000n);
    } finally {
      await world.asOwner('DROP TRIGGER breaks_off ON settlement_cursor');
      await world.asOwner('DROP FUNCTION breaks_off()');
    }
    expect(await merchants.closeNow(shop)).toMatchObject({ number: 1 });
    expect(await merchants.closeNow(shop)).toBeUndefined();
  });

  it('is not changed once it is closed, by nobody', async () => {
    const [shop, payer] = [await merchants.shop(), await merchants.payer()];
    await merchants.pay(payer, shop, 4_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    await expect(world.rows('UPDATE settlement SET net = net + 1, closing = closing + 1 WHERE "merchantId" = $1', [shop.merchantId])).rejects.toThrow('a closed settlement is not changed');
    await expect(world.rows('DELETE FROM settlement WHERE "merchantId" = $1', [shop.merchantId])).rejects.toThrow('permission denied');
    await expect(world.asOwner('UPDATE merchant_terms SET reason = $1', ['x'])).rejects.toThrow('append-only');
  });
});

describe('ledger:verify', () => {
  // What each rule is there to find: breaks it as only the owner can, and puts it right again.
  async function found(breakIt: string, mendIt: string, shop: Shop): Promise<string[]> {
    await world.asOwner('ALTER TABLE settlement DISABLE TRIGGER settlement_stays');
    await world.asOwner(breakIt, [shop.merchantId]);
    const breaches = await merchants.breaches();
    await world.asOwner(mendIt, [shop.merchantId]);
    await world.asOwner('ALTER TABLE settlement ENABLE TRIGGER settlement_stays');
    return breaches.map((breach) => breach.split(':')[0]!);
  }

  it.each([
    ['a sum', 'gross = gross + 1, fees = fees + 1', 'gross = gross - 1, fees = fees - 1', 'every settlement says exactly what its lines are'],
    ['a range', '"lastVersion" = "lastVersion" - 1', '"lastVersion" = "lastVersion" + 1', 'the settlements of a merchant follow each other without a gap, in lines, numbers and balances'],
    ['its transaction', 'net = net + 1, closing = closing + 1, fees = fees - 1', 'net = net - 1, closing = closing - 1, fees = fees + 1', 'every settlement is booked as it says, and no other'],
  ])('finds a settlement with %s that is wrong', async (_what, wrong, right, rule) => {
    const [shop, payer] = [await merchants.shop(), await merchants.payer()];
    await merchants.pay(payer, shop, 4_000n);
    await merchants.pay(payer, shop, 1_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    const of = (set: string) => `UPDATE settlement SET ${set} WHERE "merchantId" = $1`;
    expect(await found(of(wrong), of(right), shop)).toContain(rule);
  });

  it('finds a cursor that passed over a line', async () => {
    const [shop, payer] = [await merchants.shop(), await merchants.payer()];
    await merchants.pay(payer, shop, 4_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.fold();
    await merchants.pay(payer, shop, 1_000n);
    await merchants.fold();
    const of = (sign: string) => `UPDATE settlement_cursor SET "closedVersion" = "closedVersion" ${sign} 2 WHERE "merchantId" = $1`;
    expect(await found(of('+'), of('-'), shop)).toEqual(expect.arrayContaining(["what stands on a merchant's inflow is what no settlement has yet"]));
  });
});

it('knows no settlement of a merchant that nobody has paid', async () => {
  expect(await merchants.closeNow({ merchantId: uuidv7() } as Shop)).toBeUndefined();
});
