import { createHash } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { CHUNK, pdf, png } from './verified-merchant';
import { balanceOf, inboxOf, must, newCampaign, newFundedPerson, newMerchant, operator, pay, type Person, rewardsOf } from './world';

// A payment that went wrong, through the gateway: the payer disputes it, the merchant answers, an operator decides, the money is back.

const SHOWN = `dispute { id status decision decidedBy evidence decisionReason amount { amount } refunded { amount } refundId respondBy } userErrors { code field }`;

async function mutate(as: Person, name: string, type: string, input: object): Promise<any> {
  return (await must<any>(as.client, `mutation ($input: ${type}!) { ${name}(input: $input) { ${SHOWN} } }`, { input }))[name].dispute;
}
const open = (as: Person, transactionId: string, input: object = {}) =>
  mutate(as, 'openDispute', 'OpenDisputeInput', { transactionId, reason: 'NOT_RECEIVED', description: 'The book never came', ...input });
const topicsOf = async (person: Person): Promise<string[]> => (await inboxOf(person)).map(({ topic }: any) => topic);

it('contested by the merchant, decided by an operator for the payer: the money, the status, the cashback and the messages follow', async () => {
  const [shop, payer, staff] = await Promise.all([newMerchant(), newFundedPerson('100.00'), operator()]);
  await newCampaign([shop.id], { cashback: { rateBasisPoints: 1000 } });
  const paid = await pay(payer, shop.id, '40.00');
  await eventually(async () => expect((await rewardsOf(payer, paid.id)).benefits).toMatchObject([{ status: 'PAID' }]),
    { describe: 'the payment was rewarded', timeoutMs: 30_000 });
  const before = Number(await balanceOf(payer));

  const dispute = await open(payer, paid.id);
  expect(dispute).toMatchObject({ status: 'OPEN', amount: { amount: '40.00' }, refunded: { amount: '0.00' } });
  await eventually(async () => expect(await topicsOf(shop.owner)).toContain('dispute.opened'), { describe: 'the owner hears of it', timeoutMs: 30_000 });
  const { merchant } = await must<any>(shop.owner.client,
    'query ($id: ID!) { merchant(id: $id) { name disputes(status: OPEN, first: 5) { edges { node { id description reason } } } } }', { id: shop.id });
  expect(merchant.disputes.edges).toEqual([{ node: { id: dispute.id, description: 'The book never came', reason: 'NOT_RECEIVED' } }]);

  await mutate(shop.owner, 'contestDispute', 'ContestDisputeInput', { disputeId: dispute.id, evidence: 'It was signed for.' });
  const waiting = await must<any>(staff.client, '{ disputes(status: CONTESTED, first: 50) { edges { node { id evidence } } } }');
  expect(waiting.disputes.edges).toContainEqual({ node: { id: dispute.id, evidence: 'It was signed for.' } });
  const decided = await mutate(staff, 'decideDispute', 'DecideDisputeInput', { disputeId: dispute.id, decision: 'PERSON', reason: 'Signed for by somebody else.' });
  expect(decided).toMatchObject({ status: 'DECIDED', decision: 'PERSON', decidedBy: 'OPERATOR', refunded: { amount: '40.00' }, refundId: expect.any(String) });

  const { transaction, viewer } = await must<any>(payer.client,
    `query ($id: ID!) { transaction(id: $id) { status dispute { id evidence decisionReason } } viewer { disputes(first: 5) { edges { node { id status } } } } }`, { id: paid.id });
  expect(transaction).toEqual({ status: 'REFUNDED', dispute: { id: dispute.id, evidence: 'It was signed for.', decisionReason: 'Signed for by somebody else.' } });
  expect(viewer.disputes.edges).toEqual([{ node: { id: dispute.id, status: 'DECIDED' } }]);
  // The cashback of 4.00 goes back with the refund, as with each refund.
  await eventually(async () => expect(Number(await balanceOf(payer))).toBeCloseTo(before + 40 - 4, 2), { describe: 'the cashback was taken back', timeoutMs: 30_000 });
  await eventually(async () => {
    expect(await topicsOf(payer)).toEqual(expect.arrayContaining(['dispute.answered', 'dispute.decided', 'payment.refunded']));
    expect(await topicsOf(shop.owner)).toContain('dispute.decided');
  }, { describe: 'both hear how it ended', timeoutMs: 30_000 });
});

