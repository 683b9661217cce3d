import { createHash } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { applying, BUSINESS, CHUNK, pdf, png, upload } from './verified-merchant';
import { must, newFundedPerson, newPerson, operator, pay, type Person } from './world';

// A business comes in through the gateway: what it says, its documents chunk by chunk, an operator's review, and its first payment.

it('a business is asked for one more document, is approved, and is paid a moment later', async () => {
  const [owner, staff, payer, stranger] = await Promise.all([newPerson(), operator(), newFundedPerson('50.00'), newPerson()]);
  const begun = await applying(owner, 'beginMerchantApplication', 'BeginMerchantApplicationInput', { business: BUSINESS });
  const applicationId = begun.application.id;
  // Whole chunks as the door lets them in: the body of such a request has 175 KB.
  const registration = pdf(2 * CHUNK + 100);
  await upload(owner, applicationId, 'REGISTRATION', registration);
  const blurred = await upload(owner, applicationId, 'OWNER_IDENTITY', png());
  await upload(owner, applicationId, 'BANK_PROOF', pdf(500));
  await applying(owner, 'submitMerchantApplication', 'MerchantApplicationInput', { applicationId });
  await applying(staff, 'takeMerchantApplication', 'MerchantApplicationInput', { applicationId });

  const read = (as: Person) => as.client.request<any>(
    'query ($id: ID!) { merchantApplication(id: $id) { business { legalName } documents { kind sha256 mediaType content(chunk: 2) } } }', { id: applicationId });
  const seen = (await read(staff)).data.merchantApplication;
  expect(seen.documents[0]).toMatchObject({ kind: 'REGISTRATION', mediaType: 'application/pdf', sha256: createHash('sha256').update(registration).digest('hex') });
  expect(Buffer.from(seen.documents[0].content, 'base64').equals(registration.subarray(2 * CHUNK))).toBe(true);
  expect((await read(stranger)).data).toEqual({ merchantApplication: null });

  const asked = await applying(staff, 'askMoreOfMerchant', 'AskMoreOfMerchantInput', {
    applicationId, reason: 'Ticket 12', message: 'One picture cannot be read.', documents: [{ documentId: blurred, message: 'Blurred' }],
  });
  expect(asked.application).toMatchObject({ status: 'NEEDS_MORE', message: 'One picture cannot be read.' });
  await applying(owner, 'removeMerchantDocument', 'RemoveMerchantDocumentInput', { documentId: blurred });
  await upload(owner, applicationId, 'OWNER_IDENTITY', png());
  await applying(owner, 'submitMerchantApplication', 'MerchantApplicationInput', { applicationId });
  await applying(staff, 'takeMerchantApplication', 'MerchantApplicationInput', { applicationId });
  const { application } = await applying(staff, 'approveMerchantApplication', 'ReviewMerchantApplicationInput', { applicationId, reason: 'All is there' });
  expect(application.status).toBe('APPROVED');

  const { merchant } = await must<any>(owner.client, 'query ($id: ID!) { merchant(id: $id) { name status verification viewerRole } }', { id: application.merchantId });
  expect(merchant).toEqual({ name: 'Harbour Books', status: 'ACTIVE', verification: 'VERIFIED', viewerRole: 'OWNER' });
  const paid = await eventually(() => pay(payer, application.merchantId, '10.00'), { describe: 'accounts knows the merchant', timeoutMs: 15_000 });
  const { transaction } = await must<any>(owner.client, 'query ($id: ID!) { transaction(id: $id) { amount { amount } } }', { id: paid.id });
  expect(transaction.amount.amount).toBe('10.00');
});
