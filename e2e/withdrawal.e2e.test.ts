import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { addBankAccount, balanceOf, inboxOf, must, newFundedPerson, newPerson, type Person } from './world';

// Accounts at the sandbox bank, by what happens there.
const SETTLES = 'DE89370400440532013000';
const SETTLES_LATER = 'DE62370400440532013001';
const IS_CLOSED = 'DE24370400440532013006';
const RETURNS = 'DE94370400440532013007';
/** Banks that misbehave, and settle all the same: what was asked for is in the end there once. */
const MISBEHAVE = [
  ['answers late', 'DE35370400440532013002'], ['tells twice', 'DE08370400440532013003'], ['cuts the connection, and has taken nothing', 'DE78370400440532013004'],
  ['cuts the connection, and has taken it', 'DE51370400440532013005'], ['never answers, and tells by its statement alone', 'DE40370400440532013009'],
] as const;
const ASKS_FOR_DEPOSITS = 'DE83370400440532013011';

const RESULT = 'transaction { id kind status failureReason fee { amount } } wallet { balance { available { amount } } } userErrors { code field }';
const WITHDRAW = `mutation ($input: WithdrawInput!) { withdraw(input: $input) { ${RESULT} } }`;
const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) { ${RESULT} } }`;

const inputOf = (person: Person, paymentMethodId: string, amount: string) => ({
  walletId: person.walletId, paymentMethodId, amount: { amount, currency: 'USD' }, idempotencyKey: randomUUID(),
});
const withdraw = (person: Person, accountId: string, amount: string) =>
  person.client.request<any>(WITHDRAW, { input: inputOf(person, accountId, amount) }).then(({ data }) => data.withdraw);
const topUp = (person: Person, accountId: string, amount: string) =>
  person.client.request<any>(TOP_UP, { input: inputOf(person, accountId, amount) }).then(({ data }) => data.topUp);
const statusOf = async (person: Person, id: string) =>
  (await must<any>(person.client, 'query ($id: ID!) { transaction(id: $id) { status failureReason } }', { id })).transaction;
const ends = (person: Person, id: string, expected: object) => eventually(
  async () => expect(await statusOf(person, id)).toEqual(expected), { describe: 'the bank says how it ended', timeoutMs: 30_000 });
const topicsOf = async (person: Person) => (await inboxOf(person)).map(({ topic }: { topic: string }) => topic);
const isTold = (person: Person, topic: string) => eventually(
  async () => expect(await topicsOf(person)).toContain(topic), { describe: `a message ${topic}`, timeoutMs: 30_000 });

describe('money to and from a bank account', () => {
  it('comes in from the account, goes out to it for a fee, and each is told of', async () => {
    const person = await newPerson();
    const accountId = await addBankAccount(person, SETTLES);
    const { viewer } = await must<any>(person.client, '{ viewer { paymentMethods { kind brand last4 status } } }');
    expect(viewer.paymentMethods).toEqual([{ kind: 'BANK_ACCOUNT', brand: 'Sandbox Bank', last4: '3000', status: 'ACTIVE' }]);
    expect(await topUp(person, accountId, '100.00')).toMatchObject({ transaction: { kind: 'TOP_UP', status: 'SETTLED' }, userErrors: [] });
    expect(await withdraw(person, accountId, '60.00')).toMatchObject({
      transaction: { kind: 'WITHDRAWAL', status: 'SETTLED', fee: { amount: '0.30' } }, wallet: { balance: { available: { amount: '39.70' } } },
    });
    for (const topic of ['bank-account.added', 'topup.settled', 'withdrawal.settled']) await isTold(person, topic);
  });

  it('is on its way until the bank says that it arrived', async () => {
    const person = await newFundedPerson('100.00');
    const { transaction } = await withdraw(person, await addBankAccount(person, SETTLES_LATER), '60.00');
    expect(transaction.status).toBe('PENDING');
    expect(await balanceOf(person)).toBe('39.70');
    await ends(person, transaction.id, { status: 'SETTLED', failureReason: null });
    expect(await balanceOf(person)).toBe('39.70');
  });

  it.each([[IS_CLOSED, 'ACCOUNT_CLOSED', 'topup.failed'], [RETURNS, 'RETURNED', 'topup.returned']])('%s: what was to come in does not stay: %s', async (iban, failureReason, topic) => {
    const person = await newPerson();
    const { transaction } = await topUp(person, await addBankAccount(person, iban), '60.00');
    await ends(person, transaction.id, { status: 'FAILED', failureReason });
    expect(await balanceOf(person)).toBe('0.00');
    await isTold(person, topic);
  });

  it.each([[IS_CLOSED, 'ACCOUNT_CLOSED'], [RETURNS, 'RETURNED']])('%s: amount and fee come back: %s', async (iban, failureReason) => {
    const person = await newFundedPerson('100.00');
    const { transaction } = await withdraw(person, await addBankAccount(person, iban), '60.00');
    await ends(person, transaction.id, { status: 'FAILED', failureReason });
    expect(await balanceOf(person)).toBe('100.00');
    await isTold(person, 'withdrawal.failed');
  });

  it.each(MISBEHAVE)('a bank that %s: money comes in once and goes out once', async (_how, iban) => {
    const person = await newFundedPerson('100.00');
    const accountId = await addBankAccount(person, iban);
    const [came, went] = await Promise.all([topUp(person, accountId, '20.00'), withdraw(person, accountId, '60.00')]);
    for (const { transaction } of [came, went]) await ends(person, transaction.id, { status: 'SETTLED', failureReason: null });
    expect(await balanceOf(person)).toBe('59.70');
  });

  it('a bank that tells out of order: what came in has gone back, what went out came back', async () => {
    const person = await newFundedPerson('100.00');
    const accountId = await addBankAccount(person, 'DE13370400440532013010');
    const [came, went] = await Promise.all([topUp(person, accountId, '20.00'), withdraw(person, accountId, '60.00')]);
    for (const { transaction } of [came, went]) await ends(person, transaction.id, { status: 'FAILED', failureReason: 'RETURNED' });
    expect(await balanceOf(person)).toBe('100.00');
  });

  it('waits for the two small deposits, where the bank asks for them', async () => {
    const person = await newFundedPerson('100.00');
    const accountId = await addBankAccount(person, ASKS_FOR_DEPOSITS);
    expect((await withdraw(person, accountId, '1.00')).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
    const amounts = ['0.45', '0.32'].map((amount) => ({ amount, currency: 'EUR' }));
    const { confirmBankAccount } = await must<any>(person.client,
      'mutation ($input: ConfirmBankAccountInput!) { confirmBankAccount(input: $input) { paymentMethod { status } userErrors { code } } }',
      { input: { paymentMethodId: accountId, amounts } });
    expect(confirmBankAccount.paymentMethod.status).toBe('ACTIVE');
    expect(await withdraw(person, accountId, '1.00')).toMatchObject({ transaction: { status: 'SETTLED', fee: { amount: '0.25' } } });
  });

  it('needs what it takes, and another person’s account is none', async () => {
    const [person, other] = [await newFundedPerson('10.00'), await newPerson()];
    const accountId = await addBankAccount(person, SETTLES);
    expect((await withdraw(person, accountId, '9.76')).userErrors).toMatchObject([{ code: 'INSUFFICIENT_FUNDS' }]);
    expect((await withdraw(other, accountId, '0.01')).userErrors).toMatchObject([{ code: 'NOT_FOUND', field: ['input', 'paymentMethodId'] }]);
  });
});