it('the merchant gives in to a part; another payment is nobody else\'s to see', async () => {
  const [shop, payer, stranger] = await Promise.all([newMerchant(), newFundedPerson('100.00'), newFundedPerson('1.00')]);
  const paid = await pay(payer, shop.id, '30.00');
  const { id } = await open(payer, paid.id, { amount: { amount: '12.50', currency: 'USD' }, reason: 'WRONG_AMOUNT' });
  const seen = await stranger.client.request<any>(
    'query ($shop: ID!, $id: ID!) { merchant(id: $shop) { name disputes { edges { cursor } } } transaction(id: $id) { dispute { id } } viewer { disputes { edges { cursor } } } }',
    { shop: shop.id, id: paid.id });
  expect(seen.data).toMatchObject({ merchant: { disputes: null }, transaction: null, viewer: { disputes: { edges: [] } } });
  const before = Number(await balanceOf(payer));
  expect(await mutate(shop.owner, 'acceptDispute', 'DisputeInput', { disputeId: id })).toMatchObject({ status: 'ACCEPTED', decidedBy: 'MERCHANT', refunded: { amount: '12.50' } });
  expect(Number(await balanceOf(payer))).toBeCloseTo(before + 12.5, 2);
});

it('both sides hand in documents until the end, the operator reads them before deciding, and the trail knows', async () => {
  const [shop, payer, staff, stranger] = await Promise.all([newMerchant(), newFundedPerson('100.00'), operator(), newFundedPerson('1.00')]);
  const paid = await pay(payer, shop.id, '20.00');
  const dispute = await open(payer, paid.id);
  const ask = async (as: Person, name: string, type: string, input: object, selection: string) =>
    (await as.client.request<any>(`mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code field } } }`, { input })).data[name];
  const announce = (as: Person, content: Buffer) => ask(as, 'addDisputeDocument', 'AddDisputeDocumentInput', {
    disputeId: dispute.id, kind: 'RECEIPT', size: content.length, sha256: createHash('sha256').update(content).digest('hex'),
  }, 'document { id }');
  async function handIn(as: Person, content: Buffer): Promise<string> {
    const { document } = await announce(as, content);
    for (let number = 0; number * CHUNK < content.length; number += 1) {
      const { userErrors } = await ask(as, 'addDisputeDocumentChunk', 'AddDisputeDocumentChunkInput', {
        documentId: document.id, number, content: content.subarray(number * CHUNK, (number + 1) * CHUNK).toString('base64'),
      }, 'document { nextChunk }');
      expect(userErrors).toEqual([]);
    }
    return document.id;
  }
  // A whole chunk as the door lets it in, and what is left.
  const receipt = pdf(CHUNK + 50);
  await handIn(payer, receipt);
  await eventually(async () => expect(await topicsOf(shop.owner)).toContain('dispute.document-added'), { describe: 'the owner hears of the document', timeoutMs: 30_000 });
  const wrong = await handIn(shop.owner, png());
  expect(await ask(shop.owner, 'withdrawDisputeDocument', 'WithdrawDisputeDocumentInput', { documentId: wrong }, 'dispute { id }')).toEqual({ dispute: { id: dispute.id }, userErrors: [] });
  const delivery = pdf(300);
  const delivered = await handIn(shop.owner, delivery);
  const told = (topics: string[]): number => topics.filter((topic) => topic === 'dispute.document-added').length;
  await eventually(async () => expect(told(await topicsOf(payer))).toBe(1), { describe: 'the payer hears that the merchant handed in documents', timeoutMs: 30_000 });
  // Of the second one of the day nobody hears again.
  expect(told(await topicsOf(shop.owner))).toBe(1);
  await mutate(shop.owner, 'contestDispute', 'ContestDisputeInput', { disputeId: dispute.id, evidence: 'It was signed for.' });

  const read = async (as: Person) => (await as.client.request<any>(
    'query ($id: ID!) { transaction(id: $id) { dispute { documents { side mediaType content(chunk: 1) } auditTrail(first: 10) { edges { node { action } } } } } }',
    { id: paid.id })).data.transaction?.dispute;
  const seen = await read(staff);
  expect(seen.documents).toEqual([
    { side: 'PERSON', mediaType: 'application/pdf', content: receipt.subarray(CHUNK).toString('base64') },
    { side: 'MERCHANT', mediaType: 'application/pdf', content: null },
  ]);
  expect((await read(staff)).auditTrail.edges.map(({ node }: any) => node.action)).toEqual(
    ['DOCUMENT_READ', 'DOCUMENT_ADDED', 'DOCUMENT_WITHDRAWN', 'DOCUMENT_ADDED', 'DOCUMENT_ADDED']);
  expect(await read(shop.owner)).toEqual({ documents: seen.documents, auditTrail: null });
  // Who looks at one document reads that one alone.
  const alone = await staff.client.request<any>(
    'query ($id: ID!, $document: ID!) { transaction(id: $id) { dispute { documents(id: $document) { side content(chunk: 0) } } } }',
    { id: paid.id, document: delivered });
  expect(alone.data.transaction.dispute.documents).toEqual([{ side: 'MERCHANT', content: delivery.toString('base64') }]);
  expect(await read(stranger)).toBeUndefined();

  await mutate(staff, 'decideDispute', 'DecideDisputeInput', { disputeId: dispute.id, decision: 'PERSON', reason: 'The receipt says so.' });
  expect((await announce(payer, pdf(40))).userErrors).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'disputeId'] }]);
  expect((await read(payer)).documents).toEqual(seen.documents);
});
