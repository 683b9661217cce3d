import { systemAccountId } from '../src/ledger/account.ids';
import { readBalances } from '../src/ledger/ledger.service';
import { createLogger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { startCardLoops } from '../src/charge-notices/card.loops';
import { startDebtLoop } from '../src/debts/debt.loop';
import { bankOf } from './support/bank-world';
import { callerOf, merchantsOf, type Shop } from './support/merchant-world';
import { type NoticeWorld, type Payer, startNoticeWorld } from './support/notice-world';
import { asOperator, operatorsOf } from './support/operators';

const THREE_DAYS_MS = 3 * 86_400_000;

let notices: NoticeWorld;
let bank: ReturnType<typeof bankOf>;
beforeAll(async () => {
  notices = await startNoticeWorld('accounts_charge_backs', { movableClock: true });
  bank = bankOf(notices.world);
});
afterEach(async () => expect(await bank.breaches()).toEqual([]));
afterAll(() => notices.end());

const debts = () => notices.world.app.services.debts;
const told = (topUpId: string, ...types: string[]) => eventually(
  async () => expect((await notices.notices(topUpId)).map(({ type }) => type)).toEqual(types), { timeoutMs: 20_000 });
const returnedEvents = async ({ id }: Payer) => (await notices.world.events('card-topup.returned')).filter(({ personId }) => personId === id);
const rowOf = async (id: string) => (await notices.world.rows('SELECT status, "returnReason", owed, collected, "writtenOff" FROM top_up WHERE id = $1', [id]))[0]!;
const receivable = async () => {
  const id = systemAccountId('CARD_RECEIVABLE', 'USD' as never);
  return (await readBalances(notices.world.dataSource.manager, [id])).get(id)!.posted;
};
const shown = async (payer: Payer, id: string) => (await notices.world.ask(
  'query ($id: ID!) { transaction(id: $id) { kind status failureReason amount { amount } } viewer { transactions { edges { node { id kind status failureReason } } } } }', { id }, payer.as)).data;

/** Somebody whose charge is told of and settled, after they spent so much of it. */
async function spent(behaviour: 'disputed' | 'refunded' | 'disputed-later', amount?: string): Promise<{ payer: Payer; id: string; friend: Payer }> {
  const [payer, friend] = [await notices.payer(behaviour), await notices.payer('accept')];
  const { id, status } = await notices.topUp(payer);
  expect(status).toBe('SETTLED');
  if (amount) expect((await bank.send(payer, friend.email, amount)).data.sendMoney.userErrors).toEqual([]);
  return { payer, id, friend };
}
const cameBack = async (id: string, type = 'charge.disputed') => {
  await told(id, 'charge.succeeded', type);
  await notices.workOff();
};

describe('a top-up that goes back to its card', () => {
  it.each([['disputed', 'charge.disputed', 'DISPUTED'], ['refunded', 'charge.refunded', 'REFUNDED']] as const)('%s: leaves the wallet, and is shown as failed', async (behaviour, type, reason) => {
    const { payer, id } = await spent(behaviour);
    await cameBack(id, type);
    expect([await bank.balance(payer), await rowOf(id)]).toEqual([0n, { status: 'SETTLED', returnReason: reason, owed: 0n, collected: 0n, writtenOff: 0n }]);
    const failed = { kind: 'TOP_UP', status: 'FAILED', failureReason: 'RETURNED' };
    expect(await shown(payer, id)).toEqual({ transaction: { ...failed, amount: { amount: '25.00' } }, viewer: { transactions: { edges: [{ node: { id, ...failed } }] } } });
    expect(await returnedEvents(payer)).toMatchObject([{ transactionId: id, reason, amount: '2500', owed: '0', balanceAfter: '0' }]);
  });

  it.each([0, 1])('out of order, and asked %i times before: that it went back is heard of first, and that it came undoes nothing', async (asked) => {
    const payer = await notices.payer('out-of-order');
    const { id } = await notices.topUp(payer);
    await told(id, 'charge.disputed', 'charge.succeeded');
    const { CARD_PROCESSOR_SECRET: secret } = notices.world.settings;
    for (let n = 0; n < asked; n++) await fetch(`${notices.world.sandbox.url}/processor/charges?key=topup-${id}`, { headers: { authorization: `Bearer ${secret}` } });
    // The processor answers backwards every other time: an answer older than the notice is asked for again.
    for (let round = 0; round < 3; round++) await notices.workOff();
    expect((await notices.notices(id)).map(({ outcome }) => outcome)).toEqual(['BOOKED', 'NOTHING_NEW']);
    expect([await bank.balance(payer), (await rowOf(id))['returnReason'], (await returnedEvents(payer)).length]).toEqual([0n, 'DISPUTED', 1]);
  });

  it('told of twenty times, and worked off by four at once: goes back once', async () => {
    const { payer, id } = await spent('disputed', '10.00');
    await cameBack(id);
    const key = `topup-${id}`;
    await Promise.all(Array.from({ length: 20 }, (_, n) => notices.tell(n % 2 ? 'charge.refunded' : 'charge.disputed', { key })));
    await Promise.all(Array.from({ length: 4 }, () => notices.workOff()));
    expect([await bank.balance(payer), (await rowOf(id))['owed'], (await returnedEvents(payer)).length]).toEqual([0n, 1_000n, 1]);
  });

  it('three days later by the moved clock: what was spent meanwhile is owed', async () => {
    const { payer, id } = await spent('disputed-later', '20.00');
    await told(id, 'charge.succeeded');
    await notices.workOff();
    const before = await receivable();
    const url = `${notices.world.sandbox.url}/clock`;
    await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advanceSeconds: THREE_DAYS_MS / 1_000 }) });
    await notices.world.moveClock(THREE_DAYS_MS);
    await cameBack(id);
    expect([await bank.balance(payer), (await rowOf(id))['owed'], (await receivable()) - before]).toEqual([0n, 2_000n, -2_000n]);
    expect(await returnedEvents(payer)).toMatchObject([{ owed: '2000', balanceAfter: '0' }]);
  });
});

