import { ibanOf } from '@tael/sandbox';
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { allow, ConsentBank } from '../consent-bank';
import { mailedCode } from '../mailed-code';
import { applying, BUSINESS, upload } from '../verified-merchant';
import { addBankAccount, anonymous, must, operator, type Person } from '../world';

/** Who goes the ways, and what is looked for afterwards: it is handed in wherever there is room for a text. */
export interface Traveller {
  readonly person: Person;
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  readonly mark: string;
}

const ask = async (as: Person, name: string, type: string, input: object, selection: string): Promise<any> =>
  (await must<any>(as.client, `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { code field } } }`, { input }))[name];

const documentOf = ({ name, phone, mark }: Traveller): Buffer => Buffer.from(`%PDF-1.7\nof ${name}, ${phone}, ${mark}\n`);

/** A bank account, and a payment to it. Gives the number of the account. */
export async function bankAccount({ person }: Traveller): Promise<string> {
  const iban = ibanOf('DE', `37040044${randomInt(10_000_000, 100_000_000)}00`);
  const paymentMethodId = await addBankAccount(person, iban);
  await ask(person, 'withdraw', 'WithdrawInput', {
    walletId: person.walletId, paymentMethodId, amount: { amount: '1.00', currency: 'USD' }, idempotencyKey: randomUUID(),
  }, 'transaction { id }');
  return iban;
}

/** A dispute with both sides' words and documents, which an operator reads. */
export async function dispute(traveller: Traveller, owner: Person, transactionId: string): Promise<void> {
  const { name, phone, person } = traveller;
  const { dispute: { id: disputeId } } = await ask(person, 'openDispute', 'OpenDisputeInput', {
    transactionId, reason: 'NOT_RECEIVED', description: `Call ${phone} and ask for ${name}`,
  }, 'dispute { id }');
  const content = documentOf(traveller);
  for (const side of [person, owner]) {
    const { document } = await ask(side, 'addDisputeDocument', 'AddDisputeDocumentInput', {
      disputeId, kind: 'RECEIPT', size: content.length, sha256: createHash('sha256').update(content).digest('hex'),
    }, 'document { id }');
    await ask(side, 'addDisputeDocumentChunk', 'AddDisputeDocumentChunkInput', { documentId: document.id, number: 0, content: content.toString('base64') }, 'document { nextChunk }');
  }
  await ask(owner, 'contestDispute', 'ContestDisputeInput', { disputeId, evidence: `${name} signed for it, ${phone}` }, 'dispute { status }');
  const staff = await operator();
  const { transaction } = await must<any>(staff.client,
    'query ($id: ID!) { transaction(id: $id) { dispute { description documents { content(chunk: 0) } } } }', { id: transactionId });
  expect(transaction.dispute.documents.map((document: any) => document.content)).toEqual([content.toString('base64'), content.toString('base64')]);
}

/** An application as a merchant, with its owner and their papers, which an operator reads, and asks for more. */
export async function application(traveller: Traveller): Promise<void> {
  const { name, phone, person } = traveller;
  const business = { ...BUSINESS, owners: [{ name, share: 100 }] };
  const { application: { id: applicationId } } = await applying(person, 'beginMerchantApplication', 'BeginMerchantApplicationInput', { business });
  for (const kind of ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF']) await upload(person, applicationId, kind, documentOf(traveller));
  await applying(person, 'submitMerchantApplication', 'MerchantApplicationInput', { applicationId });
  const staff = await operator();
  await applying(staff, 'takeMerchantApplication', 'MerchantApplicationInput', { applicationId });
  const { merchantApplication } = await must<any>(staff.client,
    'query ($id: ID!) { merchantApplication(id: $id) { documents { content(chunk: 0) } } }', { id: applicationId });
  expect(merchantApplication.documents.map((document: any) => document.content)).toEqual(Array(3).fill(documentOf(traveller).toString('base64')));
  await applying(staff, 'askMoreOfMerchant', 'AskMoreOfMerchantInput', {
    applicationId, message: `We cannot read the paper of ${name}, call ${phone}`, reason: 'Not legible',
  });
}

/** A consent to a bank, by which it reads. Gives the tokens, and what led to them. */
export async function consent({ person }: Traveller): Promise<Record<string, string>> {
  const bank = await ConsentBank.open(`Canary Bank ${randomUUID().slice(0, 8)}`);
  const granted = await allow(bank, person, person.walletId, { scope: 'wallets:read transactions:read' });
  const { status, body } = await bank.redeem(granted);
  expect(status).toBe(200);
  const read = await bank.graph(body.access_token, '{ customer { wallets { id } } }');
  expect(read.status).toBe(200);
  return {
    'the code of a consent': granted.code, 'the verifier of a consent': granted.verifier, 'the token of a consent': body.access_token,
    ...(body.refresh_token ? { 'the refresh token of a consent': body.refresh_token } : {}),
  };
}

/** A forgotten password, with a code that is tried in vain. Gives the code. */
export async function passwordReset({ email }: Traveller): Promise<string> {
  const { requestPasswordReset: { request } } = await must<any>(anonymous,
    'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { request { id } userErrors { code } } }', { input: { email } });
  const code = await mailedCode({ email });
  const { data } = await anonymous.request<any>('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }',
    { input: { requestId: request.id, code, newPassword: 'short' } });
  expect(data.resetPassword.userErrors).toMatchObject([{ code: 'INVALID_INPUT' }]);
  return code;
}
