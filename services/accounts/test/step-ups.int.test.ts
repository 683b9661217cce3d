import { randomUUID } from 'node:crypto';
import type { EventData } from '@tael/events';
import { currencyCode } from '@tael/money';
import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { accountsHandlers } from '../src/events/accounts.consumer';
import { verifyBooks } from '../src/ledger/verification.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf, secondFactorOf } from './support/second-factor';

type Enrolled = NewPerson & { secret: string };

let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
let merchantId: string;
let otherMerchantId: string;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_step_ups');
  factor = secondFactorOf(world);
  [merchantId, otherMerchantId] = [await merchant(), await merchant()];
});
afterAll(async () => {
  expect((await verifyBooks(world.dataSource)).checks.flatMap((check) => check.examples)).toEqual([]);
  await world.end();
});

const ADD_CARD = `mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code } } }`;
const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { status } userErrors { code } } }`;
const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) {
  transaction { id amount { amount } } userErrors { code field message } } }`;
const SEND = `mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code field } } }`;
const PAYMENTS = '{ viewer { transactions(kinds: [PAYMENT, TRANSFER]) { edges { node { id } } } } }';

async function merchant(): Promise<string> {
  const data: EventData<'merchant.changed'> = {
    merchantId: uuidv7(), version: 1, name: 'v1.s1.a.b', categoryCode: '5812', currency: currencyCode('USD'), status: 'ACTIVE', people: [], roles: [],
    feePlan: { id: 'standard', basisPoints: 150 }, verified: false, occurredAt: new Date(),
  };
  const event = { id: uuidv7(), type: 'merchant.changed', source: 'test', time: new Date(), traceparent: undefined, data };
  await inTransaction(world.dataSource, (tx) => accountsHandlers['merchant.changed']!(tx, event as never));
  return data.merchantId;
}

// At the database's own time: a top-up that looks minutes old to the app is not charged any more.
async function fund(person: NewPerson, amount: string): Promise<void> {
  const ahead = world.now().getTime() - Date.now();
  world.later(-ahead);
  const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2040, securityCode: '123', holderName: 'Ada' };
  const { data } = await world.ask(ADD_CARD, { input: card }, person.as);
  const input = {
    walletId: person.walletId, paymentMethodId: data.addCard.paymentMethod.id, amount: { amount, currency: 'USD' }, idempotencyKey: randomUUID(),
  };
  const answer = await world.ask(TOP_UP, { input }, person.as);
  world.later(ahead);
  expect(answer.data.topUp.transaction.status).toBe('SETTLED');
}

async function rich(): Promise<Enrolled> {
  const person = await factor.enrolled();
  await fund(person, '5000.00');
  return person;
}

const paymentOf = (person: NewPerson, amount: string, more: object = {}) => ({
  walletId: person.walletId, merchantId, amount: { amount, currency: 'USD' }, idempotencyKey: randomUUID(), ...more,
});
const pay = async (person: Pick<NewPerson, 'as'>, input: object) => (await world.ask(PAY, { input }, person.as)).data.payMerchant;
const send = async (person: Pick<NewPerson, 'as'>, input: object) => (await world.ask(SEND, { input }, person.as)).data.sendMoney;
const stepUpFor = (person: NewPerson, amount: string, more: object = {}) => ({
  purpose: 'PAY_MERCHANT', payment: { walletId: person.walletId, merchantId, amount: { amount, currency: 'USD' }, ...more },
});
const paymentsOf = async (person: NewPerson) =>
  (await world.ask(PAYMENTS, {}, person.as)).data.viewer.transactions.edges.length as number;

