import { eventually } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { balanceOf, inboxOf, must, newFundedPerson, operator, type Person, persona } from './world';

// Two operators, by the public door: what moves money by hand wants both, and each step is told in the trail.

const APPROVAL = `approval { id status digest requestedBy decidedBy resultId amount { amount currency }
  auditTrail { edges { node { action actorId reason before after } } } } userErrors { code message }`;
const ask = (name: string): string => `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${APPROVAL} } }`;
const BREAK = 'break { id status assigneeId explainedBy transactionId difference { amount } } userErrors { code }';
const work = (name: string): string => `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${BREAK} } }`;

let ada: Person;
let bob: Person;
beforeAll(async () => {
  [ada, bob] = await Promise.all([operator(), persona('supervisor')]);
});

/** Asks for a change; a refusal is an answer as well. */
async function call(by: Person, document: string, input: object): Promise<any> {
  const { data, errors } = await by.client.request<any>(document, { input });
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0];
}

/** Brings a bank's file of today with one booking that is not ours; gives its break. */
async function strangeBooking(amount: string): Promise<any> {
  const today = new Date().toISOString().slice(0, 10);
  const bookingId = randomUUID();
  const { reconciliation } = await call(ada, `mutation ($input: ReconcileBankFileInput!) { reconcileBankFile(input: $input) {
    reconciliation { id bankClosing { amount } totals { class count bankAmount { amount } } lines(class: EXTRA) { edges { node { class reason bookingId } } } } userErrors { code } } }`, {
    currency: 'CHF', from: today, to: today, openingBalance: '100.00', closingBalance: String((100 + Number(amount)).toFixed(2)), reason: 'The daily file',
    csv: `booking_id,reference,kind,amount,booked_on\n${bookingId},interest,BOOKED,${amount},${today}\n`,
  });
  expect(reconciliation.lines.edges).toEqual([{ node: { class: 'EXTRA', reason: 'UNKNOWN_REFERENCE', bookingId } }]);
  expect(reconciliation.totals).toContainEqual({ class: 'EXTRA', count: 1, bankAmount: { amount } });
  const { breaks } = await must<any>(ada.client, '{ breaks(status: OPEN, first: 100) { edges { node { id bookingId reconciliationId difference { amount } } } } }');
  const found = breaks.edges.map(({ node }: any) => node).find((node: any) => node.bookingId === bookingId);
  expect(found).toMatchObject({ reconciliationId: reconciliation.id, difference: { amount } });
  return found;
}

it('two operators correct a balance: nothing moves before the second has approved what they saw, and the person hears of it', async () => {
  const customer = await newFundedPerson('10.00');
  const asked = await call(ada, ask('requestManualAdjustment'), {
    walletId: customer.walletId, direction: 'DEBIT', amount: { amount: '4.00', currency: 'USD' }, reason: 'Credited twice', idempotencyKey: randomUUID(),
  });
  expect(asked).toMatchObject({ approval: { status: 'REQUESTED', requestedBy: ada.id, amount: { amount: '4.00', currency: 'USD' } }, userErrors: [] });
  const { id: approvalId, digest } = asked.approval;
  expect((await call(ada, ask('approveRequest'), { approvalId, digest, reason: 'Alone' })).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  expect((await call(bob, ask('approveRequest'), { approvalId, digest: 'another', reason: 'Unseen' })).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }]);
  expect(await balanceOf(customer)).toBe('10.00');
  const waiting = await must<any>(bob.client, '{ approvals(status: REQUESTED, first: 100) { edges { node { id digest } } } }');
  expect(waiting.approvals.edges).toContainEqual({ node: { id: approvalId, digest } });
  const { approval } = await call(bob, ask('approveRequest'), { approvalId, digest, reason: 'Both credits seen' });
  expect(approval).toMatchObject({ status: 'EXECUTED', decidedBy: bob.id });
  expect(approval.auditTrail.edges.map(({ node: { action, actorId, reason } }: any) => [action, actorId, reason])).toEqual([
    ['EXECUTED', bob.id, 'Both credits seen'], ['REQUESTED', ada.id, 'Credited twice'],
  ]);
  expect(await balanceOf(customer)).toBe('6.00');
  const { transaction } = await must<any>(customer.client, 'query ($id: ID!) { transaction(id: $id) { kind direction amount { amount } balanceAfter { amount } } }', { id: approval.resultId });
  expect(transaction).toEqual({ kind: 'ADJUSTMENT_DEBIT', direction: 'OUT', amount: { amount: '4.00' }, balanceAfter: { amount: '6.00' } });
  await eventually(async () => {
    expect((await inboxOf(customer)).map(({ title }: any) => title)).toContain('Your balance was corrected');
  }, { describe: 'the person hears of the correction', timeoutMs: 30_000 });
});

