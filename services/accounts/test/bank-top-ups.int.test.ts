import { eventually } from '@tael/testkit';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { type Behaviour, bankOf, type Holder } from './support/bank-world';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_bank_top_ups');
  bank = bankOf(world);
});
afterEach(async () => {
  await bank.readStatement();
  expect(await bank.breaches()).toEqual([]);
});
afterAll(() => world.end());

const eventsOf = async (holder: Holder, type: string) => (await world.events(type)).filter((event) => event['personId'] === holder.id);
const shown = async (holder: Holder) => {
  const { data } = await world.ask('{ viewer { transactions { edges { node { kind status failureReason amount { amount } } } } } }', {}, holder.as);
  return data.viewer.transactions.edges.map(({ node }: { node: object }) => node);
};
const send = (holder: Holder, recipientEmail: string, amount: string) => world.ask(
  'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { status } userErrors { code } } }',
  { input: { walletId: holder.walletId, recipientEmail, amount: bank.usd(amount), idempotencyKey: `s-${amount}` } }, holder.as);

describe('a top-up from a bank account', () => {
  it('pulls from the account and credits the wallet', async () => {
    const holder = await bank.holder('settle', '0.00');
    const settlement = await bank.systemBalance('BANK_SETTLEMENT');
    const done = await bank.topUp(holder, '25.00', 'k');
    expect(done).toMatchObject({
      transaction: { kind: 'TOP_UP', status: 'SETTLED', direction: 'IN', amount: { amount: '25.00' }, fee: { amount: '0.00' }, balanceAfter: { amount: '25.00' } },
      wallet: { balance: { posted: { amount: '25.00' } } }, userErrors: [],
    });
    expect(await bank.atBank(holder)).toMatchObject({ orders: [{ status: 'SETTLED' }], bookings: [{ kind: 'BOOKED', amount: '2500' }] });
    expect((await bank.systemBalance('BANK_SETTLEMENT')) - settlement).toBe(-2_500n);
    expect(await eventsOf(holder, 'topup.settled')).toMatchObject([{ transactionId: done.transaction.id, amount: '2500', last4: '3000', balanceAfter: '2500' }]);
    expect(await shown(holder)).toEqual([{ kind: 'TOP_UP', status: 'SETTLED', failureReason: null, amount: { amount: '25.00' } }]);
  });

  it('is PENDING until the bank says that it is settled, and credits nothing before', async () => {
    const holder = await bank.holder('slow', '0.00');
    const pending = await bank.topUp(holder, '25.00', 'k');
    expect(pending).toMatchObject({ transaction: { status: 'PENDING', balanceAfter: null }, wallet: { balance: { posted: { amount: '0.00' } } } });
    expect(await shown(holder)).toMatchObject([{ kind: 'TOP_UP', status: 'PENDING' }]);
    const { data } = await world.ask('query ($id: ID!) { transaction(id: $id) { id status } }', { id: pending.transaction.id }, holder.as);
    expect(data.transaction).toEqual({ id: pending.transaction.id, status: 'PENDING' });
    await bank.withLoops(() => bank.ends(holder, 'SETTLED'));
    expect(await shown(holder)).toMatchObject([{ kind: 'TOP_UP', status: 'SETTLED' }]);
    expect(await bank.topUp(holder, '25.00', 'k')).toMatchObject({ transaction: { id: pending.transaction.id, status: 'SETTLED' } });
  });

  it('with one key pulls once, also where twenty come at once', async () => {
    const holder = await bank.holder('settle', '0.00');
    const answers = await Promise.all(Array.from({ length: 20 }, () => bank.topUp(holder, '25.00', 'same')));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect((await bank.orders(holder))[0]).toMatchObject({ attempts: 1, status: 'SETTLED' });
    expect(await bank.balance(holder)).toBe(2_500n);
  });

  it.each<Behaviour>(['late-answer', 'cut-before', 'cut-after', 'twice', 'statement-only'])('%s: the wallet is credited once', async (behaviour) => {
    const holder = await bank.holder(behaviour, '0.00');
    await bank.topUp(holder, '25.00', 'k');
    await bank.withLoops(() => bank.ends(holder, 'SETTLED'));
    await bank.readStatement();
    expect(await bank.balance(holder)).toBe(2_500n);
    expect(await eventsOf(holder, 'topup.settled')).toHaveLength(1);
    expect((await bank.atBank(holder)).orders).toHaveLength(1);
  });

  it('silent: it never answers; nothing is guessed, and nothing is credited', async () => {
    const holder = await bank.holder('silent', '0.00');
    const startedAt = performance.now();
    const pending = await bank.topUp(holder, '25.00', 'k');
    expect(performance.now() - startedAt).toBeLessThan(9_500);
    expect(pending).toMatchObject({ transaction: { status: 'PENDING', failureReason: null }, wallet: { balance: { posted: { amount: '0.00' } } }, userErrors: [] });
    await bank.due();
    await world.app.services.bankOrders.resolvePending();
    await bank.readStatement();
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'PENDING', owed: 0n });
    expect(await bank.atBank(holder)).toEqual({ orders: [], bookings: [] });
    expect(await bank.balance(holder)).toBe(0n);
    expect([await eventsOf(holder, 'topup.settled'), await eventsOf(holder, 'bank-topup.failed')]).toEqual([[], []]);
    // The same once more asks for nothing new.
    expect((await bank.topUp(holder, '25.00', 'k')).transaction).toMatchObject({ id: pending.transaction.id, status: 'PENDING' });
    expect(await bank.orders(holder)).toHaveLength(1);
  }, 30_000);

  it('closed: it is FAILED, and the wallet is as it was', async () => {
    const holder = await bank.holder('closed', '0.00');
    expect(await bank.topUp(holder, '25.00', 'k')).toMatchObject({
      transaction: { status: 'FAILED', failureReason: 'ACCOUNT_CLOSED' }, userErrors: [{ code: 'NOT_ALLOWED' }],
    });
    expect(await bank.balance(holder)).toBe(0n);
    expect(await shown(holder)).toMatchObject([{ kind: 'TOP_UP', status: 'FAILED', failureReason: 'ACCOUNT_CLOSED' }]);
    expect(await eventsOf(holder, 'bank-topup.failed')).toMatchObject([{ reason: 'ACCOUNT_CLOSED', owed: '0', balanceAfter: '0' }]);
    expect(await eventsOf(holder, 'topup.failed')).toEqual([]);
  });

  it('above the limit of one is refused', async () => {
    const holder = await bank.holder('settle', '0.00');
    expect((await bank.topUp(holder, '100000.01', 'k')).userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
  });
});

