import { randomUUID } from 'node:crypto';
import { currencyCode } from '@tael/money';
import { StepUpService } from '../src/step-ups/step-up.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf } from './support/bank-world';
import { merchantsOf } from './support/merchant-world';
import { codeOf, operatorsOf } from './support/operators';

// Limits and fee schedules as operators see and change them, on a database whose clock can be moved.
let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let staff: ReturnType<typeof operatorsOf>;
let [ada, bob]: NewPerson[] = [] as never;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_limits', {}, { movableClock: true });
  bank = bankOf(world);
  staff = operatorsOf(world);
  ada = await staff.operator();
  bob = await staff.operator();
});
afterEach(async () => expect(await bank.breaches()).toEqual([]));
afterAll(() => world.end());

const LIMIT = `id kinds measure window currency newestVersion current { version amount { amount currency } count enteredBy }
  versions { version amount { amount } count effectiveFrom enteredAt enteredBy }`;
const SET = `mutation ($input: SetLimitInput!) { setLimit(input: $input) { limit { ${LIMIT} } userErrors { code message field } } }`;
const SEND = `mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code } } }`;
const FEES = `query ($kind: FeeKind, $after: String) { feeSchedules(kind: $kind, first: 100, after: $after) { pageInfo { endCursor hasNextPage } edges { node {
  id kind currency newestVersion current { rateBasisPoints minimum { amount } maximum { amount currency } } versions { rateBasisPoints effectiveFrom enteredBy }
  auditTrail { edges { node { actorId action before after reason } } } } } } }`;
const SET_FEE = `mutation ($input: SetFeeScheduleInput!) { setFeeSchedule(input: $input) { schedule { id newestVersion current { rateBasisPoints }
  versions { rateBasisPoints effectiveFrom enteredBy } } userErrors { code message field } } }`;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;
const money = (amount: string, currency: string) => ({ amount, currency });

async function limitOf(id: string, by = ada!): Promise<Payload> {
  const query = `query ($id: ID!) { limit(id: $id) { ${LIMIT} auditTrail { edges { node { actorId action before after reason } } } } }`;
  return (await world.ask(query, { id }, by.as)).data.limit;
}

