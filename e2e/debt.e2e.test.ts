import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { addBankAccount, balanceOf, fund, inboxOf, must, newMerchant, newPerson, operator, PAY, payment, type Person, persona } from './world';

// A message crosses the bus twice; a busy machine takes its time.
jest.setTimeout(120_000);

// An account at the sandbox bank whose top-ups settle, and come back some seconds later.
const RETURNS = 'DE94370400440532013007';

const TOP_UP = 'mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id status } userErrors { code } } }';
const SEND = 'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code message field } } }';
const DEBTS = `query ($status: DebtStatus) { debts(status: $status, first: 100) { edges { node { id personId walletId status since
  owed { amount currency } collected { amount } writtenOff { amount } open { amount } auditTrail(first: 5) { edges { node { action actorId reason } } } } } } }`;
const APPROVAL = 'approval { id status digest } userErrors { code message }';
const ASK = `mutation ($input: RequestDebtWriteOffInput!) { requestDebtWriteOff(input: $input) { ${APPROVAL} } }`;
const APPROVE = `mutation ($input: ApproveRequestInput!) { approveRequest(input: $input) { ${APPROVAL} } }`;
const STATEMENT = `query ($month: String!) { viewer { wallet(currency: "USD") { statement(month: $month) {
  entries(first: 20) { edges { node { transactionId kind amount { amount } balanceAfter { amount } } } } } } } }`;

const usd = (amount: string) => ({ amount, currency: 'USD' });
const send = async (by: Person, to: Person, amount: string) => (await by.client.request<any>(SEND, {
  input: { walletId: by.walletId, recipientEmail: to.email, amount: usd(amount), idempotencyKey: randomUUID() },
})).data.sendMoney;
const owedOf = async ({ client }: Person) => (await must<any>(client, '{ viewer { wallets { owed { amount currency } } } }')).viewer.wallets[0].owed;
const debtOf = async (staff: Person, person: Person, status?: string) =>
  (await must<any>(staff.client, DEBTS, { status })).debts.edges.map(({ node }: any) => node).find((debt: any) => debt.personId === person.id);
const isTold = (person: Person, topic: string, body: string) => eventually(async () => {
  expect((await inboxOf(person)).filter((message: any) => message.topic === topic).map((message: any) => message.body)).toContain(body);
}, { describe: `a message ${topic}`, timeoutMs: 30_000 });

/** Somebody who topped up from a bank, sent it on, and owes it since the bank took it back. */
async function debtor(amount: string, friend: Person, who?: Person): Promise<{ person: Person; topUpId: string }> {
  const person = who ?? (await newPerson());
  const { topUp } = await must<any>(person.client, TOP_UP, {
    input: { walletId: person.walletId, paymentMethodId: await addBankAccount(person, RETURNS), amount: usd(amount), idempotencyKey: randomUUID() },
  });
  expect(topUp.transaction.status).toBe('SETTLED');
  expect((await send(person, friend, amount)).userErrors).toEqual([]);
  await eventually(async () => expect(await owedOf(person)).toEqual(usd(amount)), { describe: 'the bank takes it back', timeoutMs: 30_000 });
  return { person, topUpId: topUp.transaction.id };
}

it('a top-up that the bank takes back after it was spent is owed, settled by what comes in, and the rest written off by two operators', async () => {
  const friend = await newPerson();
  const { person, topUpId } = await debtor('20.00', friend);
  expect(await send(person, friend, '1.00')).toEqual({
    transaction: null, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'walletId'], message: expect.stringContaining('you still owe 20.00 USD') }],
  });
  await isTold(person, 'topup.returned', 'Your bank took back the top-up of $20.00. You still owe $20.00 of it.');

  // What comes in settles it by itself; message and statement name the top-up that its person knows.
  await fund(person, '12.00');
  await eventually(async () => expect(await owedOf(person)).toEqual(usd('8.00')), { describe: 'what came in is taken', timeoutMs: 30_000 });
  expect(await balanceOf(person)).toBe('0.00');
  await isTold(person, 'debt.collected', '$12.00 of what you owe for a returned top-up was settled from your wallet; $8.00 is left.');
  const messages = (await inboxOf(person)).filter(({ topic }: any) => topic === 'debt.collected');
  expect(messages).toMatchObject([{ class: 'TRANSACTIONAL', transaction: { id: topUpId } }]);
  const { viewer } = await must<any>(person.client, STATEMENT, { month: new Date().toISOString().slice(0, 7) });
  expect(viewer.wallet.statement.entries.edges.map(({ node }: any) => node).at(-1)).toEqual({
    transactionId: topUpId, kind: 'TOP_UP', amount: { amount: '-12.00' }, balanceAfter: { amount: '0.00' },
  });
  expect((await send(person, friend, '1.00')).userErrors[0].message).toContain('you still owe 8.00 USD');

  const [ada, bob] = await Promise.all([operator(), persona('supervisor')]);
  expect(await debtOf(ada, person, 'OPEN')).toMatchObject({
    id: topUpId, walletId: person.walletId, owed: usd('20.00'), collected: { amount: '12.00' }, open: { amount: '8.00' }, auditTrail: { edges: [] },
  });
  const { requestDebtWriteOff: { approval } } = await must<any>(ada.client, ASK, {
    input: { debtId: topUpId, amount: usd('8.00'), reason: 'Too small to pursue', idempotencyKey: randomUUID() },
  });
  const decision = { approvalId: approval.id, digest: approval.digest, reason: 'Agreed' };
  expect((await ada.client.request<any>(APPROVE, { input: decision })).data.approveRequest.userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  expect((await must<any>(bob.client, APPROVE, { input: decision })).approveRequest.approval.status).toBe('EXECUTED');
  expect(await debtOf(bob, person, 'WRITTEN_OFF')).toMatchObject({
    id: topUpId, writtenOff: { amount: '8.00' }, open: { amount: '0.00' }, auditTrail: { edges: [{ node: { action: 'WRITTEN_OFF', actorId: bob.id, reason: 'Agreed' } }] },
  });

  expect(await owedOf(person)).toEqual(usd('0.00'));
  await isTold(person, 'debt.written-off', 'We no longer ask for the $8.00 that you still owed for a returned top-up.');
  await fund(person, '5.00');
  expect((await send(person, friend, '5.00')).userErrors).toEqual([]);
});

it('who owes pays no shop of their own, which would be to send', async () => {
  const [friend, { id, owner }, other] = await Promise.all([newPerson(), newMerchant(), newMerchant()]);
  await debtor('20.00', friend, owner);
  const payOwn = async (shopId: string) => (await owner.client.request<any>(PAY, payment(owner, shopId, '1.00'))).data.payMerchant.userErrors;
  expect(await payOwn(id)).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'walletId'], message: expect.stringMatching(/still owe 20.00 USD.*own shop/) }]);
  expect(await payOwn(other.id)).toMatchObject([{ code: 'INSUFFICIENT_FUNDS' }]);
});

it('who owes sees no list of debts, and asks for no write-off', async () => {
  const person = await newPerson();
  for (const [query, variables] of [[DEBTS, {}], [ASK, { input: { debtId: randomUUID(), amount: usd('1.00'), reason: 'Mine', idempotencyKey: randomUUID() } }]] as const) {
    expect((await person.client.request<any>(query, variables)).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  }
});
