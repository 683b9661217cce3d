import { createLogger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import { BANK_IBANS } from '@tael/sandbox';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import { digestOf } from '../src/approvals/approval.digest';
import type { Bank } from '../src/bank/bank.port';
import { BankOrderService } from '../src/bank-orders/bank-order.service';
import { httpBankOf, type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import type { Behaviour } from './support/bank-world';
import { callerOf, DAY_MS, merchantsOf, type Shop, USD } from './support/merchant-world';
import { codeOf, secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
let real: Bank;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_payouts');
  merchants = merchantsOf(world);
  real = httpBankOf(world);
});
beforeEach(() => merchants.today());
afterEach(() => merchants.expectBooksToHold());
afterAll(() => world.end());

const accountOf = async ({ merchantId }: Shop) => (await world.app.services.payoutAccounts.current([merchantId])).get(merchantId);
/** A shop with something payable, and an account that behaves so. */
async function payableShop(behaviour: Behaviour | undefined, minor = 10_000n): Promise<Shop> {
  const shop = await merchants.shop(0);
  if (behaviour) expect(await merchants.setAccount(shop, behaviour)).toMatchObject({ ok: true });
  await merchants.earn(shop, minor);
  return shop;
}
const resolve = () => world.app.services.bankOrders.resolvePending();
const statuses = async (shop: Shop) => (await merchants.payouts(shop)).map(({ status }) => status);
/** What the bank has on its own books for a shop's payouts. */
async function atBank(shop: Shop): Promise<{ orders: number; booked: bigint }> {
  const keys = (await merchants.payouts(shop)).map(({ id }) => `order-${id}`);
  const session = new pg.Client({ connectionString: world.sandboxUrl });
  await session.connect();
  try {
    const orders = await session.query('SELECT 1 FROM bank_order WHERE idempotency_key = ANY ($1)', [keys]);
    const booked = await session.query('SELECT coalesce(sum(amount), 0)::text AS sum FROM bank_booking WHERE idempotency_key = ANY ($1)', [keys]);
    return { orders: orders.rows.length, booked: BigInt(booked.rows[0].sum) };
  } finally {
    await session.end();
  }
}

describe('a payout', () => {
  it('of what a batch made payable goes out by itself, once, and the batch says so', async () => {
    const shop = await payableShop('settle');
    await Promise.all(Array.from({ length: 4 }, () => merchants.paying.openDue()));
    await merchants.openPayouts();
    expect(await merchants.payouts(shop)).toMatchObject([{ status: 'PENDING', amount: 10_000n }]);
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(0n);
    await Promise.all([resolve(), resolve()]);
    await eventually(async () => expect(await statuses(shop)).toEqual(['SETTLED']));
    expect(await atBank(shop)).toEqual({ orders: 1, booked: -10_000n });
    const [view] = await world.app.services.settlementViews.ofMerchant(shop.merchantId, { limit: 5, after: undefined });
    expect(view).toMatchObject({ payoutStatus: 'SETTLED', payoutAmount: 10_000n, payoutLast4: '3000' });
    expect((await world.events('payout.settled')).filter((event) => event['merchantId'] === shop.merchantId)).toMatchObject([{ amount: '10000', last4: '3000' }]);
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual(['SETTLED']);
  });

  it.each<Behaviour>(['late-answer', 'twice', 'cut-before', 'cut-after', 'out-of-order', 'statement-only'])(
    'to an account of which the bank answers %s is paid once', async (behaviour) => {
      const shop = await payableShop(behaviour);
      await merchants.openPayouts();
      await merchants.bank.withLoops(() => eventually(async () => expect(await statuses(shop)).toEqual([behaviour === 'out-of-order' ? 'RETURNED' : 'SETTLED']), { timeoutMs: 25_000 }));
      expect((await atBank(shop)).orders).toBe(1);
    }, 40_000);

  it.each<[Behaviour, string, string]>([['closed', 'FAILED', 'payout.failed'], ['returned', 'RETURNED', 'payout.returned']])(
    'to an account that is %s is payable again, and is not tried until somebody acts', async (behaviour, status, event) => {
      const shop = await payableShop(behaviour);
      await merchants.openPayouts();
      await merchants.bank.withLoops(() => eventually(async () => expect(await statuses(shop)).toEqual([status]), { timeoutMs: 25_000 }));
      expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(10_000n);
      expect(await accountOf(shop)).toMatchObject({ status: 'HELD' });
      expect((await world.events(event)).filter((told) => told['merchantId'] === shop.merchantId)).toMatchObject([{ amount: '10000' }]);
      await merchants.openPayouts();
      merchants.later(30 * DAY_MS);
      await merchants.openPayouts();
      expect(await statuses(shop)).toEqual([status]);
      // Its owner names a good account, which waits a day; then it goes out, and the batch is carried by the new one.
      merchants.today();
      expect(await merchants.setAccount(shop)).toMatchObject({ ok: true, payoutAccount: { status: 'ACTIVE' } });
      await merchants.openPayouts();
      expect(await statuses(shop)).toEqual([status]);
      merchants.later(DAY_MS);
      await merchants.openPayouts();
      await resolve();
      expect(await statuses(shop)).toEqual([status, 'SETTLED']);
      const [view] = await world.app.services.settlementViews.ofMerchant(shop.merchantId, { limit: 5, after: undefined });
      expect(view).toMatchObject({ payoutStatus: 'SETTLED' });
    }, 40_000);

  it('of which the bank says nothing stays under way, and no other goes out beside it', async () => {
    const shop = await payableShop('silent');
    await merchants.openPayouts();
    await resolve();
    const payer = await merchants.payer();
    await merchants.pay(payer, shop, 3_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.openPayouts();
    expect(await merchants.payouts(shop)).toMatchObject([{ status: 'PENDING', amount: 10_000n }]);
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(3_000n);
    // Not even the table takes a second one.
    await expect(world.rows(`INSERT INTO bank_order SELECT (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'bankOrderId', NULL))).*
      FROM bank_order o WHERE "merchantId" = $1`, [shop.merchantId])).rejects.toThrow('bank_order_payout_under_way');
  }, 30_000);

  it.each<[string, Partial<Bank>, number]>([
    ['before it is sent', { submit: async () => { throw new Error('killed'); } }, 0],
    ['after the bank took it', { submit: async (order) => { await real.submit(order); throw new Error('killed'); } }, 1],
  ])('whose worker dies %s is carried out once', async (_when, change, taken) => {
    const shop = await payableShop('settle');
    await merchants.openPayouts();
    const { dataSource, app: { services } } = world;
    const log = createLogger({ service: 'test', level: 'silent' });
    const dying = new BankOrderService({ dataSource, sealer: services.sealer, bank: { ...real, ...change }, log, now: () => new Date() });
    await expect(dying.resolvePending()).rejects.toThrow('killed');
    expect((await atBank(shop)).orders).toBe(taken);
    await merchants.bank.due();
    await resolve();
    expect(await statuses(shop)).toEqual(['SETTLED']);
    expect(await atBank(shop)).toEqual({ orders: 1, booked: -10_000n });
  });

  it('waits for an account, and goes out once there is one', async () => {
    const shop = await payableShop(undefined);
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual([]);
    await merchants.setAccount(shop);
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual(['PENDING']);
    await resolve();
  });

  it('never takes what the merchant owes', async () => {
    const [shop, payer] = [await merchants.shop(0), await merchants.payer()];
    await merchants.setAccount(shop, 'returned');
    const payment = await merchants.pay(payer, shop, 10_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    await merchants.openPayouts();
    await merchants.refund(shop, payment, 4_000n);
    await merchants.fold();
    await merchants.closeNow(shop);
    expect(await merchants.balance(shop, 'MERCHANT_RECEIVABLE')).toBe(-4_000n);
    await merchants.bank.withLoops(() => eventually(async () => expect(await statuses(shop)).toEqual(['RETURNED']), { timeoutMs: 25_000 }));
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(10_000n);
    await merchants.setAccount(shop);
    merchants.later(DAY_MS);
    await merchants.openPayouts();
    expect((await merchants.payouts(shop)).at(-1)).toMatchObject({ status: 'PENDING', amount: 6_000n });
    await resolve();
  }, 40_000);
});

describe('a payout by hand', () => {
  const byHand = ({ merchantId }: Shop, amount: bigint) =>
    inTransaction(world.dataSource, (tx) => merchants.paying.payOutByHand(tx, { merchantId, currency: USD, amount }));
  const why = (done: Awaited<ReturnType<typeof byHand>>) => (done.ok ? 'OK' : done.refusals[0]!.reason ?? done.refusals[0]!.code);

  it('pays a part, never more than there is, and never to an account that nobody verified', async () => {
    const shop = await payableShop(undefined);
    expect(why(await byHand(shop, 1_000n))).toBe('NO_PAYOUT_ACCOUNT');
    await merchants.setAccount(shop, 'deposits');
    expect(why(await byHand(shop, 1_000n))).toBe('NO_PAYOUT_ACCOUNT');
    await merchants.setAccount(shop);
    expect(why(await byHand(shop, 10_001n))).toBe('INSUFFICIENT_FUNDS');
    expect((await Promise.all([byHand(shop, 4_000n), byHand(shop, 4_000n)])).map(why).sort()).toEqual(['OK', 'PAYOUT_UNDER_WAY']);
    await resolve();
    expect(await merchants.payouts(shop)).toMatchObject([{ status: 'SETTLED', amount: 4_000n }]);
    expect(await merchants.balance(shop, 'MERCHANT_PAYABLE')).toBe(6_000n);
    expect(why(await byHand({ ...shop, merchantId: shop.owner.id }, 1n))).toBe('NOT_FOUND');
  });
});

describe('a payout by hand that two operators decide', () => {
  const wish = (shop: Shop, amount: bigint, key = 'k') => ({
    subjectId: shop.merchantId, currency: USD, amount, payload: {}, reason: 'The shop closes', idempotencyKey: key,
  });
  const asOperator = (person: NewPerson) => ({ personId: person.id, sessionId: person.as.principal.sessionId, traceparent: '' });

  it('goes out once the second approves, once, and what is not there any more is refused then', async () => {
    const { operatorRequests } = world.app.services;
    const [shop, ada, bob] = [await payableShop('settle'), asOperator(await world.signUp()), asOperator(await world.signUp())];
    expect(await operatorRequests.request(ada, 'PAYOUT_BY_HAND', wish(shop, 10_001n, 'much'))).toMatchObject({ ok: false, refusals: [{ code: 'INSUFFICIENT_FUNDS' }] });
    const asked = await operatorRequests.request(ada, 'PAYOUT_BY_HAND', wish(shop, 4_000n));
    if (!asked.ok) throw new Error(JSON.stringify(asked.refusals));
    expect(await merchants.payouts(shop)).toEqual([]);
    const approve = (by: typeof ada) => operatorRequests.approve(by, {
      approvalId: asked.approval.id, digest: digestOf(asked.approval), reason: 'Seen', stepUpId: undefined,
    });
    expect(await approve(ada)).toMatchObject({ ok: false, refusals: [{ reason: 'OWN_REQUEST' }] });
    // Sent twice at once it is done once, whatever the second hears.
    expect((await Promise.all([approve(bob), approve(bob)])).some(({ ok }) => ok)).toBe(true);
    expect(await merchants.payouts(shop)).toMatchObject([{ status: 'PENDING', amount: 4_000n }]);
    await resolve();
    const all = await operatorRequests.request(ada, 'PAYOUT_BY_HAND', wish(shop, 6_000n, 'all'));
    if (!all.ok) throw new Error(JSON.stringify(all.refusals));
    await merchants.openPayouts();
    await resolve();
    const late = await operatorRequests.approve(bob, { approvalId: all.approval.id, digest: digestOf(all.approval), reason: 'Seen', stepUpId: undefined });
    expect(late).toMatchObject({ ok: false, refusals: [{ code: 'INSUFFICIENT_FUNDS' }] });
    expect(await merchants.payouts(shop)).toMatchObject([{ status: 'SETTLED', amount: 4_000n }, { status: 'SETTLED', amount: 6_000n }]);
  });
});

describe('a payout by hand to a merchant of an operator\'s own', () => {
  const asOperator = (person: NewPerson) => ({ personId: person.id, sessionId: person.as.principal.sessionId, traceparent: '' });
  const own = { ok: false, refusals: [expect.objectContaining({ code: 'NOT_ALLOWED', reason: 'OWN_MERCHANT' })] };

  it.each(['owner', 'manager', 'cashier'] as const)('is neither asked for nor approved by its %s', async (role) => {
    const { operatorRequests } = world.app.services;
    const [shop, ada, bob] = [await payableShop('settle'), asOperator(await world.signUp()), asOperator(await world.signUp())];
    const wish = (idempotencyKey: string) => ({ subjectId: shop.merchantId, currency: USD, amount: 4_000n, payload: {}, reason: 'The shop closes', idempotencyKey });
    const theirs = asOperator(shop[role]);
    expect(await operatorRequests.request(theirs, 'PAYOUT_BY_HAND', wish('own'))).toEqual(own);
    const asked = await operatorRequests.request(ada, 'PAYOUT_BY_HAND', wish('k'));
    if (!asked.ok) throw new Error(JSON.stringify(asked.refusals));
    const approve = (by: typeof ada) => operatorRequests.approve(by, { approvalId: asked.approval.id, digest: digestOf(asked.approval), reason: 'Seen', stepUpId: undefined });
    expect(await approve(theirs)).toEqual(own);
    expect(await merchants.payouts(shop)).toEqual([]);
    expect(await approve(bob)).toMatchObject({ ok: true });
    await resolve();
  });
});

describe('a payout account', () => {
  const code = (done: Awaited<ReturnType<typeof merchants.setAccount>>) => (done.ok ? 'OK' : `${done.refusals[0]!.code} ${done.refusals[0]!.field?.[1]}`);

  it('is set by an owner and nobody else; its number is kept nowhere, and every owner hears of it', async () => {
    const [shop, stranger] = [await merchants.shop(), await world.signUp()];
    expect(code(await merchants.setAccount(shop, 'settle', { person: shop.manager }))).toBe('NOT_ALLOWED merchantId');
    expect(code(await merchants.setAccount(shop, 'settle', { person: shop.cashier }))).toBe('NOT_ALLOWED merchantId');
    expect(code(await merchants.setAccount(shop, 'settle', { person: stranger }))).toBe('NOT_FOUND merchantId');
    expect(code(await merchants.setAccount({ ...shop, merchantId: 'x' }))).toBe('NOT_FOUND merchantId');
    expect(code(await merchants.setAccount(shop, 'unknown-account'))).toBe('INVALID_INPUT iban');
    expect(code(await merchants.setAccount(shop))).toBe('OK');
    expect((await world.events('payout-account.changed')).filter((event) => event['merchantId'] === shop.merchantId)).toMatchObject([
      { personId: shop.owner.id, changedBy: shop.owner.id, last4: '3000' },
    ]);
    expect(await world.dump()).not.toContain(BANK_IBANS.settle);
    expect(world.log()).not.toContain(BANK_IBANS.settle);
  });

  it('needs the second factor of an owner who has one, for this account and no other', async () => {
    const factor = secondFactorOf(world);
    const owner = await factor.enrolled();
    const shop = await merchants.shop(0, owner);
    expect(code(await merchants.setAccount(shop))).toBe('STEP_UP_REQUIRED stepUpId');
    const iban = BANK_IBANS.settle.replace(/(.{4})/g, '$1 ').toLowerCase();
    const { stepUp: { id } } = await factor.request(owner, { purpose: 'SET_PAYOUT_ACCOUNT', payoutAccount: { merchantId: shop.merchantId, iban } });
    expect(codeOf(await factor.approve(owner, id, factor.freshCode(owner.secret)))).toBe('OK');
    expect(code(await merchants.setAccount(shop, 'slow', { stepUpId: id }))).toBe('STEP_UP_REQUIRED stepUpId');
    expect(code(await merchants.setAccount(shop, 'settle', { stepUpId: id }))).toBe('OK');
    expect(code(await merchants.setAccount(shop, 'settle', { stepUpId: id }))).toBe('STEP_UP_REQUIRED stepUpId');
  });

  it('is verified by two small deposits, three tries at most', async () => {
    const shop = await payableShop('deposits');
    const confirm = (...amounts: bigint[]) => world.app.services.payoutAccounts.confirm(callerOf(shop.owner), {
      merchantId: shop.merchantId, amounts: amounts.map((minor) => ({ minor, currency: 'EUR' as never })),
    });
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual([]);
    expect(await confirm(1n, 2n)).toMatchObject({ ok: false, refusals: [{ code: 'WRONG_CODE' }] });
    expect(await confirm(32n, 45n)).toMatchObject({ ok: true, payoutAccount: { status: 'ACTIVE' } });
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual(['PENDING']);
    await resolve();
    const other = await payableShop('deposits');
    const guess = () => world.app.services.payoutAccounts.confirm(callerOf(other.owner), {
      merchantId: other.merchantId, amounts: [1n, 2n].map((minor) => ({ minor, currency: 'EUR' as never })),
    });
    await Promise.all(Array.from({ length: 6 }, guess));
    expect(await accountOf(other)).toMatchObject({ status: 'REJECTED' });
  });

  describe('of a merchant whose owners changed', () => {
    const HOUR_MS = DAY_MS / 24;
    const ago = (milliseconds: number) => new Date(world.now().getTime() - milliseconds);
    const told = async ({ merchantId }: Shop) => (await world.events('payout-account.changed')).filter((event) => event['merchantId'] === merchantId)
      .map(({ personId, formerOwner }) => `${String(personId)} ${String(formerOwner)}`).sort();

    it('is told to the owners, and to who was one within 30 days', async () => {
      const [shop, taken, long] = [await merchants.shop(), await world.signUp(), await world.signUp()];
      await merchants.tell(shop, {}, { owners: [shop.owner, long], at: ago(40 * DAY_MS) });
      await merchants.tell(shop, {}, { at: ago(30 * DAY_MS + HOUR_MS) });
      await merchants.tell(shop, {}, { owners: [shop.owner, taken], at: ago(30 * DAY_MS) });
      await merchants.tell(shop, {}, { owners: [taken], at: ago(30 * DAY_MS - HOUR_MS) });
      expect(code(await merchants.setAccount(shop))).toMatch(/^(NOT_ALLOWED|NOT_FOUND) merchantId$/);
      expect(code(await merchants.setAccount(shop, 'settle', { person: taken }))).toBe('OK');
      expect(await told(shop)).toEqual([`${taken.id} false`, `${shop.owner.id} true`].sort());
    });

    it('is told once to who was an owner, and is one again', async () => {
      const [shop, other] = [await merchants.shop(), await world.signUp()];
      await merchants.tell(shop, {}, { owners: [other], at: ago(3 * DAY_MS) });
      await merchants.tell(shop, {}, { owners: [shop.owner], at: ago(2 * DAY_MS) });
      // What is told late, or again, takes nobody out.
      await merchants.tell(shop, {}, { owners: [other], version: 1 });
      expect(code(await merchants.setAccount(shop))).toBe('OK');
      expect(await told(shop)).toEqual([`${other.id} true`, `${shop.owner.id} false`].sort());
    });

    it.each([
      ['within the last day waits, even a first one', DAY_MS - HOUR_MS, []],
      ['before is paid to at once where it is a first one', DAY_MS + HOUR_MS, ['PENDING']],
    ])('%s', async (_when, since, expected) => {
      const [shop, taker] = [await payableShop(undefined), await world.signUp()];
      await merchants.tell(shop, {}, { owners: [taker], at: ago(since) });
      expect(code(await merchants.setAccount(shop, 'settle', { person: taker }))).toBe('OK');
      await merchants.openPayouts();
      expect(await statuses(shop)).toEqual(expected);
      merchants.later(DAY_MS + HOUR_MS);
      await merchants.openPayouts();
      expect(await statuses(shop)).toEqual(['PENDING']);
      await resolve();
    });

    it('in nothing but their order, or their managers, is paid to at once', async () => {
      const [shop, second] = [await payableShop(undefined), await world.signUp()];
      await merchants.tell(shop, {}, { owners: [shop.owner, second], at: ago(2 * DAY_MS) });
      await merchants.tell({ ...shop, manager: await world.signUp() }, {}, { owners: [second, shop.owner] });
      expect(code(await merchants.setAccount(shop))).toBe('OK');
      await merchants.openPayouts();
      expect(await statuses(shop)).toEqual(['PENDING']);
      await resolve();
    });
  });

  it('that takes another\'s place waits a day, and a second change is no way around it', async () => {
    const shop = await payableShop('settle');
    await merchants.setAccount(shop, 'deposits');
    await merchants.setAccount(shop, 'slow');
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual([]);
    merchants.later(DAY_MS - 60_000);
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual([]);
    merchants.later(120_000);
    await merchants.openPayouts();
    expect(await statuses(shop)).toEqual(['PENDING']);
    await merchants.bank.withLoops(() => eventually(async () => expect(await statuses(shop)).toEqual(['SETTLED']), { timeoutMs: 25_000 }));
  }, 40_000);
});
