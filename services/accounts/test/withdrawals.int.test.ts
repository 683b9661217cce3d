import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { type Behaviour, bankOf, type Holder } from './support/bank-world';
import { codeOf, secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_withdrawals');
  bank = bankOf(world);
});
afterEach(async () => {
  await bank.readStatement();
  expect(await bank.breaches()).toEqual([]);
});
afterAll(async () => {
  // What is left pending is of accounts at which the bank never answers.
  const pending = (await world.rows(`SELECT coalesce(sum(amount), 0) AS sum FROM bank_order WHERE status = 'PENDING' AND direction = 'CREDIT'`))[0]!;
  expect(await bank.systemBalance('BANK_CLEARING')).toBe(BigInt(pending['sum'] as string));
  await world.end();
});

const eventsOf = async (holder: Holder, type: string) => (await world.events(type)).filter((event) => event['personId'] === holder.id);
const shown = async (holder: Holder) => {
  const { data } = await world.ask(
    '{ viewer { transactions(kinds: [WITHDRAWAL]) { edges { node { status failureReason direction amount { amount } fee { amount } } } } } }', {}, holder.as,
  );
  return data.viewer.transactions.edges.map(({ node }: { node: object }) => node);
};

describe('a withdrawal', () => {
  it('pays to the account and takes amount and fee from the wallet', async () => {
    const holder = await bank.holder();
    const [clearing, settled, fees] = [await bank.systemBalance('BANK_CLEARING'), await bank.systemBalance('BANK_SETTLEMENT'), await bank.systemBalance('FEES')];
    const done = await bank.withdraw(holder, '60.00', 'k');
    expect(done).toMatchObject({
      transaction: {
        kind: 'WITHDRAWAL', status: 'SETTLED', failureReason: null, direction: 'OUT', amount: { amount: '60.00', currency: 'USD' },
        fee: { amount: '0.30' }, balanceAfter: { amount: '39.70' },
      },
      wallet: { id: holder.walletId, balance: { posted: { amount: '39.70' }, available: { amount: '39.70' } } },
      userErrors: [],
    });
    expect(await bank.atBank(holder)).toMatchObject({
      orders: [{ status: 'SETTLED', amount: '6000' }], bookings: [{ kind: 'BOOKED', amount: '-6000' }],
    });
    expect(await eventsOf(holder, 'withdrawal.settled')).toMatchObject([
      { transactionId: done.transaction.id, amount: '6000', fee: '30', last4: '3000', walletId: holder.walletId, balanceAfter: '3970' },
    ]);
    expect(await bank.systemBalance('BANK_CLEARING')).toBe(clearing);
    expect((await bank.systemBalance('BANK_SETTLEMENT')) - settled).toBe(6_000n);
    expect((await bank.systemBalance('FEES')) - fees).toBe(30n);
    expect(await shown(holder)).toEqual([
      { status: 'SETTLED', failureReason: null, direction: 'OUT', amount: { amount: '60.00' }, fee: { amount: '0.30' } },
    ]);
  });

  it('with one key is paid once and answers alike, also where twenty come at once', async () => {
    const holder = await bank.holder('late-answer', '1000.00');
    const answers = await Promise.all(Array.from({ length: 20 }, () => bank.withdraw(holder, '60.00', 'same')));
    expect(new Set(answers.map((answer) => answer.transaction.id)).size).toBe(1);
    await bank.withLoops(() => bank.ends(holder, 'SETTLED'));
    expect((await bank.withdraw(holder, '60.00', 'same')).transaction.status).toBe('SETTLED');
    expect(await bank.atBank(holder)).toMatchObject({ orders: [{ amount: '6000' }], bookings: [{ amount: '-6000' }] });
    expect(await bank.balance(holder)).toBe(93_970n);
    expect(await eventsOf(holder, 'withdrawal.settled')).toHaveLength(1);
  });

  it('with one key and another input is refused', async () => {
    const holder = await bank.holder();
    await bank.withdraw(holder, '10.00', 'reused');
    expect((await bank.withdraw(holder, '10.01', 'reused')).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect((await bank.topUp(holder, '10.00', 'reused')).userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED' }]);
    expect(await bank.orders(holder)).toHaveLength(1);
  });

  it('never takes a wallet below zero, however many come at once', async () => {
    const holder = await bank.holder('settle', '100.00');
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => bank.withdraw(holder, '30.00', `k${n}`)));
    expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(3);
    expect(answers.filter(({ userErrors }) => userErrors[0]?.code === 'INSUFFICIENT_FUNDS')).toHaveLength(7);
    expect(await bank.balance(holder)).toBe(925n);
    expect((await bank.atBank(holder)).bookings).toHaveLength(3);
  });

  it.each([
    [{ amount: { amount: '0.00', currency: 'USD' } }, 'INVALID_INPUT', 'amount'],
    [{ amount: { amount: '1.001', currency: 'USD' } }, 'INVALID_INPUT', 'amount'],
    [{ amount: { amount: '1.00', currency: 'EUR' } }, 'CURRENCY_MISMATCH', 'currency'],
    [{ amount: { amount: '99.51', currency: 'USD' } }, 'INSUFFICIENT_FUNDS', 'amount'],
    [{ amount: { amount: '10000.01', currency: 'USD' } }, 'LIMIT_EXCEEDED', 'amount'],
    [{ walletId: '019aa000-0000-7000-8000-000000000000' }, 'NOT_FOUND', 'walletId'],
    [{ paymentMethodId: "x' OR 1=1 --" }, 'NOT_FOUND', 'paymentMethodId'],
    [{ idempotencyKey: '' }, 'INVALID_INPUT', 'idempotencyKey'],
  ])('of %j is refused: %s', async (change, code, field) => {
    const holder = await bank.holder();
    const { userErrors, transaction } = await bank.withdraw(holder, '10.00', 'k', change);
    expect(transaction).toBeNull();
    expect(userErrors).toMatchObject([{ code }]);
    expect(userErrors[0].field.at(-1)).toBe(field);
    expect(await bank.orders(holder)).toEqual([]);
    expect(await bank.balance(holder)).toBe(10_000n);
  });

  it("from another's wallet or to another's account looks like one that does not exist, and a card is none", async () => {
    const [holder, other] = [await bank.holder(), await bank.holder()];
    const codes = async (change: object) => (await bank.withdraw(holder, '10.00', randomUUID(), change)).userErrors[0].code;
    expect(await codes({ walletId: other.walletId })).toBe('NOT_FOUND');
    expect(await codes({ paymentMethodId: other.accountId })).toBe('NOT_FOUND');
    const [card] = await world.rows(`SELECT id FROM payment_method WHERE "personId" = $1 AND kind = 'CARD'`, [holder.id]);
    expect(await codes({ paymentMethodId: card!['id'] })).toBe('INVALID_INPUT');
    const { data } = await world.ask('query ($id: ID!) { transaction(id: $id) { id } }',
      { id: (await bank.withdraw(other, '10.00', 'k')).transaction.id }, holder.as);
    expect(data.transaction).toBeNull();
  });

  it('above a limit a day is refused, and one that failed still counts', async () => {
    const holder = await bank.holder('closed', '50000.00');
    await bank.fund(holder, '60000.00');
    for (let n = 0; n < 10; n++) expect((await bank.withdraw(holder, '10000.00', `k${n}`)).transaction.status).toBe('FAILED');
    expect((await bank.withdraw(holder, '0.01', 'over')).userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
    expect(await bank.balance(holder)).toBe(11_000_000n);
  });

  it('of much of somebody with a second factor needs a step-up for exactly it', async () => {
    const factor = secondFactorOf(world);
    const person = await factor.enrolled();
    const ahead = world.now().getTime() - Date.now();
    world.later(-ahead);
    await bank.fund(person, '5000.00');
    world.later(ahead);
    const holder = { ...person, accountId: await bank.account(person) };
    expect(codeOf(await bank.withdraw(holder, '500.00', 'small'))).toBe('OK');
    expect(codeOf(await bank.withdraw(holder, '500.01', 'large'))).toBe('STEP_UP_REQUIRED');
    const withdrawal = (amount: string) => ({ walletId: holder.walletId, paymentMethodId: holder.accountId, amount: bank.usd(amount) });
    const stepUpId = await factor.approved(person, { purpose: 'WITHDRAW', withdrawal: withdrawal('500.01') });
    expect(codeOf(await bank.withdraw(holder, '600.00', 'other', { stepUpId }))).toBe('STEP_UP_REQUIRED');
    expect(codeOf(await bank.withdraw(holder, '500.01', 'large', { stepUpId }))).toBe('OK');
    expect(codeOf(await bank.withdraw(holder, '500.01', 'again', { stepUpId }))).toBe('STEP_UP_REQUIRED');
    expect(codeOf(await factor.request(person, { purpose: 'WITHDRAW' }))).toBe('INVALID_INPUT');
    expect(codeOf(await factor.request(person, { purpose: 'SEND_MONEY', withdrawal: withdrawal('1') }))).toBe('INVALID_INPUT');
  });
});

describe('a bank that misbehaves', () => {
  it.each<[Behaviour, string]>([
    ['slow', 'settles later'], ['late-answer', 'answers after we have stopped waiting, and took the order'],
    ['cut-before', 'cuts the connection and has not taken the order'], ['cut-after', 'takes the order and cuts the connection'],
    ['twice', 'delivers its booking twice'], ['statement-only', 'never answers, and books'],
  ])('%s: it %s; the withdrawal is paid once', async (behaviour) => {
    const holder = await bank.holder(behaviour);
    const first = await bank.withdraw(holder, '60.00', 'k');
    expect(first).toMatchObject({ userErrors: [], wallet: { balance: { posted: { amount: '39.70' } } } });
    await bank.withLoops(() => bank.ends(holder, 'SETTLED'));
    await bank.readStatement();
    const { orders, bookings } = await bank.atBank(holder);
    expect(orders).toMatchObject([{ status: 'SETTLED', amount: '6000' }]);
    expect(new Set(bookings.map(({ id }) => id)).size).toBe(1);
    expect(bookings).toHaveLength(behaviour === 'twice' ? 2 : 1);
    expect(await world.rows('SELECT kind, misfit FROM bank_statement_line WHERE "orderId" = $1', [first.transaction.id])).toEqual([
      { kind: 'BOOKED', misfit: null },
    ]);
    expect(await bank.balance(holder)).toBe(3_970n);
    expect(await eventsOf(holder, 'withdrawal.settled')).toHaveLength(1);
    expect(await bank.withdraw(holder, '60.00', 'k')).toMatchObject({ transaction: { id: first.transaction.id, status: 'SETTLED' } });
  });

  it('closed: the withdrawal is FAILED, and amount and fee are back', async () => {
    const holder = await bank.holder('closed');
    const fees = await bank.systemBalance('FEES');
    const failed = await bank.withdraw(holder, '60.00', 'k');
    expect(failed).toMatchObject({
      transaction: { status: 'FAILED', failureReason: 'ACCOUNT_CLOSED', amount: { amount: '60.00' } },
      wallet: { balance: { posted: { amount: '100.00' } } }, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'paymentMethodId'] }],
    });
    expect(await bank.withdraw(holder, '60.00', 'k')).toEqual(failed);
    expect(await bank.systemBalance('FEES')).toBe(fees);
    expect((await bank.atBank(holder)).bookings).toEqual([]);
    expect(await eventsOf(holder, 'withdrawal.failed')).toMatchObject([
      { transactionId: failed.transaction.id, amount: '6000', fee: '30', reason: 'ACCOUNT_CLOSED', balanceAfter: '10000' },
    ]);
    expect(await shown(holder)).toMatchObject([{ status: 'FAILED', failureReason: 'ACCOUNT_CLOSED' }]);
  });

  it.each<[Behaviour, string]>([
    ['returned', 'sends the money back days later'], ['out-of-order', 'tells of the return before the payment, and goes backwards'],
  ])('%s: it %s; amount and fee are back, once', async (behaviour) => {
    const holder = await bank.holder(behaviour);
    const [settlement, fees] = [await bank.systemBalance('BANK_SETTLEMENT'), await bank.systemBalance('FEES')];
    const first = await bank.withdraw(holder, '60.00', 'k');
    await bank.withLoops(() => bank.ends(holder, 'RETURNED'));
    await eventually(async () => {
      await bank.readStatement();
      expect(await world.rows('SELECT kind, misfit FROM bank_statement_line WHERE "orderId" = $1 ORDER BY kind', [first.transaction.id])).toEqual([
        { kind: 'BOOKED', misfit: null }, { kind: 'RETURNED', misfit: null },
      ]);
    }, { timeoutMs: 15_000 });
    expect((await bank.atBank(holder)).bookings.map(({ amount }) => amount).sort()).toEqual(['-6000', '6000']);
    expect(await bank.balance(holder)).toBe(10_000n);
    expect(await bank.systemBalance('BANK_SETTLEMENT')).toBe(settlement);
    expect(await bank.systemBalance('FEES')).toBe(fees);
    expect(await shown(holder)).toMatchObject([{ status: 'FAILED', failureReason: 'RETURNED' }]);
    expect(await eventsOf(holder, 'withdrawal.settled')).toHaveLength(1);
    expect(await eventsOf(holder, 'withdrawal.failed')).toMatchObject([{ reason: 'RETURNED', balanceAfter: '10000' }]);
  });

  it('is away: the order goes out when it is back, and the caller is told of PENDING', async () => {
    const holder = await bank.holder();
    await world.fault({ channel: 'bank', mode: 'fail', count: 2 });
    expect((await bank.withdraw(holder, '60.00', 'k')).transaction.status).toBe('PENDING');
    await bank.withLoops(() => bank.ends(holder, 'SETTLED'));
    expect((await bank.atBank(holder)).orders).toHaveLength(1);
  });

  it('refuses an order: it fails at once, and all is back', async () => {
    const holder = await bank.holder();
    await world.fault({ channel: 'bank', mode: 'reject', count: 1 });
    expect(await bank.withdraw(holder, '60.00', 'k')).toMatchObject({
      transaction: { status: 'FAILED', failureReason: 'BANK_REFUSED' }, wallet: { balance: { posted: { amount: '100.00' } } },
    });
  });

  it('silent: it never answers; nothing is guessed, and the money stays on its way', async () => {
    const holder = await bank.holder('silent');
    const startedAt = performance.now();
    const pending = await bank.withdraw(holder, '60.00', 'k');
    expect(performance.now() - startedAt).toBeLessThan(9_500);
    expect(pending).toMatchObject({ transaction: { status: 'PENDING', failureReason: null }, wallet: { balance: { posted: { amount: '39.70' } } } });
    await bank.due();
    await world.app.services.bankOrders.resolvePending();
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'PENDING' });
    expect(await bank.atBank(holder)).toEqual({ orders: [], bookings: [] });
    expect(await eventsOf(holder, 'withdrawal.failed')).toEqual([]);
  });
});