describe('large payments', () => {
  it('need a step-up above 500.00, and what to do is said', async () => {
    const person = await rich();
    expect(codeOf(await pay(person, paymentOf(person, '500.00')))).toBe('OK');
    const refused = await pay(person, paymentOf(person, '500.01'));
    expect(refused).toEqual({
      transaction: null,
      userErrors: [{ code: 'STEP_UP_REQUIRED', field: ['input', 'stepUpId'], message: expect.stringContaining('requestStepUp') }],
    });
    expect(await paymentsOf(person)).toBe(1);
  });

  it('need none of somebody without a second factor', async () => {
    const person = await world.signUp();
    await fund(person, '2000.00');
    expect(codeOf(await pay(person, paymentOf(person, '1000.00')))).toBe('OK');
    expect(codeOf(await factor.request(person, stepUpFor(person, '1000.00')))).toBe('NOT_ALLOWED');
  });

  it('leave the key free: the same payment with its step-up goes through, and its retry gives the same answer', async () => {
    const person = await rich();
    const input = paymentOf(person, '600.00');
    expect(codeOf(await pay(person, input))).toBe('STEP_UP_REQUIRED');
    const stepUpId = await factor.approved(person, stepUpFor(person, '600.00'));
    const paid = await pay(person, { ...input, stepUpId });
    expect(codeOf(paid)).toBe('OK');
    expect(await pay(person, { ...input, stepUpId })).toEqual(paid);
    expect(await pay(person, input)).toEqual(paid);
    expect(await paymentsOf(person)).toBe(1);
  });

  it('keep the step-up where the payment is refused', async () => {
    const person = await rich();
    const stepUpId = await factor.approved(person, stepUpFor(person, '6000.00'));
    expect(codeOf(await pay(person, paymentOf(person, '6000.00', { stepUpId })))).toBe('INSUFFICIENT_FUNDS');
    await fund(person, '2000.00');
    expect(codeOf(await pay(person, paymentOf(person, '6000.00', { stepUpId })))).toBe('OK');
  });

  it('keep the step-up where the payment breaks off after it was used', async () => {
    const person = await rich();
    const stepUpId = await factor.approved(person, stepUpFor(person, '700.00'));
    const input = paymentOf(person, '700.00', { stepUpId });
    await world.asOwner(`ALTER TABLE step_up ADD CONSTRAINT broken CHECK ("usedAt" IS NULL OR "personId" <> '${person.id}')`);
    const broken = await world.ask(PAY, { input }, person.as);
    expect(broken.errors![0]!.extensions['code']).toBe('INTERNAL_SERVER_ERROR');
    expect(await paymentsOf(person)).toBe(0);
    await world.asOwner('ALTER TABLE step_up DROP CONSTRAINT broken');
    expect(codeOf(await pay(person, input))).toBe('OK');
    expect(await paymentsOf(person)).toBe(1);
  });
});

