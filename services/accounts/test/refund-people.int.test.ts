import { v7 as uuidv7 } from 'uuid';
import { type Bank, type Customer, openBank, usd } from './support/bank';

// Who gave a payment back, as the merchant's owners and managers see it, and nobody else.
let bank: Bank;
let payer: Customer;
let owner: Customer;
let manager: Customer;
let till: Customer;
let operator: Customer;
let shop: string;

const ROLES = () => [
  { personId: owner.personId, role: 'OWNER' as const }, { personId: manager.personId, role: 'MANAGER' as const }, { personId: till.personId, role: 'CASHIER' as const },
];

beforeAll(async () => {
  bank = await openBank('refund_people');
  payer = await bank.customer({ minor: 1_000_000n, name: 'Paul Payer' });
  [owner, manager, till] = [await bank.customer({ name: 'Olga Owner' }), await bank.customer({ name: 'Mona Manager' }), await bank.customer({ name: 'Carl Cashier' })];
  operator = await bank.customer({ operator: true, name: 'Omar Operator' });
  shop = await bank.merchant({ people: ROLES().map(({ personId }) => personId), roles: ROLES() });
});
afterAll(() => bank.close());

async function paid(merchantId = shop): Promise<string> {
  const answer = await bank.services.payments.pay(payer, { walletId: payer.walletId, merchantId, amount: usd(1_000n), description: undefined, idempotencyKey: uuidv7() });
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
  return answer.transactionId;
}

async function refunded(by: Customer, transactionId: string, key = uuidv7()): Promise<string> {
  const answer = await bank.services.refunds.refund(by, { transactionId, amount: usd(100n), reason: undefined, idempotencyKey: key });
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
  return answer.transactionId;
}

const seen = async (id: string, viewer: Customer) => (await bank.services.refundPeople.ofRefunds([id], viewer.personId)).get(id);

it('is whoever did it, in the role that they had then', async () => {
  const payment = await paid();
  for (const [who, role, displayName] of [[owner, 'OWNER', 'Olga Owner'], [manager, 'MANAGER', 'Mona Manager'], [till, 'CASHIER', 'Carl Cashier']] as const) {
    const id = await refunded(who, payment);
    for (const viewer of [owner, manager]) expect(await seen(id, viewer)).toEqual({ personId: who.personId, displayName, role });
  }
});

it('is told to owners and managers of that merchant alone', async () => {
  const stranger = await bank.customer();
  await bank.merchant({ people: [stranger.personId], roles: [{ personId: stranger.personId, role: 'OWNER' }] });
  const id = await refunded(till, await paid());
  for (const nobody of [till, payer, operator, stranger]) expect(await seen(id, nobody)).toBeUndefined();
  expect(await bank.services.refundPeople.ofRefunds([id, uuidv7()], owner.personId)).toEqual(new Map([[id, expect.objectContaining({ personId: till.personId })]]));
});

it('is nobody where an operator gave it back, and nobody for a payment', async () => {
  const payment = await paid();
  const id = await refunded(operator, payment);
  for (const transaction of [id, payment]) expect(await seen(transaction, owner)).toBeUndefined();
  expect(await bank.dataSource.query('SELECT 1 FROM refund_person WHERE "refundId" = $1', [id])).toEqual([]);
});

it('stays who it was: once a key, also after they have left or are something else, and for whoever became a manager since', async () => {
  const [leaver, promoted] = [await bank.customer({ name: 'Lea Leaver' }), await bank.customer({ name: 'Pia Promoted' })];
  const merchantId = await bank.merchant({
    people: [owner, leaver, promoted].map(({ personId }) => personId),
    roles: [{ personId: owner.personId, role: 'OWNER' }, { personId: leaver.personId, role: 'CASHIER' }, { personId: promoted.personId, role: 'CASHIER' }],
  });
  const [payment, key] = [await paid(merchantId), uuidv7()];
  const [left, own] = [await refunded(leaver, payment, key), await refunded(promoted, payment)];
  expect(await refunded(leaver, payment, key)).toBe(left);
  await bank.merchant({
    merchantId, version: 2, people: [owner.personId, promoted.personId], roles: [{ personId: owner.personId, role: 'OWNER' }, { personId: promoted.personId, role: 'MANAGER' }],
  });
  expect(await seen(left, promoted)).toEqual({ personId: leaver.personId, displayName: 'Lea Leaver', role: 'CASHIER' });
  expect(await seen(own, owner)).toEqual({ personId: promoted.personId, displayName: 'Pia Promoted', role: 'CASHIER' });
  expect(await seen(left, leaver)).toBeUndefined();
  await expect(bank.asOwner(`UPDATE refund_person SET role = 'OWNER' WHERE "refundId" = $1`, [left])).rejects.toThrow();
});

it('is who gave in, where a dispute was accepted, and nobody where an operator decided it', async () => {
  const open = async (): Promise<string> => {
    const answer = await bank.services.disputes.open(payer, { transactionId: await paid(), reason: 'OTHER', description: 'It never came', amount: undefined });
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
    return answer.dispute.id;
  };
  const refundOf = async (id: string): Promise<string> => (await bank.dataSource.query('SELECT "refundId" FROM dispute WHERE id = $1', [id]))[0].refundId;
  const [given, contested] = [await open(), await open()];
  expect(await bank.services.disputes.accept(manager, given)).toMatchObject({ ok: true });
  expect(await seen(await refundOf(given), owner)).toEqual({ personId: manager.personId, displayName: 'Mona Manager', role: 'MANAGER' });
  expect(await bank.services.disputes.contest(owner, { disputeId: contested, evidence: 'It came' })).toMatchObject({ ok: true });
  expect(await bank.services.disputes.decide(operator, { disputeId: contested, decision: 'PERSON', reason: 'It did not' })).toMatchObject({ ok: true });
  expect(await seen(await refundOf(contested), owner)).toBeUndefined();
});
