import { createLogger } from '@tael/platform/log';
import { BANK_IBANS } from '@tael/sandbox';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import { startBankOrderLoop, startBankStatementLoop } from '../../src/bank-orders/bank-order.loop';
import { systemAccountId } from '../../src/ledger/account.ids';
import { readBalances } from '../../src/ledger/ledger.service';
import { verifyBooks } from '../../src/ledger/verification.service';
import type { NewPerson, PeopleWorld } from '../people-world';

export const ADD_ACCOUNT = `mutation ($input: AddBankAccountInput!) { addBankAccount(input: $input) {
  paymentMethod { id kind brand last4 status expiryMonth isDefault } userErrors { code message field } } }`;
export const CONFIRM = `mutation ($input: ConfirmBankAccountInput!) { confirmBankAccount(input: $input) {
  paymentMethod { id status } userErrors { code field } } }`;
const ADD_CARD = 'mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } } }';
const RESULT = `transaction { id kind status failureReason direction amount { amount currency } fee { amount } balanceAfter { amount } }
  wallet { id balance { posted { amount } available { amount } } } userErrors { code message field }`;
const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) { ${RESULT} } }`;
const WITHDRAW = `mutation ($input: WithdrawInput!) { withdraw(input: $input) { ${RESULT} } }`;

export type Behaviour = keyof typeof BANK_IBANS;

/** Somebody with money in the wallet and a bank account. */
export interface Holder extends NewPerson {
  readonly accountId: string;
}

/** Where an order stands, in our books and in the bank's. */
export interface OrderRow {
  readonly id: string;
  readonly status: string;
  readonly failureReason: string | null;
  readonly attempts: number;
  readonly owed: bigint;
}

/** What tests of bank accounts do, through the API and the real sandbox bank. */
export function bankOf(world: PeopleWorld) {
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const { bankOrders, bankStatement } = world.app.services;
  const quiet = createLogger({ service: 'test', level: 'silent' });

  const self = {
    usd,
    async fund(person: NewPerson, amount: string): Promise<void> {
      const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2040, securityCode: '737', holderName: 'Ada' };
      const { data } = await world.ask(ADD_CARD, { input: card }, person.as);
      const done = await self.topUp({ ...person, accountId: data.addCard.paymentMethod.id }, amount, `fund-${amount}-${Math.random()}`);
      expect(done.transaction.status).toBe('SETTLED');
    },
    async account(person: NewPerson, behaviour: Behaviour = 'settle'): Promise<string> {
      const input = { iban: BANK_IBANS[behaviour], holderName: 'Ada Lovelace' };
      const { data } = await world.ask(ADD_ACCOUNT, { input }, person.as);
      return data.addBankAccount.paymentMethod.id;
    },
    async holder(behaviour: Behaviour = 'settle', amount = '100.00'): Promise<Holder> {
      const person = await world.signUp();
      if (amount !== '0.00') await self.fund(person, amount);
      return { ...person, accountId: await self.account(person, behaviour) };
    },
    withdraw(holder: Holder, amount: string, key: string, change: object = {}) {
      const input = { walletId: holder.walletId, paymentMethodId: holder.accountId, amount: usd(amount), idempotencyKey: key, ...change };
      return world.ask(WITHDRAW, { input }, holder.as).then((answer) => answer.data?.withdraw ?? answer);
    },
    topUp(holder: Holder, amount: string, key: string, change: object = {}) {
      const input = { walletId: holder.walletId, paymentMethodId: holder.accountId, amount: usd(amount), idempotencyKey: key, ...change };
      return world.ask(TOP_UP, { input }, holder.as).then((answer) => answer.data?.topUp ?? answer);
    },
    async orders(holder: NewPerson): Promise<OrderRow[]> {
      return (await world.rows(
        'SELECT id, status, "failureReason", attempts, owed FROM bank_order WHERE "personId" = $1 ORDER BY "createdAt"', [holder.id],
      )) as unknown as OrderRow[];
    },
    async balance(holder: NewPerson): Promise<bigint> {
      return (await readBalances(world.dataSource.manager, [holder.walletId])).get(holder.walletId)!.posted;
    },
    async systemBalance(purpose: 'BANK_CLEARING' | 'BANK_SETTLEMENT' | 'BANK_RECEIVABLE' | 'FEES' | 'WRITE_OFFS'): Promise<bigint> {
      const id = systemAccountId(purpose, 'USD' as never);
      return (await readBalances(world.dataSource.manager, [id])).get(id)!.posted;
    },
    /** The bank's own books: orders that it took for a person, and what it booked for them. */
    async atBank(holder: NewPerson): Promise<{ orders: { status: string; amount: string }[]; bookings: { kind: string; amount: string; id: string }[] }> {
      const keys = (await self.orders(holder)).map(({ id }) => `order-${id}`);
      const session = new pg.Client({ connectionString: world.sandboxUrl });
      await session.connect();
      try {
        const orders = await session.query('SELECT status, amount::text AS amount FROM bank_order WHERE idempotency_key = ANY ($1)', [keys]);
        const bookings = await session.query(
          'SELECT kind, amount::text AS amount, booking_id AS id FROM bank_booking WHERE idempotency_key = ANY ($1) ORDER BY position', [keys],
        );
        return { orders: orders.rows, bookings: bookings.rows };
      } finally {
        await session.end();
      }
    },
    /** Lets every pending order's time come, as if a worker had died or enough time had passed. */
    due: () => world.rows(
      `WITH d AS (UPDATE bank_order SET "leaseUntil" = now() - interval '1 minute', "lookAt" = now() - interval '1 minute'
         WHERE status = 'PENDING' RETURNING 1) SELECT * FROM d`),
    /** Reads the statement to its end. */
    async readStatement(): Promise<void> {
      while ((await bankStatement.readOn()) > 0);
    },
    /** Lets the bank take back a settled top-up of somebody, and reads of it in the statement. */
    async takeBack(holder: NewPerson, orderId?: string): Promise<void> {
      const orders = (await self.orders(holder)).filter(({ id, status }) => (orderId ?? id) === id && status === 'SETTLED');
      const session = new pg.Client({ connectionString: world.sandboxUrl });
      await session.connect();
      try {
        for (const { id } of orders) {
          await session.query(
            `INSERT INTO bank_booking (booking_id, idempotency_key, kind, amount, currency)
             SELECT gen_random_uuid(), idempotency_key, 'RETURNED', -amount, currency FROM bank_booking WHERE idempotency_key = $1 AND kind = 'BOOKED'`,
            [`order-${id}`],
          );
        }
      } finally {
        await session.end();
      }
      await self.readStatement();
    },
    /** Somebody who topped up, sent it to a friend, and owes it since the bank took it back. */
    async debtor(amount = '25.00'): Promise<Holder> {
      const holder = await self.holder('settle', '0.00');
      await self.topUp(holder, amount, 'owed');
      const friend = await world.signUp();
      const { data } = await self.send(holder, friend.email, amount);
      if (data.sendMoney.userErrors.length > 0) throw new Error(JSON.stringify(data.sendMoney.userErrors));
      await self.takeBack(holder);
      return holder;
    },
    send: (holder: NewPerson, recipientEmail: string, amount: string) => world.ask(
      'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code message field } } }',
      { input: { walletId: holder.walletId, recipientEmail, amount: usd(amount), idempotencyKey: `s-${amount}-${Math.random()}` } }, holder.as),
    /** Both loops at work, as in the service. */
    async withLoops<T>(work: () => Promise<T>): Promise<T> {
      const loops = [startBankOrderLoop({ bankOrders, log: quiet }), startBankStatementLoop({ bankStatement, log: quiet })];
      try {
        return await work();
      } finally {
        await Promise.all(loops.map((loop) => loop.stop()));
      }
    },
    ends: (holder: Holder, status: string) => eventually(
      async () => expect((await self.orders(holder)).map((order) => order.status)).toEqual([status]), { timeoutMs: 25_000 }),
    async breaches(): Promise<string[]> {
      return (await verifyBooks(world.dataSource)).checks.flatMap((check) => check.examples.map((example) => `${check.name}: ${example}`));
    },
  };
  return self;
}
