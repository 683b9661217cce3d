import type { EventData } from '@tael/events';
import { currencyCode } from '@tael/money';
import { createLogger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { applyWord, lockOrder } from '../src/bank-orders/bank-order-booking.service';
import { accountsHandlers } from '../src/events/accounts.consumer';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf, type Holder } from './support/bank-world';
import { asOperator } from './support/operators';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_debts');
  bank = bankOf(world);
});
afterEach(async () => {
  await bank.readStatement();
  expect(await bank.breaches()).toEqual([]);
});
afterAll(() => world.end());

const log = createLogger({ service: 'test', level: 'silent' });
const debts = () => world.app.services.debts;
const debtOf = (sum: string) => [{ code: 'NOT_ALLOWED', field: ['input', 'walletId'], message: expect.stringContaining(`you still owe ${sum}. Add that much`) }];
const openDebt = async (holder: Holder) =>
  (await world.rows('SELECT owed, collected, "writtenOff" FROM bank_order WHERE "personId" = $1 AND owed > 0', [holder.id]))[0];
/** A wallet of another currency with money in it, from which its owner may withdraw. */
async function euros(holder: Holder): Promise<string> {
  const { data } = await world.ask('mutation { openWallet(input: { currency: "EUR" }) { wallet { id } } }', {}, holder.as);
  const { id } = data.openWallet.wallet;
  const done = await bank.topUp(holder, '50.00', 'euros', { walletId: id, amount: { amount: '50.00', currency: 'EUR' } });
  expect(done.transaction.status).toBe('SETTLED');
  return id;
}

describe('somebody who owes for a returned top-up', () => {
  it('withdraws from no wallet and sends nobody money, and hears what to do', async () => {
    const holder = await bank.holder('settle', '0.00');
    const walletId = await euros(holder);
    const euroOrder = (await bank.orders(holder))[0]!.id;
    await bank.topUp(holder, '25.00', 'k');
    const friend = await world.signUp();
    await bank.send(holder, friend.email, '25.00');
    await bank.takeBack(holder, (await bank.orders(holder)).find(({ id }) => id !== euroOrder)!.id);
    await bank.fund(holder, '10.00');
    expect(await bank.withdraw(holder, '5.00', 'w1')).toMatchObject({ transaction: null, userErrors: debtOf('25.00 USD') });
    expect(await bank.withdraw(holder, '5.00', 'w2', { walletId, amount: { amount: '5.00', currency: 'EUR' } })).toMatchObject({ userErrors: debtOf('25.00 USD') });
    expect((await bank.send(holder, friend.email, '5.00')).data.sendMoney.userErrors).toMatchObject(debtOf('25.00 USD'));
    expect(await bank.balance(holder)).toBe(1_000n);
  });

  it('pays it from the first money that comes in, once, and may withdraw what is left', async () => {
    const holder = await bank.debtor('25.00');
    await bank.fund(holder, '10.00');
    await Promise.all(Array.from({ length: 5 }, () => debts().collectOpen()));
    expect([await bank.balance(holder), await openDebt(holder)]).toEqual([0n, { owed: 2_500n, collected: 1_000n, writtenOff: 0n }]);
    expect(await bank.withdraw(holder, '5.00', 'w1')).toMatchObject({ userErrors: debtOf('15.00 USD') });
    const { id: topUpId } = (await bank.orders(holder))[0]!;
    const told = async () => (await world.events('debt.collected')).filter(({ personId }) => personId === holder.id);
    expect(await told()).toMatchObject([{ walletId: holder.walletId, topUpId, currency: 'USD', amount: '1000', left: '1500', balanceAfter: '0' }]);
    await bank.fund(holder, '40.00');
    await Promise.all(Array.from({ length: 5 }, () => debts().collectOpen()));
    expect([await bank.balance(holder), await openDebt(holder)]).toEqual([2_500n, { owed: 2_500n, collected: 2_500n, writtenOff: 0n }]);
    expect((await told()).slice(1)).toMatchObject([{ topUpId, amount: '1500', left: '0', balanceAfter: '2500' }]);
    expect(await debts().collectOpen()).toBe(0);
    // What was answered under a key stays its answer, with the sum of then.
    expect(await bank.withdraw(holder, '5.00', 'w1')).toMatchObject({ userErrors: debtOf('15.00 USD') });
    expect(await bank.withdraw(holder, '5.00', 'w2')).toMatchObject({ userErrors: [], transaction: { kind: 'WITHDRAWAL' } });
    expect(await bank.balance(holder)).toBe(1_975n);
  });

  it('keeps what comes into a wallet that is frozen, until it is let go', async () => {
    const holder = await bank.debtor('25.00');
    await bank.fund(holder, '40.00');
    const operator = asOperator(await world.signUp()).as;
    const change = async (name: string, input: object) => {
      const { data } = await world.ask(`mutation ($i: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { done: ${name}(input: $i) { freeze { id } userErrors { code } } }`, { i: input }, operator);
      return data.done.freeze.id as string;
    };
    const freezeId = await change('freezeWallet', { walletId: holder.walletId, reason: 'A court asks' });
    expect([await debts().collectOpen(), await bank.balance(holder)]).toEqual([0, 4_000n]);
    expect(await openDebt(holder)).toMatchObject({ collected: 0n });
    await change('unfreezeWallet', { freezeId, reason: 'It was lifted' });
    expect([await debts().collectOpen(), await bank.balance(holder)]).toEqual([1, 1_500n]);
  });

  it('owes two currencies apart: what comes in in one settles that one', async () => {
    const holder = await bank.holder('settle', '0.00');
    const walletId = await euros(holder);
    await bank.topUp(holder, '25.00', 'k');
    const friend = await world.signUp();
    await bank.send(holder, friend.email, '25.00');
    await bank.takeBack(holder);
    expect(await openDebt(holder)).toMatchObject({ owed: 2_500n });
    await bank.topUp(holder, '30.00', 'more', { walletId, amount: { amount: '30.00', currency: 'EUR' } });
    expect(await debts().collectOpen()).toBe(0);
    expect(await openDebt(holder)).toMatchObject({ collected: 0n });
  });
});

