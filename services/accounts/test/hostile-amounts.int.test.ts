import { randomUUID } from 'node:crypto';
import { writeTaelCode } from '@tael/emvco';
import { currencyCode } from '@tael/money';
import { v7 as uuidv7 } from 'uuid';
import { type Answer, type Asker, type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf } from './support/bank-world';
import { merchantsOf } from './support/merchant-world';
import { AMOUNT_PLACES, type AmountPlace, withAt } from './support/money-inputs';
import { operatorsOf } from './support/operators';
import { day } from './support/reconciliation-world';
import { secondFactorOf } from './support/second-factor';

// A6: numbers that are none, too large, too fine or of another currency, wherever the schema takes an amount. They are refused by name, and leave nothing.
const NONE_ANYWHERE = [
  '', ' ', ' 1.00', '1.00 ', '1 000', '1\u00a0000', '1,00', '1,000.00', '1_000', '.5', '5.', '01', '00.50', '--1', '+-1', '-', '1.0.0', '1/2', '$1', 'one', 'null', 'true',
  '1e3', '1E3', '1e309', '-1e309', '1e-2', '0x10', '0b1', '1n', 'NaN', 'Infinity', '-Infinity', '\u0661\u0662', '\uff11\uff12', '\u0967', '\u2160', '\u2212' + '1.00', '1\u06656',
  '1.00\u0000', '1.00\n', '\ufeff1.00', '1\u202e00', '0.001', '1.000', '1.00000000000000000000000000000001', '9007199254740993', '9223372036854775808', '-9223372036854775809',
  '18446744073709551616', '10000000000000.01', '-10000000000000.01', '9'.repeat(31), '9'.repeat(64), '9'.repeat(65), "1'; DROP TABLE account; --",
];
/** Numbers, but none that anybody can pay; balances of a bank may be signed. */
const SIGNED = ['+1', '-1.00', '-0.01', '-10000000000000.00'];
const ZERO = ['0', '0.00', '-0', '-0.00'];
/** What JSON has in place of a text. */
const NO_TEXT = [1, 12.5, 0, -1, 2 ** 53, 1e300, true, false, null, {}, [], ['1.00', '2.00'], { amount: '1.00' }];
const CURRENCIES = ['EUR', 'JPY', 'KWD', 'usd', 'XXX', 'XAU', 'US', 'USDD', '', ' USD', '\uff35\uff33\uff24', '840', '__proto__'];

interface Operation {
  readonly as: Asker;
  readonly input: Record<string, unknown>;
  /** What of the numbers above means something here. */
  readonly takes?: readonly ('ZERO' | 'SIGNED' | 'ANY_CURRENCY')[];
}

let world: PeopleWorld;
let operations: Record<string, Operation>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_hostile_amounts');
  operations = await goodOperations();
}, 120_000);
afterAll(() => world.end());

const usd = (amount = '1.00') => ({ amount, currency: 'USD' });
const why = () => ({ reason: 'It was agreed', idempotencyKey: randomUUID() });

/** Each operation that takes an amount, with an input that is accepted. */
async function goodOperations(): Promise<Record<string, Operation>> {
  const [bank, shops, staff, factor] = [bankOf(world), merchantsOf(world), operatorsOf(world), secondFactorOf(world)];
  const [ada, friend, careful] = [await staff.operator(), await world.signUp(), await factor.enrolled()];
  const payer = await bank.holder('settle', '500.00');
  const [{ id: cardId }] = (await world.ask('{ viewer { paymentMethods { id kind } } }', {}, payer.as)).data.viewer.paymentMethods
    .filter(({ kind }: { kind: string }) => kind === 'CARD');
  const owing = await shops.owing(payer, 1_000n);
  shops.today();
  const [shop, waiting] = [await shops.shop(), await shops.shop()];
  const payments = [await shops.pay(payer, shop, 5_000n), await shops.pay(payer, shop, 5_000n)];
  await shops.setAccount(shop);
  await shops.fold();
  await shops.closeNow(shop);
  await shops.setAccount(waiting, 'deposits');
  const unverified = await bank.account(payer, 'deposits');
  const debtor = await bank.debtor('25.00');
  const debtId = (await bank.orders(debtor)).find(({ owed }) => owed > 0n)!.id;
  const code = writeTaelCode({
    merchantId: shop.merchantId, storeId: uuidv7(), categoryCode: '5812', currency: currencyCode('USD'), country: 'US', name: 'Shop', city: 'Town',
  });
  return {
    ...operatorOperations({ ada, walletId: friend.walletId, merchantId: shop.merchantId, debtId, owingId: owing.merchantId }),
    ...personOperations({ payer, friend, careful, cardId, merchantId: shop.merchantId }),
    payByQr: { as: payer.as, input: { walletId: payer.walletId, payload: code, amount: usd(), idempotencyKey: randomUUID() } },
    refundPayment: { as: shop.manager.as, input: { transactionId: payments[0], amount: usd(), idempotencyKey: randomUUID() } },
    openDispute: { as: payer.as, input: { transactionId: payments[1], reason: 'NOT_RECEIVED', description: 'It never came', amount: usd() } },
    confirmBankAccount: { as: payer.as, input: { paymentMethodId: unverified, amounts: DEPOSITS } },
    confirmPayoutAccount: { as: waiting.owner.as, input: { merchantId: waiting.merchantId, amounts: DEPOSITS } },
  };
}