describe('A26: a step-up holds for nothing but what it was approved for', () => {
  it.each<[string, (person: Enrolled) => object]>([
    ['another amount', () => ({ amount: { amount: '600.01', currency: 'USD' } })],
    ['a smaller amount', () => ({ amount: { amount: '599.99', currency: 'USD' } })],
    ['another payee', () => ({ merchantId: otherMerchantId })],
  ])('%s', async (_what, change) => {
    const person = await rich();
    const stepUpId = await factor.approved(person, stepUpFor(person, '600.00'));
    expect(codeOf(await pay(person, { ...paymentOf(person, '600.00', { stepUpId }), ...change(person) }))).toBe('STEP_UP_REQUIRED');
    expect(await paymentsOf(person)).toBe(0);
    expect(codeOf(await pay(person, paymentOf(person, '600.00', { stepUpId })))).toBe('OK');
  });

  it('another session of the same person', async () => {
    const person = await rich();
    const other = await factor.signedIn(person);
    const stepUpId = await factor.approved(person, stepUpFor(person, '600.00'));
    expect(codeOf(await pay(other, paymentOf(person, '600.00', { stepUpId })))).toBe('STEP_UP_REQUIRED');
    const { stepUp } = await factor.request(person, stepUpFor(person, '600.00'));
    expect(codeOf(await factor.approve(other, stepUp.id, factor.freshCode(person.secret)))).toBe('WRONG_CODE');
  });

  it('another person, who cannot approve it either', async () => {
    const [person, thief] = [await rich(), await rich()];
    const stepUpId = await factor.approved(person, stepUpFor(person, '600.00'));
    expect(codeOf(await pay(thief, paymentOf(thief, '600.00', { stepUpId })))).toBe('STEP_UP_REQUIRED');
    const { stepUp } = await factor.request(person, stepUpFor(person, '600.00'));
    expect(codeOf(await factor.approve(thief, stepUp.id, factor.freshCode(thief.secret)))).toBe('WRONG_CODE');
  });

  it('another action', async () => {
    const [person, friend] = [await rich(), await world.signUp()];
    const stepUpId = await factor.approved(person, { purpose: 'CHANGE_PASSWORD' });
    expect(codeOf(await pay(person, paymentOf(person, '600.00', { stepUpId })))).toBe('STEP_UP_REQUIRED');
    const input = {
      walletId: person.walletId, recipientEmail: friend.email, amount: { amount: '600.00', currency: 'USD' }, idempotencyKey: 'k', stepUpId,
    };
    expect(codeOf(await send(person, input))).toBe('STEP_UP_REQUIRED');
  });

  it.each([['not approved yet', 0, false], ['past its five minutes', 5 * 60_000, true]])('%s', async (_what, wait, approve) => {
    const person = await rich();
    const stepUpId = approve
      ? await factor.approved(person, stepUpFor(person, '600.00'))
      : (await factor.request(person, stepUpFor(person, '600.00'))).stepUp.id;
    world.later(wait);
    expect(codeOf(await pay(person, paymentOf(person, '600.00', { stepUpId })))).toBe('STEP_UP_REQUIRED');
  });

  it.each(['', 'x', '00000000-0000-0000-0000-000000000000', "' OR 1=1 --"])('an id that is none: %j', async (stepUpId) => {
    const person = await rich();
    expect(codeOf(await pay(person, paymentOf(person, '600.00', { stepUpId })))).toBe('STEP_UP_REQUIRED');
    expect(codeOf(await factor.approve(person, stepUpId, factor.freshCode(person.secret)))).toBe('WRONG_CODE');
  });
});

describe('A26: a step-up is used once', () => {
  it('one after the other', async () => {
    const person = await rich();
    const stepUpId = await factor.approved(person, stepUpFor(person, '600.00'));
    expect(codeOf(await pay(person, paymentOf(person, '600.00', { stepUpId })))).toBe('OK');
    expect(codeOf(await pay(person, paymentOf(person, '600.00', { stepUpId })))).toBe('STEP_UP_REQUIRED');
  });

  it('where eight payments bring it in the same moment', async () => {
    const person = await rich();
    const stepUpId = await factor.approved(person, stepUpFor(person, '510.00'));
    const answers = await world.atOnce('step_up', 8, () => pay(person, paymentOf(person, '510.00', { stepUpId })));
    expect(answers.map(codeOf).filter((code) => code === 'OK')).toHaveLength(1);
    expect(answers.map(codeOf).filter((code) => code === 'STEP_UP_REQUIRED')).toHaveLength(7);
    expect(await paymentsOf(person)).toBe(1);
  });

  it('a code approves one of two step-ups, and not one that was approved', async () => {
    const person = await rich();
    const [one, other] = [await factor.request(person, stepUpFor(person, '600.00')), await factor.request(person, stepUpFor(person, '700.00'))];
    const code = factor.freshCode(person.secret);
    const answers = await Promise.all([one, other].map(({ stepUp }) => factor.approve(person, stepUp.id, code)));
    expect(answers.map(codeOf).sort()).toEqual(['OK', 'WRONG_CODE']);
    const again = await factor.approved(person, stepUpFor(person, '800.00'));
    expect(codeOf(await factor.approve(person, again, factor.freshCode(person.secret)))).toBe('WRONG_CODE');
  });

  it('five tries, then the right code is not looked at either', async () => {
    const person = await rich();
    const { stepUp } = await factor.request(person, stepUpFor(person, '600.00'));
    const codes = await Promise.all(Array.from({ length: 9 }, () => factor.approve(person, stepUp.id, '000000').then(codeOf)));
    expect(codes.filter((code) => code === 'WRONG_CODE')).toHaveLength(5);
    expect(codeOf(await factor.approve(person, stepUp.id, factor.freshCode(person.secret)))).toBe('LIMIT_EXCEEDED');
  });

  it('five tries against the same id of a stranger lock nobody else out of it', async () => {
    const [person, stranger] = [await rich(), await rich()];
    const { stepUp } = await factor.request(person, stepUpFor(person, '600.00'));
    for (let n = 0; n < 5; n++) await factor.approve(stranger, stepUp.id, '000000');
    expect(codeOf(await factor.approve(person, stepUp.id, factor.freshCode(person.secret)))).toBe('OK');
  });
});