describe('Wallet.owed', () => {
  const WALLETS = '{ viewer { wallets { currency owed { amount currency } } } }';
  const owedOf = async (holder: Holder) => (await world.ask(WALLETS, {}, holder.as)).data.viewer.wallets.map(({ owed }: any) => `${owed.amount} ${owed.currency}`);

  it('says what is left of each wallet\'s returned top-ups, with one statement for all wallets', async () => {
    const holder = await bank.holder('settle', '0.00');
    expect(await owedOf(holder)).toEqual(['0.00 USD']);
    await euros(holder);
    await bank.topUp(holder, '25.00', 'k');
    await bank.topUp(holder, '10.00', 'l');
    const friend = await world.signUp();
    await bank.send(holder, friend.email, '35.00');
    for (const { id } of (await bank.orders(holder)).slice(1)) await bank.takeBack(holder, id);
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    try {
      expect(await owedOf(holder)).toEqual(['35.00 USD', '0.00 EUR']);
      expect(sent.mock.calls.filter(([query]) => JSON.stringify(query).includes('debts.ofWallets'))).toHaveLength(1);
    } finally {
      sent.mockRestore();
    }
    await bank.fund(holder, '12.00');
    await debts().collectOpen();
    expect(await owedOf(holder)).toEqual(['23.00 USD', '0.00 EUR']);
  });

  it('is the owner\'s alone, whoever asks for the entity', async () => {
    const holder = await bank.debtor('25.00');
    const ENTITY = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Wallet { owed { amount } } } }';
    const asked = async (as: object) => (await world.ask(ENTITY, { r: [{ __typename: 'Wallet', id: holder.walletId }] }, as)).data._entities;
    expect(await asked(holder.as)).toEqual([{ owed: { amount: '25.00' } }]);
    for (const other of [await world.signUp(), asOperator(await world.signUp())]) expect(await asked(other.as)).toEqual([null]);
  });
});