const DEPOSITS = [{ amount: '0.45', currency: 'EUR' }, { amount: '0.32', currency: 'EUR' }];

interface Owed {
  readonly ada: NewPerson;
  readonly walletId: string;
  readonly merchantId: string;
  readonly debtId: string;
  readonly owingId: string;
}

function operatorOperations({ ada, walletId, merchantId, debtId, owingId }: Owed): Record<string, Operation> {
  const file = { currency: 'USD', from: day(-1), to: day(), openingBalance: '0.00', closingBalance: '1.00', reason: 'The daily file' };
  return {
    requestManualAdjustment: { as: ada.as, input: { walletId, direction: 'CREDIT', amount: usd(), ...why() } },
    requestDebtWriteOff: { as: ada.as, input: { debtId, amount: usd(), ...why() } },
    requestMerchantWriteOff: { as: ada.as, input: { merchantId: owingId, amount: usd(), ...why() } },
    requestPayoutByHand: { as: ada.as, input: { merchantId, amount: usd(), ...why() } },
    setMerchantTerms: {
      as: ada.as, takes: ['ZERO', 'ANY_CURRENCY'],
      input: { merchantId, feeBasisPoints: 100, feePerPayment: usd('0.05'), reserveBasisPoints: 0, reserveDays: 0, reason: 'By contract' },
    },
    setFeeSchedule: {
      as: ada.as, takes: ['ZERO'],
      input: { kind: 'PAYMENT', currency: 'USD', expectedVersion: 1, rateBasisPoints: 50, minimum: usd('0.00'), maximum: usd('4.00'), reason: 'Spring offer' },
    },
    setLimit: { as: ada.as, takes: ['ZERO'], input: { limitId: 'day-amount-USD', expectedVersion: 1, amount: usd('500.00'), reason: 'Fraud' } },
    requestLimitRaise: { as: ada.as, input: { limitId: 'transaction-amount-USD', expectedVersion: 1, amount: usd('20000.00'), ...why() } },
    openBankFile: { as: ada.as, takes: ['ZERO', 'SIGNED'], input: { reference: randomUUID(), ...file } },
    reconcileBankFile: {
      as: ada.as, takes: ['ZERO', 'SIGNED'], input: { ...file, csv: `booking_id,reference,kind,amount,booked_on\nb1,fee,BOOKED,1.00,${day()}` },
    },
  };
}

interface People {
  readonly payer: NewPerson & { readonly accountId: string };
  readonly friend: NewPerson;
  /** Has a second factor. */
  readonly careful: NewPerson;
  readonly cardId: string;
  readonly merchantId: string;
}

function personOperations({ payer, friend, careful, cardId, merchantId }: People): Record<string, Operation> {
  const { walletId } = payer;
  const own = { walletId: careful.walletId, amount: usd() };
  return {
    paymentQuote: { as: payer.as, input: { walletId, merchantId, amount: usd() } },
    payMerchant: { as: payer.as, input: { walletId, merchantId, amount: usd(), idempotencyKey: randomUUID() } },
    sendMoney: { as: payer.as, input: { walletId, recipientEmail: friend.email, amount: usd(), idempotencyKey: randomUUID() } },
    topUp: { as: payer.as, input: { walletId, paymentMethodId: cardId, amount: usd(), idempotencyKey: randomUUID() } },
    withdraw: { as: payer.as, input: { walletId, paymentMethodId: payer.accountId, amount: usd(), idempotencyKey: randomUUID() } },
    'requestStepUp payment': { as: careful.as, takes: ['ANY_CURRENCY'], input: { purpose: 'PAY_MERCHANT', payment: { ...own, merchantId } } },
    'requestStepUp transfer': { as: careful.as, takes: ['ANY_CURRENCY'], input: { purpose: 'SEND_MONEY', transfer: { ...own, recipientEmail: friend.email } } },
    'requestStepUp withdrawal': { as: careful.as, takes: ['ANY_CURRENCY'], input: { purpose: 'WITHDRAW', withdrawal: { ...own, paymentMethodId: payer.accountId } } },
  };
}