describe('a top-up that the bank takes back', () => {
  async function takenBack(behaviour: Behaviour, spend?: string) {
    const holder = await bank.holder(behaviour, '0.00');
    const before = { settlement: await bank.systemBalance('BANK_SETTLEMENT'), receivable: await bank.systemBalance('BANK_RECEIVABLE') };
    await bank.topUp(holder, '25.00', 'k');
    if (spend) {
      const friend = await world.signUp();
      expect((await send(holder, friend.email, spend)).data.sendMoney.userErrors).toEqual([]);
    }
    await bank.withLoops(() => bank.ends(holder, 'RETURNED'));
    await eventually(async () => {
      await bank.readStatement();
      expect(await world.rows(
        'SELECT l.kind FROM bank_statement_line l JOIN bank_order o ON o.id = l."orderId" WHERE o."personId" = $1 AND misfit IS NULL', [holder.id],
      )).toHaveLength(2);
    }, { timeoutMs: 15_000 });
    const settlement = (await bank.systemBalance('BANK_SETTLEMENT')) - before.settlement;
    return { holder, settlement, receivable: (await bank.systemBalance('BANK_RECEIVABLE')) - before.receivable };
  }

  it.each<Behaviour>(['returned', 'out-of-order'])('%s: all of it is there, and is taken', async (behaviour) => {
    const { holder, settlement, receivable } = await takenBack(behaviour);
    expect([await bank.balance(holder), settlement, receivable]).toEqual([0n, 0n, 0n]);
    expect(await shown(holder)).toEqual([{ kind: 'TOP_UP', status: 'FAILED', failureReason: 'RETURNED', amount: { amount: '25.00' } }]);
    expect(await eventsOf(holder, 'bank-topup.failed')).toMatchObject([{ reason: 'RETURNED', amount: '2500', owed: '0', balanceAfter: '0' }]);
  });

  it('was spent in part: what is there is taken, the rest is owed, and the wallet is at zero', async () => {
    const { holder, settlement, receivable } = await takenBack('returned', '20.00');
    expect([await bank.balance(holder), settlement, receivable]).toEqual([0n, 0n, -2_000n]);
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'RETURNED', owed: 2_000n });
    expect(await eventsOf(holder, 'bank-topup.failed')).toMatchObject([{ reason: 'RETURNED', owed: '2000', balanceAfter: '0' }]);
  });

  it('was spent whole: all of it is owed', async () => {
    const { holder, settlement, receivable } = await takenBack('returned', '25.00');
    expect([await bank.balance(holder), settlement, receivable]).toEqual([0n, 0n, -2_500n]);
  });
});