describe('a shop of their own', () => {
  const PAY = 'mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code message field } } }';
  const QUOTE = 'query ($input: PaymentQuoteInput!) { paymentQuote(input: $input) { quote { total { amount } } userErrors { code } } }';
  async function shopOf(people: readonly string[], currency = 'USD'): Promise<string> {
    const data: EventData<'merchant.changed'> = {
      merchantId: uuidv7(), version: 1, name: 'v1.s1.a.b', categoryCode: '5812', currency: currencyCode(currency), status: 'ACTIVE', people: [...people], roles: [],
      feePlan: { id: 'standard', basisPoints: 150 }, verified: false, occurredAt: new Date(),
    };
    const event = { id: uuidv7(), type: 'merchant.changed', source: 'test', time: new Date(), traceparent: undefined, data };
    await inTransaction(world.dataSource, (tx) => accountsHandlers['merchant.changed']!(tx, event as never));
    return data.merchantId;
  }
  const inputOf = (holder: Holder, merchantId: string, amount: string, change: object = {}) =>
    ({ input: { walletId: holder.walletId, merchantId, amount: bank.usd(amount), ...change } });
  const pay = async (holder: Holder, merchantId: string, amount: string, change: object = {}) =>
    (await world.ask(PAY, inputOf(holder, merchantId, amount, { idempotencyKey: uuidv7(), ...change }), holder.as)).data.payMerchant;

  it('is not paid by who owes, from any wallet, in the moment before the loop as after it; others are', async () => {
    const holder = await bank.debtor('25.00');
    const [own, others] = [await shopOf([uuidv7(), holder.id]), await shopOf([uuidv7()])];
    await bank.fund(holder, '40.00');
    expect(await pay(holder, own, '10.00')).toEqual({ transaction: null, userErrors: debtOf('25.00 USD') });
    expect((await world.ask(QUOTE, inputOf(holder, own, '10.00'), holder.as)).data.paymentQuote).toEqual({ quote: { total: { amount: '10.10' } }, userErrors: [] });
    expect((await pay(holder, others, '1.00')).userErrors).toEqual([]);
    // An operator knows of all shops, and acts for none of them by that.
    expect((await pay(asOperator(holder), others, '1.00')).userErrors).toEqual([]);
    const walletId = await euros(holder);
    const inEuros = { walletId, amount: { amount: '5.00', currency: 'EUR' } };
    expect((await pay(holder, await shopOf([holder.id], 'EUR'), '5.00', inEuros)).userErrors).toEqual(debtOf('25.00 USD'));
    await debts().collectOpen();
    expect((await pay(holder, own, '10.00')).userErrors).toEqual([]);
  });

  it('is paid by others in the same batch, whatever one of them owes', async () => {
    const [holder, guest] = [await bank.debtor('25.00'), await bank.holder('settle', '40.00')];
    const own = await shopOf([holder.id]);
    await bank.fund(holder, '40.00');
    const answers = await Promise.all([holder, guest, holder, guest].map((payer) => pay(payer, own, '1.00')));
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'OK')).toEqual(['NOT_ALLOWED', 'OK', 'NOT_ALLOWED', 'OK']);
  });

  it('is not paid beside a return: the payment waits for it, and is refused', async () => {
    const holder = await bank.holder('settle', '0.00');
    const walletId = await euros(holder);
    const own = await shopOf([holder.id], 'EUR');
    await bank.topUp(holder, '25.00', 'k');
    await bank.send(holder, (await world.signUp()).email, '25.00');
    const { id } = (await bank.orders(holder)).at(-1)!;
    const { paid } = await inTransaction(world.dataSource, async (tx) => {
      await applyWord({ tx, log }, (await lockOrder(tx, id))!, { status: 'RETURNED', bankOrderId: null });
      const asked = pay(holder, own, '20.00', { walletId, amount: { amount: '20.00', currency: 'EUR' } });
      let answered = false;
      void asked.then(() => (answered = true));
      await eventually(async () => {
        const waiting = await world.rows(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%payments.open%'`);
        expect(answered || waiting.length > 0).toBe(true);
      });
      return { paid: asked };
    });
    expect(await paid).toEqual({ transaction: null, userErrors: debtOf('25.00 USD') });
  });
});

describe('a return and a withdrawal at once', () => {
  it('a withdrawal that comes while the return is booked waits for it, also from another wallet, and is refused', async () => {
    const holder = await bank.holder('settle', '0.00');
    const walletId = await euros(holder);
    await bank.topUp(holder, '25.00', 'k');
    const friend = await world.signUp();
    await bank.send(holder, friend.email, '25.00');
    const { id } = (await bank.orders(holder)).at(-1)!;
    const withdrawn = await inTransaction(world.dataSource, async (tx) => {
      await applyWord({ tx, log }, (await lockOrder(tx, id))!, { status: 'RETURNED', bankOrderId: null });
      const asked = bank.withdraw(holder, '20.00', 'w', { walletId, amount: { amount: '20.00', currency: 'EUR' } });
      let answered = false;
      void asked.then(() => (answered = true));
      // Either it waits for the lock that the return holds, or it has gone through already.
      await eventually(async () => {
        const waiting = await world.rows(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%movement%'`);
        expect(answered || waiting.length > 0).toBe(true);
      });
      return { asked };
    });
    expect(await withdrawn.asked).toMatchObject({ transaction: null, userErrors: debtOf('25.00 USD') });
    expect(await bank.systemBalance('BANK_CLEARING')).toBe(0n);
  });

  it('eight times at once: what is withdrawn was there, and who owes afterwards withdraws no more', async () => {
    for (let round = 0; round < 8; round += 1) {
      const holder = await bank.holder('settle', '0.00');
      await bank.topUp(holder, '25.00', 'k');
      const [withdrawn] = await Promise.all([bank.withdraw(holder, '20.00', 'w'), bank.takeBack(holder)]);
      const went = withdrawn.userErrors.length === 0;
      expect(await openDebt(holder)).toEqual(went ? { owed: 2_025n, collected: 0n, writtenOff: 0n } : undefined);
      expect((await bank.withdraw(holder, '1.00', 'w2')).userErrors).toMatchObject([{ code: went ? 'NOT_ALLOWED' : 'INSUFFICIENT_FUNDS' }]);
      expect(await bank.balance(holder)).toBe(0n);
    }
  });
});
