import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { addCard, balanceOf, DECLINED_CARD, inboxOf, must, newPerson, type Person } from './world';

const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) {
  transaction { id kind status amount { amount } } wallet { balance { posted { amount } } } userErrors { code } } }`;

describe('cards and top-ups', () => {
  it('the same card is the same payment method, and nothing of it can be read but its last four', async () => {
    const person = await newPerson();
    expect(await addCard(person)).toBe(await addCard(person));
    const { viewer } = await must<any>(person.client, '{ viewer { paymentMethods { kind brand last4 expiryMonth expiryYear isDefault } } }');
    expect(viewer.paymentMethods).toEqual([{ kind: 'CARD', brand: expect.stringMatching(/visa/i), last4: '4242', expiryMonth: 12, expiryYear: 2031, isDefault: true }]);
  });
  it('a declined card is a refusal, kept as a failed transaction', async () => {
    const person = await newPerson();
    const paymentMethodId = await addCard(person, DECLINED_CARD);
    const input = { walletId: person.walletId, paymentMethodId, amount: { amount: '25.00', currency: 'USD' }, idempotencyKey: randomUUID() };
    const answer = await person.client.request<any>(TOP_UP, { input });
    expect(answer.data.topUp.userErrors.map((error: any) => error.code)).toEqual(['CARD_DECLINED']);
    const { viewer } = await must<any>(person.client, '{ viewer { transactions { edges { node { kind status amount { amount } } } } } }');
    expect(viewer.transactions.edges).toEqual([{ node: { kind: 'TOP_UP', status: 'FAILED', amount: { amount: '25.00' } } }]);
    expect(await balanceOf(person)).toBe('0.00');
    expect((await person.client.request<any>(TOP_UP, { input })).data).toEqual(answer.data);
  });
  it('ten sends of one top-up charge once', async () => {
    const person = await newPerson();
    const paymentMethodId = await addCard(person);
    const input = { walletId: person.walletId, paymentMethodId, amount: { amount: '25.00', currency: 'USD' }, idempotencyKey: 'one' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => person.client.request<any>(TOP_UP, { input })));
    expect(new Set(answers.map((answer) => answer.data?.topUp?.transaction?.id)).size).toBe(1);
    expect(await balanceOf(person)).toBe('25.00');
  });
  it.each([
    [{ number: '4242424242424241' }, 'number'], [{ number: 'not a number' }, 'number'], [{ expiryYear: 2001 }, 'expiryYear'],
    [{ expiryMonth: 13 }, 'expiryMonth'], [{ securityCode: '12' }, 'securityCode'], [{ holderName: '' }, 'holderName'],
  ])('%j is refused', async (change, field) => {
    const person = await newPerson();
    const answer = await person.client.request<any>(
      'mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code field } } }',
      { input: { number: '4242424242424242', expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'Ada', ...change } },
    );
    expect(answer.data.addCard.paymentMethod).toBeNull();
    expect(answer.data.addCard.userErrors).toEqual([expect.objectContaining({ code: 'INVALID_INPUT' })]);
    expect(answer.data.addCard.userErrors[0].field[1]).toMatch(new RegExp(`${field}|expiry`));
  });
});

// Cards of the sandbox, by what their processor tells of their charges.
const TOLD_LATE = '4000000000000036';
const TOLD_TWICE = '4000000000000044';
const TOLD_OUT_OF_ORDER = '4000000000000051';
const DISPUTED = '4000000000000069';

describe('a top-up that the card processor tells of', () => {
  const SENT = { kind: 'TOP_UP', amount: { amount: '25.00' } };
  async function topUp(person: Person, number: string): Promise<{ id: string; status: string }> {
    const input = { walletId: person.walletId, paymentMethodId: await addCard(person, number), amount: { amount: '25.00', currency: 'USD' }, idempotencyKey: randomUUID() };
    return (await must<any>(person.client, TOP_UP, { input })).topUp.transaction;
  }
  const history = async (person: Person) => (await must<any>(person.client, '{ viewer { transactions { edges { node { kind status failureReason amount { amount } } } } } }'))
    .viewer.transactions.edges.map(({ node }: any) => node);
  const ends = (person: Person, end: object, balance: string) => eventually(async () => {
    expect(await history(person)).toEqual([{ ...SENT, ...end }]);
    expect(await balanceOf(person)).toBe(balance);
  }, { timeoutMs: 30_000, describe: 'what the processor told is booked' });

  it.each([['late', TOLD_LATE], ['twice', TOLD_TWICE]])('%s: it is in the wallet once', async (_how, number) => {
    const person = await newPerson();
    await topUp(person, number);
    await ends(person, { status: 'SETTLED', failureReason: null }, '25.00');
  });

  it.each([['out of order', TOLD_OUT_OF_ORDER], ['disputed later', DISPUTED]])('%s: it has gone back, and its owner hears of it', async (_how, number) => {
    const person = await newPerson();
    await topUp(person, number);
    await ends(person, { status: 'FAILED', failureReason: 'RETURNED' }, '0.00');
    await eventually(async () => expect((await inboxOf(person)).map(({ topic }: { topic: string }) => topic)).toContain('topup.returned'), { timeoutMs: 30_000 });
  });
});