const operationOf = ({ operation, path }: AmountPlace): Operation | undefined => operations[operation] ?? operations[`${operation} ${path[1]}`];
const inputWith = ({ input }: Operation, path: AmountPlace['path'], value: unknown): unknown => withAt(input, path.slice(1), value);
/** Sends it as something new: what is refused by what stands in the books is kept under its key. */
function send({ operation, kind, inputType }: AmountPlace, { as }: Operation, given: unknown): Promise<Answer> {
  const input = { ...(given as object), ...('idempotencyKey' in (given as object) ? { idempotencyKey: randomUUID() } : {}) };
  return world.ask(`${kind} ($input: ${inputType}!) { done: ${operation}(input: $input) { userErrors { code field } } }`, { input }, as);
}
/** All that stands in the tables but the refusals that are kept, and the rows by which payments are locked. */
async function kept(): Promise<string> {
  const tables = await world.rows(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT IN ('idempotency', 'refund_guard')`,
  );
  const texts = await Promise.all(tables.map(({ name }) => world.rows(`SELECT t::text AS text FROM "${String(name)}" t`)));
  return texts.flat().map(({ text }) => text).join('\n');
}

/** How an answer refuses: INVALID_INPUT at the place, BAD_USER_INPUT of the whole, or what it is that it should not be. */
function refusalOf({ data, errors }: Answer, path: readonly (string | number)[]): string {
  if (errors) return String(errors[0]!.extensions['code']);
  const [first]: { code: string; field: string[] }[] = data.done.userErrors;
  if (!first) return 'ACCEPTED';
  const named = (first.field ?? []).every((part, index) => index >= path.length || part === String(path[index]));
  return named ? first.code : `${first.code} at ${first.field.join('.')}`;
}

it('stands for every place where the schema takes an amount, and for no other', () => {
  expect(AMOUNT_PLACES.filter((place) => !operationOf(place)).map(({ operation, path }) => `${operation} ${path.join('.')}`)).toEqual([]);
  const known = new Set(AMOUNT_PLACES.map(({ operation }) => operation));
  expect(Object.keys(operations).filter((name) => !known.has(name.split(' ')[0]!))).toEqual([]);
  expect(AMOUNT_PLACES.length).toBeGreaterThan(20);
});

describe.each(AMOUNT_PLACES.map((place) => [`${place.operation} ${place.path.join('.')}`, place] as const))('%s', (_name, place) => {
  const { path } = place;

  it('A6: refuses what is no amount, of which nothing is left anywhere', async () => {
    const good = operationOf(place)!;
    const before = await world.dump();
    const hostile: unknown[] = [...NONE_ANYWHERE, ...NO_TEXT];
    if (!good.takes?.includes('SIGNED')) hostile.push(...SIGNED);
    if (!good.takes?.includes('ZERO')) hostile.push(...ZERO);
    const answers: [unknown, string][] = [];
    for (const value of hostile) answers.push([value, refusalOf(await send(place, good, inputWith(good, path, value)), path)]);
    const asText = (value: unknown) => typeof value === 'string' && value.length <= 64;
    expect(answers.filter(([value, refusal]) => refusal !== (asText(value) ? 'INVALID_INPUT' : 'BAD_USER_INPUT'))).toEqual([]);
    expect(await world.dump()).toBe(before);
  }, 60_000);

  if (place.isMoney) {
    it('A6: refuses another currency than its own, and what is none', async () => {
      const good = operationOf(place)!;
      const before = await kept();
      const at = [...path.slice(0, -1), 'currency'];
      const own = path.slice(1, -1).reduce((inner: unknown, part) => (inner as Record<string, unknown>)[part], good.input) as { currency: string };
      const answers: [string, string][] = [];
      for (const currency of CURRENCIES.filter((one) => one !== own.currency)) {
        if (good.takes?.includes('ANY_CURRENCY') && /^(EUR|JPY|KWD)$/.test(currency)) continue;
        // Of a currency without fractions it may be the amount that does not fit; a shop may have nothing in that currency.
        answers.push([currency, refusalOf(await send(place, good, inputWith(good, at, currency)), path.slice(0, -1))]);
      }
      expect(answers.filter(([, refusal]) => !/^(INVALID_INPUT|CURRENCY_MISMATCH|BAD_USER_INPUT|NOT_ALLOWED at input.merchantId)$/.test(refusal))).toEqual([]);
      expect(await kept()).toBe(before);
    });
  }
});

it('A6: numbers that are written into the document are refused, too', async () => {
  const { as, input } = operations['sendMoney']!;
  for (const literal of ['1', '1.00', '1e309', '-1', '9007199254740993', 'NaN', 'Infinity', 'null', '""', '" 1"', '[]', '{}', '$unset']) {
    const { data, errors } = await world.ask(
      `mutation { done: sendMoney(input: { walletId: "${String(input['walletId'])}", recipientEmail: "x@example.com", amount: { amount: ${literal}, currency: "USD" }, idempotencyKey: "k" }) { userErrors { code } } }`, {}, as,
    );
    expect([literal, errors ? errors[0]!.extensions['code'] : data.done.userErrors[0]?.code]).toEqual([literal, expect.stringMatching(/^(BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|INVALID_INPUT)$/)]);
  }
});

// What was refused above was refused for its amount: with a good one each of them goes through. Last, since these leave something.
it('takes each of these operations with a good amount', async () => {
  const answers: [string, unknown][] = [];
  const done = new Set<Operation>();
  for (const place of AMOUNT_PLACES) {
    const good = operationOf(place)!;
    if (done.has(good)) continue;
    done.add(good);
    const { data, errors } = await send(place, good, good.input);
    answers.push([place.path.join('.') + ' of ' + place.operation, errors ?? data.done.userErrors]);
  }
  expect(answers.filter(([, refusals]) => JSON.stringify(refusals) !== '[]')).toEqual([]);
});