describe('somebody who owes after a charge-back', () => {
  const DEBT_OPEN = [{ code: 'NOT_ALLOWED', field: ['input', 'walletId'], message: expect.stringMatching(/still owe (25|15)\.00 USD/) }];

  it('sends nobody money, pays it from the first that comes in, once, and is free then', async () => {
    const { payer, id, friend } = await spent('disputed', '25.00');
    await cameBack(id);
    await bank.send(friend, payer.email, '10.00');
    expect((await bank.send(payer, friend.email, '5.00')).data.sendMoney.userErrors).toMatchObject(DEBT_OPEN);
    const accountId = await bank.account(payer);
    expect(await bank.withdraw({ ...payer, accountId }, '5.00', 'w1')).toMatchObject({ transaction: null, userErrors: DEBT_OPEN });
    await Promise.all(Array.from({ length: 5 }, () => debts().collectOpen()));
    expect([await bank.balance(payer), await rowOf(id)]).toMatchObject([0n, { owed: 2_500n, collected: 1_000n }]);
    await bank.send(friend, payer.email, '15.00');
    await bank.fund(payer, '7.00');
    await Promise.all(Array.from({ length: 5 }, () => debts().collectOpen()));
    expect([await bank.balance(payer), await rowOf(id)]).toMatchObject([700n, { owed: 2_500n, collected: 2_500n }]);
    expect(await debts().collectOpen()).toBe(0);
    expect((await bank.send(payer, friend.email, '5.00')).data.sendMoney.userErrors).toEqual([]);
  });

  it('sees how much that is, as operators do, of whom two write it off', async () => {
    const { payer, id, friend } = await spent('disputed', '25.00');
    await cameBack(id);
    await bank.send(friend, payer.email, '10.00');
    expect(await debts().collectOpen()).toBe(1);
    expect((await notices.world.events('debt.collected')).filter(({ personId }) => personId === payer.id)).toMatchObject([{ topUpId: id, amount: '1000', left: '1500' }]);
    const { data } = await notices.world.ask('{ viewer { wallets { id owed { amount } } } }', {}, payer.as);
    expect(data.viewer.wallets).toEqual([{ id: payer.walletId, owed: { amount: '15.00' } }]);
    const staff = operatorsOf(notices.world);
    const [ada, bob] = [await staff.operator(), await staff.operator()];
    const listed = async (status: string) => (await notices.world.ask(
      'query ($status: DebtStatus) { debts(status: $status, first: 100) { edges { node { id personId open { amount } } } } }', { status }, ada.as,
    )).data.debts.edges.map(({ node }: any) => node).filter(({ personId }: any) => personId === payer.id);
    expect([await listed('OPEN'), await listed('WRITTEN_OFF')]).toEqual([[{ id, personId: payer.id, open: { amount: '15.00' } }], []]);
    const { approval } = await staff.call('requestDebtWriteOff', {
      debtId: id, amount: bank.usd('15.00'), reason: 'Cannot be found any more', idempotencyKey: 'w',
    }, ada);
    const before = await receivable();
    expect((await staff.approve(bob, approval)).approval.status).toBe('EXECUTED');
    expect([(await receivable()) - before, await rowOf(id)]).toMatchObject([1_500n, { owed: 2_500n, collected: 1_000n, writtenOff: 1_500n }]);
    expect([await listed('OPEN'), await listed('WRITTEN_OFF')]).toEqual([[], [{ id, personId: payer.id, open: { amount: '0.00' } }]]);
    await bank.fund(payer, '7.00');
    expect((await bank.send(payer, friend.email, '5.00')).data.sendMoney.userErrors).toEqual([]);
  });

  it('pays no shop of their own', async () => {
    const { payer, id, friend } = await spent('disputed', '25.00');
    await cameBack(id);
    await bank.send(friend, payer.email, '10.00');
    const shops = merchantsOf(notices.world);
    const [own, other] = [await shops.shop(0, payer), await shops.shop(0)];
    const pay = async ({ merchantId }: Shop) => notices.world.app.services.payments.pay(callerOf(payer), {
      walletId: payer.walletId, merchantId, amount: { minor: 100n, currency: 'USD' as never }, description: undefined, idempotencyKey: merchantId,
    });
    expect(await pay(own)).toMatchObject({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'DEBT_OPEN_PAYMENT' }] });
    expect(await pay(other)).toMatchObject({ ok: true });
    expect([await debts().collectOpen(), await rowOf(id)]).toMatchObject([1, { collected: 890n }]);
  });

  it('keeps what comes into a wallet that is frozen, until it is let go', async () => {
    const { payer, id, friend } = await spent('disputed', '25.00');
    await cameBack(id);
    await bank.send(friend, payer.email, '10.00');
    const operator = asOperator(await notices.world.signUp()).as;
    const change = async (name: 'freezeWallet' | 'unfreezeWallet', input: object) => (await notices.world.ask(
      `mutation ($i: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { done: ${name}(input: $i) { freeze { id } } }`, { i: input }, operator)).data.done.freeze.id as string;
    const freezeId = await change('freezeWallet', { walletId: payer.walletId, reason: 'A court asks' });
    expect([await debts().collectOpen(), await bank.balance(payer)]).toEqual([0, 1_000n]);
    await change('unfreezeWallet', { freezeId, reason: 'It was lifted' });
    expect([await debts().collectOpen(), await bank.balance(payer)]).toEqual([1, 0n]);
  });

  it('sends what is there beside the charge-back, or owes it: never both', async () => {
    const { payer, id, friend } = await spent('disputed');
    await told(id, 'charge.succeeded', 'charge.disputed');
    const [sent] = await Promise.all([bank.send(payer, friend.email, '25.00'), notices.workOff()]);
    const went = sent.data.sendMoney.userErrors.length === 0;
    expect([await bank.balance(payer), (await rowOf(id))['owed']]).toEqual([0n, went ? 2_500n : 0n]);
  });

  it('all by itself, with the loops at work as in the service', async () => {
    const quiet = createLogger({ service: 'test', level: 'silent' });
    const { services } = notices.world.app;
    const loops = startCardLoops({ ...services, log: quiet });
    const debtLoop = startDebtLoop({ debts: services.debts, log: quiet, collects: true });
    try {
      const { payer, id, friend } = await spent('disputed', '25.00');
      await eventually(async () => expect(await rowOf(id)).toMatchObject({ owed: 2_500n }), { timeoutMs: 20_000 });
      await bank.send(friend, payer.email, '25.00');
      await eventually(async () => expect(await rowOf(id)).toMatchObject({ collected: 2_500n }), { timeoutMs: 10_000 });
      expect(await bank.balance(payer)).toBe(0n);
    } finally {
      await Promise.all([loops.stop(), debtLoop.stop()]);
    }
  });
});

