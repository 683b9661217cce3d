import pg from 'pg';
import type { NewPerson, PeopleWorld } from '../people-world';
import { bankOf, type Holder } from './bank-world';
import { operatorsOf } from './operators';

/** A booking of the bank's file. */
export interface BookedRow {
  readonly id: string;
  readonly reference: string;
  readonly kind: string;
  readonly amount: bigint;
  readonly on: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Payload = any;

const BREAK = 'id class reason reference kind bookingId status assigneeId reconciliationId explainedBy transactionId closedAt difference { amount currency }';
const RECONCILE = `mutation ($input: ReconcileBankFileInput!) { reconcileBankFile(input: $input) { userErrors { code message field } reconciliation {
  id digest from to currency bankOpening { amount } bankClosing { amount } booksOpening { amount } booksClosing { amount } uploadedBy
  totals { class count bankAmount { amount } booksAmount { amount } }
  lines(first: 100) { edges { node { class reason reference kind bookingId bankAmount { amount } ownAmount { amount } bankBookedOn ownBookedOn } } } } } }`;

/** The day so many days from today. */
export const day = (days = 0): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
export const decimal = (minor: bigint): string =>
  `${minor < 0n ? '-' : ''}${String(minor < 0n ? -minor : minor).padStart(3, '0').replace(/(\d\d)$/, '.$1')}`;

/** The rows that are not of an order. */
export const without = (rows: readonly BookedRow[], orderId: string): BookedRow[] => rows.filter(({ reference }) => reference !== `order-${orderId}`);
export const bookingOf = (rows: readonly BookedRow[], orderId: string): BookedRow => rows.find(({ reference }) => reference === `order-${orderId}`)!;

/** What tests of the bank's file do, with two operators and what the sandbox bank has booked. */
export async function reconciliationsOf(world: PeopleWorld) {
  const [bank, staff] = [bankOf(world), operatorsOf(world)];
  const [ada, bob] = [await staff.operator(), await staff.operator()];
  let strangers = 0;

  /** Asks the bank's own database, past everything that it offers. */
  async function atBank(sql: string, values: readonly unknown[] = []): Promise<Payload[]> {
    const session = new pg.Client({ connectionString: world.sandboxUrl });
    await session.connect();
    try {
      return (await session.query(sql, [...values])).rows;
    } finally {
      await session.end();
    }
  }

  async function breaks(by: NewPerson = ada, status?: string): Promise<Payload[]> {
    const { data } = await world.ask(`query ($status: BreakStatus) { breaks(status: $status, first: 100) { edges { node { ${BREAK} } } } }`, { status }, by.as);
    return data.breaks.edges.map(({ node }: Payload) => node);
  }

  const self = {
    bank, staff, ada, bob, atBank, breaks,
    /** All that the bank has booked. */
    async booked(): Promise<BookedRow[]> {
      const rows = await atBank('SELECT booking_id AS id, idempotency_key AS reference, kind, amount::text, booked_at FROM bank_booking ORDER BY position');
      return rows.map((row) => ({ ...row, amount: BigInt(row.amount), on: row.booked_at.toISOString().slice(0, 10) }));
    },
    /** A booking that we know nothing of. */
    stranger(amount = 700n): BookedRow {
      strangers += 1;
      return { id: `strange-${strangers}`, reference: `fee-${strangers}`, kind: 'BOOKED', amount, on: day() };
    },
    async reconcile(rows: readonly BookedRow[], change: object = {}, by: NewPerson = ada): Promise<Payload> {
      const csv = ['booking_id,reference,kind,amount,booked_on,name', ...rows.map((row) => `${row.id},${row.reference},${row.kind},${decimal(row.amount)},${row.on},Ada Lovelace`)].join('\n');
      const closing = rows.reduce((sum, { amount }) => sum + amount, 0n);
      const input = { currency: 'USD', from: day(-1), to: day(), openingBalance: '0.00', closingBalance: decimal(closing), csv, reason: 'The daily file', ...change };
      const { data, errors } = await world.ask(RECONCILE, { input }, by.as);
      if (errors) throw new Error(JSON.stringify(errors));
      const { reconciliation, userErrors } = data.reconcileBankFile;
      return reconciliation ? { ...reconciliation, userErrors, lines: reconciliation.lines.edges.map(({ node }: Payload) => node) } : { userErrors };
    },
    breakOf: async (bookingId: string): Promise<Payload> => (await breaks()).find((found) => found.bookingId === bookingId),
    breaksOfOrder: async (orderId: string): Promise<Payload[]> => (await breaks()).filter(({ reference }) => reference === `order-${orderId}`),
    /** A break of a booking that we know nothing of. */
    async opened(amount = 700n): Promise<Payload> {
      const row = self.stranger(amount);
      await self.reconcile([row]);
      return self.breakOf(row.id);
    },
    async work(name: string, input: object, by: NewPerson): Promise<Payload> {
      const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
      const { data, errors } = await world.ask(`mutation ($input: ${type}) { ${name}(input: $input) { break { ${BREAK} } userErrors { code message field } } }`, { input }, by.as);
      if (errors) throw new Error(JSON.stringify(errors));
      return data[name];
    },
    writeOff: (by: NewPerson, breakId: string, key = `w${Math.random()}`): Promise<Payload> =>
      staff.call('requestBreakWriteOff', { breakId, reason: 'Too small to pursue', idempotencyKey: key }, by),
    async trail(id: string): Promise<Payload[]> {
      const { data } = await world.ask('query ($id: ID!) { break(id: $id) { auditTrail { edges { node { action actorId reason before after } } } } }', { id }, ada.as);
      return data.break.auditTrail.edges.map(({ node }: Payload) => node);
    },
    async paidOut(amount = '60.00'): Promise<{ holder: Holder; orderId: string }> {
      const holder = await bank.holder('settle', '100.00');
      const { transaction } = await bank.withdraw(holder, amount, `k${Math.random()}`);
      return { holder, orderId: transaction.id };
    },
    /** An order that the bank has booked, and of which we have not heard. */
    async unheard(): Promise<{ holder: Holder; orderId: string; row: BookedRow }> {
      const holder = await bank.holder('statement-only', '100.00');
      await bank.withdraw(holder, '33.00', `k${Math.random()}`);
      const { id } = (await bank.orders(holder))[0]!;
      return { holder, orderId: id, row: bookingOf(await self.booked(), id) };
    },
  };
  return self;
}