async function setLimit(limitId: string, change: object, by = ada!): Promise<Payload> {
  const { data, errors } = await world.ask(SET, { input: { limitId, expectedVersion: 1, reason: 'Fraud at the weekend', ...change } }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.setLimit;
}

const requestRaise = (limitId: string, change: object, by = ada!): Promise<Payload> => staff.call('requestLimitRaise', {
  limitId, expectedVersion: 1, reason: 'A customer buys a car', idempotencyKey: randomUUID(), ...change,
}, by);

/** A payer with money in a currency, and somebody to send it to. */
async function senders(currency: string, amount: string): Promise<(sent: string) => Promise<string>> {
  const [payer, payee] = [await world.signUp({ currency }), await world.signUp({ currency })];
  const { approval } = await staff.adjust(ada!, payer.walletId, { amount: money(amount, currency) });
  expect(codeOf(await staff.approve(bob!, approval))).toBe('OK');
  return async (sent) => codeOf((await world.ask(SEND, {
    input: { walletId: payer.walletId, recipientEmail: payee.email, amount: money(sent, currency), idempotencyKey: randomUUID() },
  }, payer.as)).data.sendMoney);
}

describe('limits', () => {
  it('are shown to operators: what they are, since when and by whom', async () => {
    const { data } = await world.ask(`{ limits(kind: STEP_UP, first: 3) { edges { node { ${LIMIT} } } } }`, {}, ada!.as);
    expect(data.limits.edges[0].node).toMatchObject({
      id: 'step-up-AED', kinds: ['STEP_UP'], measure: 'AMOUNT', window: 'TRANSACTION', currency: 'AED', newestVersion: 1,
      current: { version: 1, amount: { amount: '500.00', currency: 'AED' }, count: null, enteredBy: null },
    });
    expect(await limitOf('day-count')).toMatchObject({ measure: 'COUNT', currency: null, current: { amount: null, count: 1_000 } });
    expect(await limitOf('nothing')).toBeNull();
    expect(await limitOf('a\u0000b')).toBeNull();
    const customer = await world.signUp();
    const asked = await world.ask('{ limits { edges { node { id } } } }', {}, customer.as);
    expect(asked.errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  it('lists each once, page by page', async () => {
    const ids: string[] = [];
    for (let after: string | null = null; ;) {
      const { data } = await world.ask('query ($after: String) { limits(first: 100, after: $after) { pageInfo { endCursor hasNextPage } edges { node { id } } } }', { after }, ada!.as);
      ids.push(...data.limits.edges.map(({ node }: Payload) => node.id));
      if (!data.limits.pageInfo.hasNextPage) break;
      after = data.limits.pageInfo.endCursor;
    }
    const [{ count }] = await world.rows('SELECT count(DISTINCT id)::int AS count FROM limit_definition') as [{ count: number }];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(count);
  });

  it('are lowered by one person, from an instant on, and the trail says what was before', async () => {
    const send = await senders('CHF', '900.00');
    const id = 'transaction-amount-CHF';
    expect(await send('200.00')).toBe('OK');
    const { limit } = await setLimit(id, { amount: money('100.00', 'CHF') });
    expect(limit).toMatchObject({ newestVersion: 2, current: { version: 1, amount: { amount: '10000.00' } }, versions: [{ version: 2, amount: { amount: '100.00' }, enteredBy: ada!.id }, { version: 1 }] });
    expect(await send('200.00')).toBe('OK');
    await world.moveClock(16_000);
    expect(await send('200.00')).toBe('LIMIT_EXCEEDED');
    expect(await send('100.00')).toBe('OK');
    const { current, auditTrail } = await limitOf(id, bob!);
    expect(current).toMatchObject({ version: 2, amount: { amount: '100.00' } });
    const [{ node }] = auditTrail.edges;
    expect(auditTrail.edges).toHaveLength(1);
    expect(node).toMatchObject({ actorId: ada!.id, action: 'LIMIT_SET', reason: 'Fraud at the weekend' });
    expect(JSON.parse(node.before)).toMatchObject({ version: 1, cap: '10000.00' });
    expect(JSON.parse(node.after)).toMatchObject({ version: 2, cap: '100.00' });
  });

  it('are raised by two, and not by one', async () => {
    const send = await senders('DKK', '50000.00');
    const id = 'transaction-amount-DKK';
    expect(await send('10000.01')).toBe('LIMIT_EXCEEDED');
    const alone = await setLimit(id, { amount: money('20000.00', 'DKK') });
    expect(alone).toMatchObject({ limit: null, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'amount'] }] });
    const { approval } = await requestRaise(id, { amount: money('20000.00', 'DKK') });
    expect(approval).toMatchObject({ kind: 'LIMIT_RAISE', status: 'REQUESTED', amount: { amount: '20000.00', currency: 'DKK' } });
    expect(codeOf(await requestRaise(id, { amount: money('30000.00', 'DKK') }, bob!))).toBe('ALREADY_EXISTS');
    expect(codeOf(await staff.approve(ada!, approval))).toBe('NOT_ALLOWED');
    const done = await staff.approve(bob!, approval);
    expect(done.approval).toMatchObject({ status: 'EXECUTED' });
    await world.moveClock(16_000);
    expect(await send('10000.01')).toBe('OK');
    const { versions, auditTrail } = await limitOf(id);
    expect(versions[0]).toMatchObject({ version: 2, enteredBy: bob!.id });
    expect(JSON.parse(auditTrail.edges[0].node.after)).toMatchObject({ approvalId: approval.id, cap: '20000.00' });
  });

  it('are changed once where two change them at the same time: the second is told that what they saw is past', async () => {
    const id = 'day-amount-SEK';
    const both: Payload[] = await world.atOnce('limit_definition', 4, (index) => setLimit(id, { amount: money('500.00', 'SEK') }, index % 2 ? ada! : bob!));
    expect(both.map(codeOf).sort()).toEqual(['NOT_ALLOWED', 'NOT_ALLOWED', 'NOT_ALLOWED', 'OK']);
    expect(both.find((one) => !one.limit).userErrors[0]).toMatchObject({ field: ['input', 'expectedVersion'], message: 'Somebody changed this meanwhile. Read it again.' });
    // A raise that was asked for before is not carried out on another footing either.
    const { approval } = await requestRaise(id, { expectedVersion: 2, amount: money('900.00', 'SEK') });
    expect(codeOf(await setLimit(id, { expectedVersion: 2, amount: money('400.00', 'SEK') }))).toBe('OK');
    expect(codeOf(await staff.approve(bob!, approval))).toBe('NOT_ALLOWED');
    expect(await limitOf(id)).toMatchObject({ newestVersion: 3 });
  });

  it('refuse what they are not: another currency, a count for an amount, a reason that says nothing, an unknown name', async () => {
    const id = 'day-amount-NOK';
    const fields = async (change: object, of = id) => (await setLimit(of, change)).userErrors.map(({ code, field }: Payload) => `${code} ${field.join('.')}`);
    expect(await fields({ amount: money('1.00', 'USD') })).toEqual(['CURRENCY_MISMATCH input.amount.currency']);
    expect(await fields({ count: 1 })).toEqual(['INVALID_INPUT input.amount']);
    expect(await fields({})).toEqual(['INVALID_INPUT input.amount']);
    expect(await fields({ amount: money('-0.01', 'NOK') })).toEqual(['INVALID_INPUT input.amount']);
    expect(await fields({ amount: money('1.00', 'NOK'), reason: ' ' })).toEqual(['INVALID_INPUT input.reason']);
    expect(await fields({ amount: money('1.00', 'NOK') }, 'x\u0000')).toEqual(['NOT_FOUND input.limitId']);
    expect(await fields({ amount: money('1.00', 'NOK'), effectiveFrom: '2020-01-01T00:00:00Z' })).toEqual(['INVALID_INPUT input.effectiveFrom']);
    expect(codeOf(await requestRaise(id, { amount: money('1.00', 'NOK') }))).toBe('NOT_ALLOWED');
    expect(codeOf(await requestRaise('day-count', { amount: money('1.00', 'NOK') }))).toBe('INVALID_INPUT');
    expect(codeOf(await requestRaise('x\u0000', { amount: money('1.00', 'NOK') }))).toBe('NOT_FOUND');
    expect(await limitOf(id)).toMatchObject({ newestVersion: 1 });
    expect(await fields({ count: 2_000 }, 'day-count')).toEqual([]);
  });

  it('bound cashiers and step-ups by the version in force', async () => {
    const shops = merchantsOf(world);
    const [shop, payer] = [await shops.shop(), await shops.payer('100.00')];
    const paid = await shops.pay(payer, shop, 5_000n);
    const refund = (amount: string) => world.ask(
      'mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) { userErrors { code } } }',
      { input: { transactionId: paid, amount: money(amount, 'USD'), idempotencyKey: randomUUID() } }, shop.cashier.as,
    ).then(({ data }) => codeOf(data.refundPayment));
    expect(await refund('2.00')).toBe('OK');
    expect(codeOf(await setLimit('cashier-refund-USD', { amount: money('3.00', 'USD') }))).toBe('OK');
    expect(codeOf(await setLimit('step-up-ISK', { amount: money('7', 'ISK') }))).toBe('OK');
    await world.moveClock(16_000);
    expect(await refund('1.01')).toBe('LIMIT_EXCEEDED');
    expect(await refund('1.00')).toBe('OK');
    // An instance that has just started: others look once a minute.
    const stepUps = new StepUpService({ dataSource: world.dataSource, sealer: world.app.services.sealer, now: world.now });
    expect(await stepUps.concerns({ minor: 7n, currency: currencyCode('ISK') })).toBe(false);
    expect(await stepUps.concerns({ minor: 8n, currency: currencyCode('ISK') })).toBe(true);
  });

  it('are a fence of the database too: no version is changed, removed, or begins before it was entered', async () => {
    await expect(world.rows('UPDATE limit_definition SET cap = cap + 1')).rejects.toMatchObject({ driverError: { code: '42501' } });
    await expect(world.asOwner('UPDATE limit_definition SET cap = cap + 1')).rejects.toThrow('append-only');
    const enter = (seconds: number) => world.asOwner(
      `INSERT INTO limit_definition (id, version, currency, kinds, measure, "window", cap, "effectiveFrom", "enteredAt")
       VALUES ('top-up-amount-JPY', 2, 'JPY', '{TOP_UP}', 'AMOUNT', 'TRANSACTION', 5, now() + make_interval(secs => $1), now())`, [seconds],
    );
    await expect(enter(9)).rejects.toMatchObject({ constraint: 'limit_definition_notice' });
  });
});

describe('fee schedules', () => {
  const scheduleOf = async (kind: string, currency: string): Promise<Payload> => {
    for (let after: string | null = null; ;) {
      const { data } = await world.ask(FEES, { kind, after }, bob!.as);
      const found = data.feeSchedules.edges.find(({ node }: Payload) => node.currency === currency);
      if (found) return found.node;
      after = data.feeSchedules.pageInfo.endCursor;
      if (!data.feeSchedules.pageInfo.hasNextPage) return undefined;
    }
  };
  const setFee = async (currency: string, change: object = {}, by = ada!): Promise<Payload> => {
    const input = {
      kind: 'PAYMENT', currency, expectedVersion: 1, rateBasisPoints: 50, minimum: money('0.05', currency), maximum: money('4.00', currency),
      reason: 'Spring offer', ...change,
    };
    const { data, errors } = await world.ask(SET_FEE, { input }, by.as);
    if (errors) throw new Error(JSON.stringify(errors));
    return data.setFeeSchedule;
  };
  async function quoteIn(currency: string): Promise<() => Promise<Payload>> {
    const payer = await world.signUp({ currency });
    const { merchantId } = await merchantsOf(world).shop();
    return async () => (await world.ask(
      `query ($input: PaymentQuoteInput!) { paymentQuote(input: $input) { quote { fee { amount } validUntil } userErrors { code } } }`,
      { input: { walletId: payer.walletId, merchantId, amount: money('10.00', currency) } }, payer.as,
    )).data.paymentQuote.quote;
  }

  it('are shown to operators and to nobody else', async () => {
    expect(await scheduleOf('WITHDRAWAL', 'ZMW')).toMatchObject({
      id: 'WITHDRAWAL-ZMW', newestVersion: 1, current: { rateBasisPoints: 50, minimum: { amount: '0.25' }, maximum: { amount: '2.50', currency: 'ZMW' } },
    });
    const customer = await world.signUp();
    expect((await world.ask(FEES, {}, customer.as)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  it('begin after all that was quoted before, and what was charged is explained by the version of then', async () => {
    const quote = await quoteIn('CHF');
    expect(await quote()).toMatchObject({ fee: { amount: '0.10' } });
    const { schedule } = await setFee('CHF');
    expect(schedule).toMatchObject({ newestVersion: 2, current: { rateBasisPoints: 100 }, versions: [{ rateBasisPoints: 50, enteredBy: ada!.id }, { rateBasisPoints: 100 }] });
    const begins = new Date(schedule.versions[0].effectiveFrom);
    const before = await quote();
    expect(before.fee.amount).toBe('0.10');
    expect(new Date(before.validUntil).getTime()).toBeLessThanOrEqual(begins.getTime());
    await world.moveClock(6 * 60_000 + 1_000);
    expect(await quote()).toMatchObject({ fee: { amount: '0.05' } });
    const { auditTrail } = await scheduleOf('PAYMENT', 'CHF');
    expect(auditTrail.edges).toHaveLength(1);
    expect(auditTrail.edges[0].node).toMatchObject({ actorId: ada!.id, action: 'FEE_SCHEDULE_SET', reason: 'Spring offer' });
    expect(JSON.parse(auditTrail.edges[0].node.before)).toMatchObject({ rateBasisPoints: 100, minimum: '0.10', maximum: '5.00' });
    expect(JSON.parse(auditTrail.edges[0].node.after)).toMatchObject({ rateBasisPoints: 50, minimum: '0.05', maximum: '4.00' });
  });

  it('that are dearer come an hour later, and a slip is put right before it costs somebody', async () => {
    const quote = await quoteIn('DKK');
    const slip = { rateBasisPoints: 1_000 };
    expect(await setFee('DKK', { ...slip, effectiveFrom: new Date(world.now().getTime() + 50 * 60_000).toISOString() })).toMatchObject({
      schedule: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'effectiveFrom'] }],
    });
    expect(codeOf(await setFee('DKK', slip))).toBe('OK');
    const back = { expectedVersion: 2, rateBasisPoints: 100, minimum: money('0.10', 'DKK'), maximum: money('5.00', 'DKK'), reason: 'A slip' };
    expect(codeOf(await setFee('DKK', back, bob!))).toBe('OK');
    await world.moveClock(61 * 60_000);
    expect(await quote()).toMatchObject({ fee: { amount: '0.10' } });
    expect(await scheduleOf('PAYMENT', 'DKK')).toMatchObject({ newestVersion: 3, current: { rateBasisPoints: 100 } });
  });

  it('are changed once where two change them at the same time', async () => {
    const both = await Promise.all([ada!, bob!].map((by) => setFee('SEK', {}, by)));
    expect(both.map(codeOf).sort()).toEqual(['NOT_ALLOWED', 'OK']);
    expect(await scheduleOf('PAYMENT', 'SEK')).toMatchObject({ newestVersion: 2 });
  });

  it('refuse what is beyond their bounds, by field', async () => {
    const fields = async (change: object) => (await setFee('NOK', change)).userErrors.map(({ code, field }: Payload) => `${code} ${field.join('.')}`);
    expect(await fields({ rateBasisPoints: 1_001, minimum: money('-1.00', 'NOK'), maximum: money('101.00', 'NOK') })).toEqual([
      'INVALID_INPUT input.rateBasisPoints', 'INVALID_INPUT input.minimum', 'INVALID_INPUT input.maximum',
    ]);
    expect(await fields({ minimum: money('1.00', 'USD') })).toEqual(['CURRENCY_MISMATCH input.minimum.currency']);
    expect(await fields({ reason: '' })).toEqual(['INVALID_INPUT input.reason']);
    expect(await scheduleOf('PAYMENT', 'NOK')).toMatchObject({ newestVersion: 1 });
  });

  it('charge withdrawals by the one entered last of those that have begun', async () => {
    const holder = await bank.holder();
    const feeOf = async (key: string): Promise<string> => (await bank.withdraw(holder, '10.00', key)).transaction.fee.amount;
    expect(await feeOf('w-1')).toBe('0.25');
    const set = { kind: 'WITHDRAWAL', rateBasisPoints: 10, minimum: money('0.01', 'USD'), maximum: money('1.00', 'USD') };
    const later = new Date(world.now().getTime() + 20 * 60_000).toISOString();
    expect(codeOf(await setFee('USD', { ...set, effectiveFrom: later, rateBasisPoints: 20 }))).toBe('OK');
    expect(codeOf(await setFee('USD', { ...set, expectedVersion: 2 }))).toBe('OK');
    await world.moveClock(7 * 60_000);
    expect(await feeOf('w-2')).toBe('0.01');
    await world.moveClock(20 * 60_000);
    expect(await feeOf('w-3')).toBe('0.01');
  });
});
