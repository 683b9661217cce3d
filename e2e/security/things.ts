import { eventually, graphqlClient } from '@tael/testkit';
import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { appCode } from '../authenticator';
import { allow, ConsentBank } from '../consent-bank';
import { stack } from '../stack';
import { addBankAccount, anonymous, must, newPerson, pay, type Person } from '../world';

// One of each kind of thing that the matrix is about, made as its owner makes it.

/** Sets an authenticator app up; gives the recovery codes. */
export async function enableTotp(person: Person): Promise<string[]> {
  const begun = await must<any>(person.client, 'mutation ($input: BeginTotpInput!) { beginTotp(input: $input) { secret userErrors { code } } }',
    { input: { password: person.password } });
  const confirmed = await must<any>(person.client,
    'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { code } } }',
    { input: { code: appCode(begun.beginTotp.secret, 0) } });
  return confirmed.confirmTotp.recoveryCodes;
}

export async function askStepUp(person: Person, merchantId: string): Promise<string> {
  const data = await must<any>(person.client,
    'mutation ($input: RequestStepUpInput!) { requestStepUp(input: $input) { stepUp { id } userErrors { code } } }',
    { input: { purpose: 'PAY_MERCHANT', payment: { walletId: person.walletId, merchantId, amount: { amount: '1000.00', currency: 'USD' } } } });
  return data.requestStepUp.stepUp.id;
}

/** A second session of the owner, from before the second factor. */
export async function secondSession(person: Person): Promise<string> {
  await must(graphqlClient({ url: stack.gatewayUrl }), 'mutation ($input: SignInInput!) { signIn(input: $input) { user { id } userErrors { code } } }',
    { input: { email: person.email, password: person.password } });
  const { viewer } = await must<any>(person.client, '{ viewer { sessions(first: 10) { edges { node { id current } } } } }');
  return viewer.sessions.edges.find((edge: any) => !edge.node.current).node.id;
}

/** A partner bank with one client, as an operator and the bank make it. */
export async function newPartner(staff: Person): Promise<{ partnerId: string; clientId: string }> {
  const { invitePartner } = await must<any>(staff.client,
    'mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { invitation { code } userErrors { code } } }',
    { input: { name: 'Matrix Bank', environment: 'SANDBOX', scopes: ['partner:read'], reason: 'The matrix' } });
  const { code } = invitePartner.invitation;
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const proof = await new SignJWT({ invitation: createHash('sha256').update(code).digest('base64url') })
    .setProtectedHeader({ alg: 'ES256', typ: 'tael-partner-registration+jwt' }).setAudience('urn:tael:partner-registration').setIssuedAt().sign(privateKey);
  const { registerPartnerClient } = await must<any>(anonymous,
    'mutation ($input: RegisterPartnerClientInput!) { registerPartnerClient(input: $input) { partnerId client { id } userErrors { code } } }',
    { input: { invitation: code, jwks: JSON.stringify({ keys: [await exportJWK(publicKey)] }), proof } });
  return { partnerId: registerPartnerClient.partnerId, clientId: registerPartnerClient.client.id };
}

/** An endpoint of a shop that nothing answers at, and a message that waits for it. */
export async function newWebhook({ client }: Person, merchantId: string, path = 'none'): Promise<{ endpointId: string; deliveryId: string }> {
  const { createWebhookEndpoint } = await must<any>(client,
    'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } userErrors { code } } }',
    { input: { merchantId, url: `https://hooks.tael.example/${path}`, eventTypes: [] } });
  const endpointId = createWebhookEndpoint.endpoint.id;
  const { sendTestWebhook } = await must<any>(client,
    'mutation ($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) { delivery { id } userErrors { code } } }', { input: { endpointId } });
  return { endpointId, deliveryId: sendTestWebhook.delivery.id };
}

export const BUSINESS = {
  legalName: 'Matrix Limited', tradingName: 'Matrix', categoryCode: '5814', country: 'GB', currency: 'GBP', registrationNumber: '01234567',
  owners: [{ name: 'Mara Merchant', share: 100 }],
};

