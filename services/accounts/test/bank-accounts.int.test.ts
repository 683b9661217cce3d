import { BANK_IBANS, ibanOf } from '@tael/sandbox';
import { ACCOUNTS_A_DAY, ACCOUNTS_WAITING_MAX, MANDATES_A_DAY } from '../src/bank-accounts/bank-account.domain';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { ADD_ACCOUNT, bankOf, CONFIRM } from './support/bank-world';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_bank_accounts');
  bank = bankOf(world);
});
afterAll(() => world.end());

const add = (person: NewPerson, iban: string, holderName = 'Ada Lovelace') =>
  world.ask(ADD_ACCOUNT, { input: { iban, holderName } }, person.as).then(({ data }) => data.addBankAccount);
const eur = (amount: string) => ({ amount, currency: 'EUR' });
const confirm = (person: NewPerson, paymentMethodId: string, amounts: object[]) =>
  world.ask(CONFIRM, { input: { paymentMethodId, amounts } }, person.as).then(({ data, errors }) => data?.confirmBankAccount ?? errors);
const RIGHT = [eur('0.45'), eur('0.32')];
const WRONG = [eur('0.01'), eur('0.02')];

it('is a payment method by its last signs, and its number stands nowhere', async () => {
  const person = await world.signUp();
  const { paymentMethod, userErrors } = await add(person, 'DE89 3704 0044 0532 0130 00', 'Canary Holder');
  expect(userErrors).toEqual([]);
  expect(paymentMethod).toMatchObject({ kind: 'BANK_ACCOUNT', brand: 'Sandbox Bank', last4: '3000', status: 'ACTIVE', expiryMonth: null });
  const { data } = await world.ask('{ viewer { paymentMethods { id kind status } } }', {}, person.as);
  expect(data.viewer.paymentMethods).toEqual([{ id: paymentMethod.id, kind: 'BANK_ACCOUNT', status: 'ACTIVE' }]);
  expect(await world.dump()).not.toMatch(/37040044|Canary Holder|mnd_/);
  expect(world.log()).not.toMatch(/37040044|Canary Holder|mnd_/);
  expect((await world.events('bank-account.added')).filter(({ personId }) => personId === person.id)).toMatchObject([
    { paymentMethodId: paymentMethod.id, bankName: 'Sandbox Bank', last4: '3000' },
  ]);
});

it('again is the same payment method, for one person, also where twenty come at once', async () => {
  const [person, other] = [await world.signUp(), await world.signUp()];
  const ids = (await Promise.all(Array.from({ length: 20 }, () => add(person, 'DE89370400440532013000')))).map(({ paymentMethod }) => paymentMethod.id);
  expect(new Set(ids).size).toBe(1);
  expect((await add(other, 'DE89370400440532013000')).paymentMethod.id).not.toBe(ids[0]);
  expect((await add(person, BANK_IBANS.slow)).paymentMethod.id).not.toBe(ids[0]);
});