describe('the books', () => {
  it('say so where a top-up is taken back in its row alone', async () => {
    const { id } = await spent('disputed');
    await notices.world.asOwner(`UPDATE top_up SET "returnedAt" = now(), "returnReason" = 'DISPUTED', owed = 500 WHERE id = $1`, [id]);
    const names = (await bank.breaches()).map((breach) => breach.split(':')[0]);
    expect(new Set(names)).toEqual(new Set(['what is receivable of cards is what charge-backs still owe', 'every top-up of a card is taken back as far as its charge-back says']));
    await notices.world.asOwner('UPDATE top_up SET "returnedAt" = NULL, "returnReason" = NULL, owed = 0 WHERE id = $1', [id]);
  });

  it.each([
    ['owes more than it was', `owed = amount + 1, "returnedAt" = now(), "returnReason" = 'DISPUTED'`, 'top_up_return'], ['owes and did not go back', 'owed = 1', 'top_up_return'],
    ['went back for no reason', '"returnedAt" = now()', 'top_up_return'], ['collected more than is owed', 'collected = 1', 'top_up_debt'],
  ])('refuse a row that %s', async (_what, change, constraint) => {
    const { id } = await spent('disputed');
    await expect(notices.world.rows(`WITH c AS (UPDATE top_up SET ${change} WHERE id = $1 RETURNING 1) SELECT * FROM c`, [id])).rejects.toThrow(constraint);
  });
});