/** A dispute of a payment. */
export async function newDispute({ client }: Person, transactionId: string): Promise<string> {
  const { openDispute } = await must<any>(client,
    'mutation ($input: OpenDisputeInput!) { openDispute(input: $input) { dispute { id } userErrors { code } } }',
    { input: { transactionId, reason: 'OTHER', description: 'The matrix', amount: { amount: '0.50', currency: 'USD' } } });
  return openDispute.dispute.id;
}

/** Documents of a dispute that its payer has announced. */
export async function newDisputeDocuments({ client }: Person, disputeId: string): Promise<string[]> {
  return Promise.all(['a', 'b'].map(async (name) => {
    const { addDisputeDocument } = await must<any>(client,
      'mutation ($input: AddDisputeDocumentInput!) { addDisputeDocument(input: $input) { document { id } userErrors { code } } }',
      { input: { disputeId, kind: 'OTHER', size: 9, sha256: createHash('sha256').update(name).digest('hex') } });
    return addDisputeDocument.document.id as string;
  }));
}

/** A draft of an application with documents that are announced. */
export async function newApplication({ client }: Person): Promise<{ id: string; documents: string[] }> {
  const { beginMerchantApplication } = await must<any>(client,
    'mutation ($input: BeginMerchantApplicationInput!) { beginMerchantApplication(input: $input) { application { id } userErrors { code } } }',
    { input: { business: BUSINESS } });
  const { id } = beginMerchantApplication.application;
  const documents = await Promise.all(['a', 'b'].map(async (name) => {
    const { addMerchantDocument } = await must<any>(client,
      'mutation ($input: AddMerchantDocumentInput!) { addMerchantDocument(input: $input) { document { id } userErrors { code } } }',
      { input: { applicationId: id, kind: 'PREMISES', size: 9, sha256: createHash('sha256').update(name).digest('hex') } });
    return addMerchantDocument.document.id as string;
  }));
  return { id, documents };
}

/** A bank's file that comes in parts, of which nothing has come yet. */
export async function newBankFile({ client }: Person): Promise<string> {
  const today = new Date().toISOString().slice(0, 10);
  const { openBankFile } = await must<any>(client,
    'mutation ($input: OpenBankFileInput!) { openBankFile(input: $input) { bankFile { id } userErrors { code } } }',
    { input: { reference: randomUUID(), currency: 'USD', from: today, to: today, openingBalance: '0.00', closingBalance: '0.00', reason: 'The matrix' } });
  return openBankFile.bankFile.id;
}

/** A bank's file with one booking that is not ours, and the break that it opens. */
export async function newBreak({ client }: Person): Promise<{ reconciliationId: string; breakId: string }> {
  const today = new Date().toISOString().slice(0, 10);
  const bookingId = randomUUID();
  const { reconcileBankFile } = await must<any>(client,
    'mutation ($input: ReconcileBankFileInput!) { reconcileBankFile(input: $input) { reconciliation { id } userErrors { code } } }',
    { input: { currency: 'USD', from: today, to: today, openingBalance: '0.00', closingBalance: '1.00', reason: 'The matrix',
      csv: `booking_id,reference,kind,amount,booked_on\n${bookingId},fee,BOOKED,1.00,${today}` } });
  const { breaks } = await must<any>(client, '{ breaks(first: 100) { edges { node { id bookingId } } } }');
  return { reconciliationId: reconcileBankFile.reconciliation.id, breakId: breaks.edges.find((edge: any) => edge.node.bookingId === bookingId).node.id };
}

/** A consent of a person, as a bank gets it: theirs, and a record to operators. */
export async function newConsent(person: Person): Promise<Record<'consent' | 'consent-record' | 'consented-person' | 'consented-bank', string>> {
  const bank = await ConsentBank.open('Matrix Consent Bank');
  await allow(bank, person);
  const { viewer } = await must<any>(person.client, '{ viewer { consents(first: 1) { edges { node { id } } } } }');
  const { id } = viewer.consents.edges[0].node;
  return { consent: id, 'consent-record': id, 'consented-person': person.id, 'consented-bank': bank.partnerId };
}