describe('large transfers', () => {
  it('need a step-up that names the recipient, however the address is written', async () => {
    const [person, friend, other] = [await rich(), await world.signUp(), await world.signUp()];
    const input = (recipientEmail: string, stepUpId?: string) => ({
      walletId: person.walletId, recipientEmail, amount: { amount: '750.00', currency: 'USD' }, idempotencyKey: randomUUID(), stepUpId,
    });
    expect(codeOf(await send(person, input(friend.email)))).toBe('STEP_UP_REQUIRED');
    const stepUpId = await factor.approved(person, {
      purpose: 'SEND_MONEY',
      transfer: { walletId: person.walletId.toUpperCase(), recipientEmail: ` ${friend.email.toUpperCase()}`, amount: { amount: '750', currency: 'USD' } },
    });
    expect(codeOf(await send(person, input(other.email, stepUpId)))).toBe('STEP_UP_REQUIRED');
    expect(codeOf(await send(person, input(friend.email, stepUpId)))).toBe('OK');
    expect(codeOf(await send(person, input(friend.email, stepUpId)))).toBe('STEP_UP_REQUIRED');
  });

  it('are kept in no row in clear: neither recipient nor amount of a step-up', async () => {
    const person = await rich();
    await factor.request(person, {
      purpose: 'SEND_MONEY',
      transfer: { walletId: person.walletId, recipientEmail: 'canary-payee@example.com', amount: { amount: '987.65', currency: 'USD' } },
    });
    expect(await world.dump()).not.toMatch(/canary-payee|98765\b/);
  });
});

describe('asking for a step-up', () => {
  it.each<[string, object, string]>([
    ['a payment without its details', { purpose: 'PAY_MERCHANT' }, 'payment'],
    ['a transfer without its details', { purpose: 'SEND_MONEY' }, 'transfer'],
    ['details of something else', {
      purpose: 'DISABLE_TOTP', payment: { walletId: 'x', merchantId: 'y', amount: { amount: '1', currency: 'USD' } },
    }, 'payment'],
    ['an amount of nothing', {
      purpose: 'PAY_MERCHANT', payment: { walletId: 'x', merchantId: 'y', amount: { amount: '0', currency: 'USD' } },
    }, 'payment'],
  ])('%s is refused', async (_what, input, field) => {
    const person = await factor.enrolled();
    const { stepUp, userErrors } = await factor.request(person, input);
    expect(stepUp).toBeNull();
    expect(userErrors[0]).toMatchObject({ code: 'INVALID_INPUT', field: expect.arrayContaining([field]) });
  });

  it('forgets after a day what was never used, and keeps what was', async () => {
    const person = await rich();
    const used = await factor.approved(person, stepUpFor(person, '600.00'));
    await pay(person, paymentOf(person, '600.00', { stepUpId: used }));
    const { stepUp: unused } = await factor.request(person, stepUpFor(person, '700.00'));
    world.later(25 * 60 * 60_000);
    const { stepUp: fresh } = await factor.request(person, stepUpFor(person, '700.00'));
    const kept = await world.rows('SELECT id FROM step_up WHERE "personId" = $1 ORDER BY id', [person.id]);
    expect(kept.map((row) => row['id'])).toEqual([used, fresh.id]);
    expect(kept.map((row) => row['id'])).not.toContain(unused.id);
  });
});