it.each([
  [{ iban: 'DE88370400440532013000' }, 'iban'], [{ iban: 'GB29NWBK6016133192681' }, 'iban'], [{ iban: "'; --" }, 'iban'],
  [{ iban: BANK_IBANS['unknown-account'] }, 'iban'], [{ holderName: ' ' }, 'holderName'],
])('%j is refused', async (change, field) => {
  const person = await world.signUp();
  const input = { iban: 'DE89370400440532013000', holderName: 'Ada', ...change };
  const { data } = await world.ask(ADD_ACCOUNT, { input }, person.as);
  expect(data.addBankAccount).toMatchObject({ paymentMethod: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', field] }] });
  expect(JSON.stringify(data)).not.toContain('37040044');
});

it('a bank that does not answer is a passing fault, and tells nothing of itself or the account', async () => {
  const away = await startPeopleWorld('accounts_bank_away', { BANK_URL: 'http://127.0.0.1:9' });
  try {
    const person = await away.signUp();
    const answer = await away.ask(ADD_ACCOUNT, { input: { iban: 'DE89370400440532013000', holderName: 'Ada' } }, person.as);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|ECONN|3704/);
    expect(away.log()).toContain('the bank does not answer');
  } finally {
    await away.end();
  }
});

describe('how many', () => {
  const code = ({ paymentMethod, userErrors }: { paymentMethod: unknown; userErrors: { code: string; message: string; field: string[] }[] }) =>
    (paymentMethod ? 'OK' : userErrors.map((error) => `${error.code} ${error.field.join('.')}`).join());
  /** Accounts of one person, of which each is another; all wait for their deposits where the last two digits are 11. */
  const iban = (index: number, ending: string): string => ibanOf('DE', `37040044053201${String(index).padStart(2, '0')}${ending}`);

  it('somebody may add in a day is bounded, also where all come at once; one that is there is no new one', async () => {
    const person = await world.signUp();
    const answers = (await Promise.all(Array.from({ length: ACCOUNTS_A_DAY + 4 }, (_none, index) => add(person, iban(index, '00'))))).map(code).sort();
    expect(answers).toEqual([...Array(4).fill('LIMIT_EXCEEDED input.iban'), ...Array(ACCOUNTS_A_DAY).fill('OK')]);
    const [oldest] = await world.rows(`SELECT id, last4 FROM payment_method WHERE "personId" = $1 ORDER BY id LIMIT 1`, [person.id]);
    const numbers = Array.from({ length: ACCOUNTS_A_DAY + 4 }, (_none, index) => iban(index, '00'));
    const same = await Promise.all(numbers.filter((number) => number.endsWith(String(oldest!['last4']))).map((number) => add(person, number)));
    expect(same.map(({ paymentMethod }) => paymentMethod.id)).toEqual([oldest!['id']]);
    await world.rows(`UPDATE payment_method SET "createdAt" = "createdAt" - interval '25 hours' WHERE "personId" = $1 RETURNING id`, [person.id]);
    expect(code(await add(person, iban(90, '00')))).toBe('OK');
  });

  it('may wait for their deposits is bounded; one that is verified makes room', async () => {
    const person = await world.signUp();
    const answers = await Promise.all(Array.from({ length: ACCOUNTS_WAITING_MAX + 2 }, (_none, index) => add(person, iban(index, '11'))));
    expect(answers.map(code).sort()).toEqual([...Array(2).fill('LIMIT_EXCEEDED input.iban'), ...Array(ACCOUNTS_WAITING_MAX).fill('OK')]);
    expect(code(await add(person, iban(20, '00')))).toBe('LIMIT_EXCEEDED input.iban');
    const { paymentMethod } = answers.find((answer) => answer.paymentMethod)!;
    expect(await confirm(person, paymentMethod.id, RIGHT)).toMatchObject({ paymentMethod: { status: 'ACTIVE' } });
    expect(code(await add(person, iban(20, '11')))).toBe('OK');
  });

  it('numbers the bank is asked about for somebody is bounded, also where it knows none of them', async () => {
    const person = await world.signUp();
    const { paymentMethod } = await add(person, iban(0, '00'));
    const answers: string[] = [];
    for (let index = 1; index < MANDATES_A_DAY + 2; index++) answers.push(code(await add(person, iban(index, '12'))));
    expect(answers.filter((answer) => answer === 'INVALID_INPUT input.iban')).toHaveLength(MANDATES_A_DAY - 1);
    expect(answers.slice(-2)).toEqual(['LIMIT_EXCEEDED input.iban', 'LIMIT_EXCEEDED input.iban']);
    // Of one that is known the bank is not asked.
    expect((await add(person, iban(0, '00'))).paymentMethod).toEqual(paymentMethod);
  });
});

describe('an account that is verified by two small deposits', () => {
  async function waiting(): Promise<NewPerson & { accountId: string }> {
    const person = await world.signUp();
    await bank.fund(person, '100.00');
    const { paymentMethod } = await add(person, BANK_IBANS.deposits);
    expect(paymentMethod.status).toBe('PENDING_VERIFICATION');
    return { ...person, accountId: paymentMethod.id };
  }

  it('moves nothing until both are named', async () => {
    const person = await waiting();
    for (const refused of [await bank.withdraw(person, '10.00', 'w'), await bank.topUp(person, '10.00', 't')]) {
      expect(refused).toMatchObject({ transaction: null, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'paymentMethodId'] }] });
    }
    expect(await bank.orders(person)).toEqual([]);
    expect(await confirm(person, person.accountId, RIGHT)).toMatchObject({ paymentMethod: { status: 'ACTIVE' }, userErrors: [] });
    expect(await confirm(person, person.accountId, WRONG)).toMatchObject({ paymentMethod: { status: 'ACTIVE' }, userErrors: [] });
    expect((await bank.topUp(person, '10.00', 't2')).transaction.status).toBe('SETTLED');
  });

  it('is closed after three wrong answers, also where nine come at once, and the right one is not heard any more', async () => {
    const person = await waiting();
    const answers = await Promise.all(Array.from({ length: 9 }, () => confirm(person, person.accountId, WRONG)));
    const codes = answers.map(({ userErrors }) => userErrors[0].code);
    expect(codes.filter((code) => code === 'WRONG_CODE')).toHaveLength(3);
    expect(codes.filter((code) => code === 'NOT_ALLOWED')).toHaveLength(6);
    expect(await confirm(person, person.accountId, RIGHT)).toMatchObject({ paymentMethod: null, userErrors: [{ code: 'NOT_ALLOWED' }] });
    expect((await add(person, BANK_IBANS.deposits)).paymentMethod).toMatchObject({ id: person.accountId, status: 'REJECTED' });
    expect((await bank.withdraw(person, '10.00', 'w')).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  });

  /** What the holders of accounts saw arrive, the newest first. */
  const arrived = async (): Promise<{ currency: string; amounts: [string, string] }[]> => {
    const answer = await fetch(`${world.sandbox.url}/bank/deposits`);
    return ((await answer.json()) as { deposits: never[] }).deposits;
  };
  const named = ({ currency, amounts }: { currency: string; amounts: readonly string[] }) =>
    amounts.map((minor) => ({ currency, amount: `0.${minor.padStart(2, '0')}` }));

  it('is one mandate, with one pair of deposits, however often somebody whose answer was lost asks again', async () => {
    const person = await world.signUp();
    const before = (await arrived()).length;
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => add(person, BANK_IBANS['drawn-deposits'])));
    const again = await add(person, BANK_IBANS['drawn-deposits']);
    for (const { paymentMethod } of [...others, again]) expect(paymentMethod).toEqual(first.paymentMethod);
    const pairs = await arrived();
    expect(pairs.length - before).toBe(1);
    expect(await confirm(person, first.paymentMethod.id, named(pairs[0]!))).toMatchObject({ paymentMethod: { status: 'ACTIVE' }, userErrors: [] });
    const other = await world.signUp();
    await add(other, BANK_IBANS['drawn-deposits']);
    expect((await arrived()).length - before).toBe(2);
  });

  it('is verified after two wrong answers by a third that is right', async () => {
    const person = await waiting();
    for (let n = 0; n < 2; n++) expect((await confirm(person, person.accountId, WRONG)).userErrors).toMatchObject([{ code: 'WRONG_CODE' }]);
    expect(await confirm(person, person.accountId, RIGHT)).toMatchObject({ paymentMethod: { status: 'ACTIVE' } });
  });

  it.each<[string, object[], string]>([
    ['one amount', [eur('0.32')], 'INVALID_INPUT'], ['three', [eur('0.32'), eur('0.45'), eur('0.01')], 'INVALID_INPUT'],
    ['two currencies', [eur('0.32'), { amount: '0.45', currency: 'USD' }], 'INVALID_INPUT'], ['nothing', [eur('0'), eur('0.45')], 'INVALID_INPUT'],
    ['no amounts', [eur('x'), eur('0.45')], 'INVALID_INPUT'],
  ])('%s costs no try', async (_what, amounts, code) => {
    const person = await waiting();
    expect((await confirm(person, person.accountId, amounts)).userErrors).toMatchObject([{ code }]);
    expect(await world.rows('SELECT confirmations FROM payment_method WHERE id = $1', [person.accountId])).toEqual([{ confirmations: 0 }]);
  });

  it("of somebody else's, or a card, looks like one that does not exist", async () => {
    const [person, other] = [await waiting(), await world.signUp()];
    for (const id of [person.accountId, '019aa000-0000-7000-8000-000000000000', 'none']) {
      expect(await confirm(other, id, RIGHT)).toMatchObject({ paymentMethod: null, userErrors: [{ code: 'NOT_FOUND' }] });
    }
    const [card] = await world.rows(`SELECT id FROM payment_method WHERE "personId" = $1 AND kind = 'CARD'`, [person.id]);
    expect((await confirm(person, String(card!['id']), RIGHT)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });
});