/** Closes what a shop was paid, once the books have it in its place. */
export async function settlementOf(staff: Person, merchantId: string): Promise<string> {
  const { closeSettlement } = await eventually(async () => {
    const closed = await must<any>(staff.client,
      'mutation ($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } userErrors { code } } }',
      { input: { merchantId, currency: 'USD', reason: 'The matrix' } });
    return closed;
  }, { describe: 'the shop is settled with', timeoutMs: 90_000 });
  return closeSettlement.settlement.id;
}

/** Says where a merchant is paid to, once accounts has heard who owns it. */
export async function paidTo({ client }: Person, merchantId: string): Promise<void> {
  await eventually(() => must<any>(client,
    'mutation ($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) { payoutAccount { id } userErrors { code } } }',
    { input: { merchantId, iban: 'DE89370400440532013000', holderName: 'The matrix' } }), { describe: 'the owner says where', timeoutMs: 15_000 });
}

/** A frozen wallet of somebody who has no other part, since the matrix freezes and frees it. */
export async function newFreeze({ client }: Person): Promise<{ 'frozen-wallet': string; 'wallet-freeze': string }> {
  const { walletId } = await newPerson();
  const { freezeWallet } = await must<any>(client,
    'mutation ($input: FreezeWalletInput!) { freezeWallet(input: $input) { freeze { id } userErrors { code } } }', { input: { walletId, reason: 'The matrix' } });
  return { 'frozen-wallet': walletId, 'wallet-freeze': freezeWallet.freeze.id };
}

// An account at the sandbox bank whose top-ups come back after some seconds.
const RETURNS = 'DE94370400440532013007';

/** What somebody owes who has no other part, since it keeps them from sending. */
export async function newDebt({ client }: Person): Promise<string> {
  const [debtor, friend] = [await newPerson(), await newPerson()];
  const paymentMethodId = await addBankAccount(debtor, RETURNS);
  const amount = { amount: '10.00', currency: 'USD' };
  await must(debtor.client, 'mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }',
    { input: { walletId: debtor.walletId, paymentMethodId, amount, idempotencyKey: randomUUID() } });
  await must(debtor.client, 'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code } } }',
    { input: { walletId: debtor.walletId, recipientEmail: friend.email, amount, idempotencyKey: randomUUID() } });
  return eventually(async () => {
    const { debts } = await must<any>(client, '{ debts(status: OPEN, first: 100) { edges { node { id personId } } } }');
    const found = debts.edges.find(({ node }: any) => node.personId === debtor.id);
    expect(found).toBeDefined();
    return found.node.id as string;
  }, { describe: 'the bank takes the top-up back', timeoutMs: 30_000 });
}

/** A payment that its merchant's owner gave back. */
export async function newRefund(owner: Person, shop: { id: string; owner: Person }): Promise<string> {
  const { id: transactionId } = await pay(owner, shop.id, '1.00');
  const { refundPayment } = await must<any>(shop.owner.client,
    'mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) { transaction { id } userErrors { code } } }', { input: { transactionId, idempotencyKey: randomUUID() } });
  return refundPayment.transaction.id;
}

/** A bank that has left: whose consents, of whom nobody gave any, were ordered to end. */
export async function newConsentOrder({ client }: Person): Promise<{ 'consent-order': string; 'left-bank': string }> {
  const { partnerId } = await ConsentBank.open('Matrix Left Bank');
  const { endConsents } = await must<any>(client,
    'mutation ($input: EndConsentsInput!) { endConsents(input: $input) { order { id } userErrors { code } } }',
    { input: { partnerId, cause: 'BANK_LEFT', reason: 'The matrix', idempotencyKey: randomUUID() } });
  return { 'consent-order': endConsents.order.id, 'left-bank': partnerId };
}