it('a bank\'s file opens a break, which is worked off by one operator, or written off by two', async () => {
  const [first, second] = [await strangeBooking('1.25'), await strangeBooking('-1.25')];
  expect((await call(ada, work('noteBreak'), { breakId: first.id, note: 'Asked the bank' })).userErrors).toEqual([]);
  expect((await call(bob, work('assignBreak'), { breakId: first.id, reason: 'Mine' })).break).toMatchObject({ status: 'INVESTIGATING', assigneeId: bob.id });
  expect((await call(bob, work('resolveBreak'), { breakId: first.id, reason: 'No idea' })).userErrors).toEqual([{ code: 'NOT_ALLOWED' }]);
  expect((await call(bob, work('resolveBreak'), { breakId: first.id, explainedBy: second.bookingId, reason: 'The bank took it back' })).break)
    .toMatchObject({ status: 'RESOLVED', explainedBy: second.bookingId });

  const asked = await call(ada, ask('requestBreakWriteOff'), { breakId: second.id, reason: 'Too small to pursue', idempotencyKey: randomUUID() });
  const { id: approvalId, digest } = asked.approval;
  expect((await call(ada, ask('approveRequest'), { approvalId, digest, reason: 'Alone' })).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
  const { approval } = await call(bob, ask('approveRequest'), { approvalId, digest, reason: 'Agreed' });
  const { break: done } = await must<any>(ada.client, 'query ($id: ID!) { break(id: $id) { status transactionId auditTrail { edges { node { action actorId after } } } } }', { id: second.id });
  expect(done).toMatchObject({ status: 'WRITTEN_OFF', transactionId: approval.resultId });
  expect(done.auditTrail.edges).toMatchObject([{ node: { action: 'WRITTEN_OFF', actorId: bob.id } }]);
});

it('a bank\'s camt.053 file comes in parts and is compared by itself', async () => {
  const today = new Date().toISOString().slice(0, 10);
  const FILE = 'bankFile { id status nextChunk lineCount comparedLines reconciliation { id totals { class count } } } userErrors { code field }';
  const step = (name: string, type: string) => `mutation ($input: ${type}!) { ${name}(input: $input) { ${FILE} } }`;
  const entry = (id: string, amount: string) => `<Ntry><Amt Ccy="CHF">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${today}</Dt></BookgDt>`
    + `<AcctSvcrRef>${id}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n`;
  const ids = [randomUUID(), randomUUID()];
  const parts = [
    `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>E2E</Id><Acct><Id><IBAN>CH9300762011623852957</IBAN></Id></Acct>\n${entry(ids[0]!, '2.50')}`,
    `${entry(ids[1]!, '1.25')}</Stmt></BkToCstmrStmt></Document>`,
  ];
  const { bankFile: { id: fileId } } = await call(ada, step('openBankFile', 'OpenBankFileInput'), {
    reference: randomUUID(), currency: 'CHF', format: 'CAMT053', from: today, to: today, openingBalance: '10.00', closingBalance: '13.75', reason: 'The daily file',
  });
  const add = (number: number, text: string) => call(ada, step('addBankFileChunk', 'AddBankFileChunkInput'), { fileId, number, text });
  expect((await add(0, parts[0]!)).bankFile).toMatchObject({ nextChunk: 1, lineCount: 1 });
  expect((await add(1, parts[1]!.replace('1.25', '1.2.5'))).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'text', '3', 'Amt'] }]);
  expect((await add(1, parts[1]!)).bankFile).toMatchObject({ nextChunk: 2, lineCount: 2 });
  expect((await call(ada, step('compareBankFile', 'BankFileInput'), { fileId })).userErrors).toEqual([]);
  const done = await eventually(async () => {
    const { bankFile } = await must<any>(ada.client, `query ($id: ID!) { bankFile(id: $id) { status comparedLines reconciliation { id totals { class count } } } }`, { id: fileId });
    expect(bankFile.status).toBe('DONE');
    return bankFile;
  }, { describe: 'the file is compared', timeoutMs: 30_000 });
  expect(done.reconciliation.totals).toContainEqual({ class: 'EXTRA', count: 2 });
  const { breaks } = await must<any>(ada.client, '{ breaks(first: 100) { edges { node { bookingId reconciliationId status } } } }');
  for (const bookingId of ids) expect(breaks.edges).toContainEqual({ node: { bookingId, reconciliationId: done.reconciliation.id, status: 'OPEN' } });
});

it('customers see and do none of it', async () => {
  const customer = await newFundedPerson('1.00');
  for (const document of ['{ approvals { edges { node { id } } } }', '{ breaks { edges { node { id } } } }', '{ reconciliations { edges { node { id } } } }', `{ bankFile(id: "${randomUUID()}") { id } }`]) {
    const { errors } = await customer.client.request<any>(document);
    expect(errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
  }
});
