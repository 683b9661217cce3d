import { allow, ConsentBank } from '../consent-bank';
import { eventually, graphqlClient } from '@tael/testkit';
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { stack } from '../stack';
import {
  addBankAccount, addCard, addStore, anonymous, fund, inboxOf, must, newCampaign, newFundedPerson, newMerchant, newPerson, operator, pay, type Person, QUOTE,
  rewardsOf, STORE,
} from '../world';

/** An id of the right form that nothing has. */
export const NOWHERE = '0196a000-0000-7000-8000-00000000dead';

export const ROLES = ['anonymous', 'stranger', 'operator', 'merchant', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody who asks: what they need of their own to ask for something else. */
export interface Viewer {
  readonly person: Person | undefined;
  readonly client: Person['client'];
  readonly walletId: string;
  readonly cardId: string;
  readonly bankAccountId: string;
}

export interface Cast {
  readonly viewers: Readonly<Record<Role, Viewer>>;
  readonly owner: Person;
  readonly shopId: string;
  /** The text of the code of a store of the shop. */
  readonly qrCode: string;
  /** One of each kind of thing: the owner's, except the merchant's own business and the operator's draft. */
  readonly things: Readonly<Record<string, string>>;
  readonly quote: { readonly id: string };
}

/** What an authenticator app shows now (RFC 6238). */
export function appCode(secret: string): string {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))).update(counter).digest();
  return String((mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Sets an authenticator app up; gives the recovery codes. */
export async function enableTotp(person: Person): Promise<string[]> {
  const begun = await must<any>(person.client, 'mutation ($input: BeginTotpInput!) { beginTotp(input: $input) { secret userErrors { code } } }',
    { input: { password: person.password } });
  const confirmed = await must<any>(person.client,
    'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { code } } }',
    { input: { code: appCode(begun.beginTotp.secret) } });
  return confirmed.confirmTotp.recoveryCodes;
}

async function askStepUp(person: Person, merchantId: string): Promise<string> {
  const data = await must<any>(person.client,
    'mutation ($input: RequestStepUpInput!) { requestStepUp(input: $input) { stepUp { id } userErrors { code } } }',
    { input: { purpose: 'PAY_MERCHANT', payment: { walletId: person.walletId, merchantId, amount: { amount: '1000.00', currency: 'USD' } } } });
  return data.requestStepUp.stepUp.id;
}

/** A second session of the owner, from before the second factor. */
async function secondSession(person: Person): Promise<string> {
  await must(graphqlClient({ url: stack.gatewayUrl }), 'mutation ($input: SignInInput!) { signIn(input: $input) { user { id } userErrors { code } } }',
    { input: { email: person.email, password: person.password } });
  const { viewer } = await must<any>(person.client, '{ viewer { sessions(first: 10) { edges { node { id current } } } } }');
  return viewer.sessions.edges.find((edge: any) => !edge.node.current).node.id;
}

/** A partner bank with one client, as an operator and the bank make it. */
async function newPartner(staff: Person): Promise<{ partnerId: string; clientId: string }> {
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
async function newWebhook({ client }: Person, merchantId: string): Promise<{ endpointId: string; deliveryId: string }> {
  const { createWebhookEndpoint } = await must<any>(client,
    'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } userErrors { code } } }',
    { input: { merchantId, url: 'https://hooks.tael.example/none', eventTypes: [] } });
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
async function newDispute({ client }: Person, transactionId: string): Promise<string> {
  const { openDispute } = await must<any>(client,
    'mutation ($input: OpenDisputeInput!) { openDispute(input: $input) { dispute { id } userErrors { code } } }',
    { input: { transactionId, reason: 'OTHER', description: 'The matrix', amount: { amount: '0.50', currency: 'USD' } } });
  return openDispute.dispute.id;
}

/** Documents of a dispute that its payer has announced. */
async function newDisputeDocuments({ client }: Person, disputeId: string): Promise<string[]> {
  return Promise.all(['a', 'b'].map(async (name) => {
    const { addDisputeDocument } = await must<any>(client,
      'mutation ($input: AddDisputeDocumentInput!) { addDisputeDocument(input: $input) { document { id } userErrors { code } } }',
      { input: { disputeId, kind: 'OTHER', size: 9, sha256: createHash('sha256').update(name).digest('hex') } });
    return addDisputeDocument.document.id as string;
  }));
}

/** A draft of an application with documents that are announced. */
async function newApplication({ client }: Person): Promise<{ id: string; documents: string[] }> {
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
async function newBankFile({ client }: Person): Promise<string> {
  const today = new Date().toISOString().slice(0, 10);
  const { openBankFile } = await must<any>(client,
    'mutation ($input: OpenBankFileInput!) { openBankFile(input: $input) { bankFile { id } userErrors { code } } }',
    { input: { reference: randomUUID(), currency: 'USD', from: today, to: today, openingBalance: '0.00', closingBalance: '0.00', reason: 'The matrix' } });
  return openBankFile.bankFile.id;
}

/** A bank's file with one booking that is not ours, and the break that it opens. */
async function newBreak({ client }: Person): Promise<{ reconciliationId: string; breakId: string }> {
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
async function newConsent(person: Person): Promise<{ consent: string; 'consent-record': string; 'consented-person': string }> {
  await allow(await ConsentBank.open('Matrix Consent Bank'), person);
  const { viewer } = await must<any>(person.client, '{ viewer { consents(first: 1) { edges { node { id } } } } }');
  const { id } = viewer.consents.edges[0].node;
  return { consent: id, 'consent-record': id, 'consented-person': person.id };
}

async function viewerOf(person: Person): Promise<Viewer> {
  const walletId = person.walletId || (await must<any>(person.client,
    'mutation { openWallet(input: { currency: "USD" }) { wallet { id } userErrors { code } } }')).openWallet.wallet.id;
  return { person, client: person.client, walletId, cardId: await addCard(person), bankAccountId: await addBankAccount(person) };
}

/** Closes what a shop was paid, once the books have it in its place. */
async function settlementOf(staff: Person, merchantId: string): Promise<string> {
  const { closeSettlement } = await eventually(async () => {
    const closed = await must<any>(staff.client,
      'mutation ($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id } userErrors { code } } }',
      { input: { merchantId, currency: 'USD', reason: 'The matrix' } });
    return closed;
  }, { describe: 'the shop is settled with', timeoutMs: 90_000 });
  return closeSettlement.settlement.id;
}

/** Says where a merchant is paid to, once accounts has heard who owns it. */
async function paidTo({ client }: Person, merchantId: string): Promise<void> {
  await eventually(() => must<any>(client,
    'mutation ($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) { payoutAccount { id } userErrors { code } } }',
    { input: { merchantId, iban: 'DE89370400440532013000', holderName: 'The matrix' } }), { describe: 'the owner says where', timeoutMs: 15_000 });
}

/** A frozen wallet of somebody who has no other part, since the matrix freezes and frees it. */
async function newFreeze({ client }: Person): Promise<{ 'frozen-wallet': string; 'wallet-freeze': string }> {
  const { walletId } = await newPerson();
  const { freezeWallet } = await must<any>(client,
    'mutation ($input: FreezeWalletInput!) { freezeWallet(input: $input) { freeze { id } userErrors { code } } }', { input: { walletId, reason: 'The matrix' } });
  return { 'frozen-wallet': walletId, 'wallet-freeze': freezeWallet.freeze.id };
}

/** Makes everybody and everything that the matrix is about. */
export async function makeCast(): Promise<Cast> {
  const [owner, stranger, staff, shop] = await Promise.all([newFundedPerson('100.00'), newFundedPerson('100.00'), operator(), newMerchant()]);
  await fund(shop.owner, '50.00');
  await newCampaign([shop.id], { cashback: { rateBasisPoints: 100 } });
  const paid = await pay(owner, shop.id, '20.00');
  await eventually(async () => {
    expect((await rewardsOf(owner, paid.id)).benefits).toHaveLength(1);
    expect((await inboxOf(owner)).length).toBeGreaterThan(0);
  }, { describe: 'the payment was rewarded and told of', timeoutMs: 30_000 });
  const pending = await must<any>(shop.owner.client,
    `mutation { registerMerchant(input: { name: "Not yet open", categoryCode: "5814", currency: "USD" }) { merchant { id } userErrors { code } } }`);
  const pendingStore = await addStore(shop.owner, pending.registerMerchant.merchant.id);
  await paidTo(shop.owner, pending.registerMerchant.merchant.id);
  const { qrCode } = await addStore(shop.owner, shop.id);
  const draft = await must<any>(staff.client, `mutation { createCampaign(input: { name: "Draft", currency: "USD",
    budget: { amount: "1.00", currency: "USD" }, conditions: {}, cashback: { rateBasisPoints: 1 } }) { campaign { id } userErrors { code } } }`);
  const { paymentQuote } = await must<any>(owner.client, QUOTE.replace('quote {', 'quote { id'), {
    input: { walletId: owner.walletId, merchantId: shop.id, amount: { amount: '5.00', currency: 'USD' } },
  });
  const session = await secondSession(owner);
  const consented = await newConsent(owner);
  await enableTotp(owner);
  const viewers = {
    anonymous: { person: undefined, client: anonymous, walletId: NOWHERE, cardId: NOWHERE, bankAccountId: NOWHERE },
    stranger: await viewerOf(stranger), operator: await viewerOf(staff), merchant: await viewerOf(shop.owner), owner: await viewerOf(owner),
  };
  const { partnerId, clientId } = await newPartner(staff);
  const webhook = await newWebhook(shop.owner, shop.id);
  const application = await newApplication(shop.owner);
  const dispute = await newDispute(owner, paid.id);
  const evidence = await newDisputeDocuments(owner, dispute);
  const { requestManualAdjustment } = await must<any>(staff.client,
    'mutation ($input: RequestManualAdjustmentInput!) { requestManualAdjustment(input: $input) { approval { id } userErrors { code } } }',
    { input: { walletId: owner.walletId, direction: 'CREDIT', amount: { amount: '1.00', currency: 'USD' }, reason: 'The matrix', idempotencyKey: randomUUID() } });
  const { reconciliationId, breakId } = await newBreak(staff);
  const things = {
    reconciliation: reconciliationId, break: breakId, 'bank-file': await newBankFile(staff),
    'operator-request': requestManualAdjustment.approval.id, limit: 'day-amount-USD', 'adjusted-wallet': owner.walletId, ...await newFreeze(staff),
    webhook: webhook.endpointId, 'webhook-to-delete': (await newWebhook(shop.owner, shop.id)).endpointId, 'webhook-delivery': webhook.deliveryId,
    wallet: owner.walletId, card: viewers.owner.cardId, bankAccount: viewers.owner.bankAccountId, session, notification: (await inboxOf(owner))[0].id,
    transaction: paid.id, payment: paid.id, merchant: pending.registerMerchant.merchant.id,
    payee: pending.registerMerchant.merchant.id, store: pendingStore.id, campaign: draft.createCampaign.campaign.id,
    approval: await askStepUp(owner, shop.id), unread: shop.id,
    partner: partnerId, 'partner-client': clientId, ...consented, settlement: await settlementOf(staff, shop.id), 'settled-shop': shop.id,
    dispute, 'dispute-document': evidence[0]!, 'dispute-document-to-withdraw': evidence[1]!, 'merchant-application': application.id, 'merchant-application-to-withdraw': (await newApplication(shop.owner)).id,
    'merchant-document': application.documents[0]!, 'merchant-document-to-remove': application.documents[1]!,
  };
  return { viewers, owner, shopId: shop.id, qrCode, things, quote: { id: paymentQuote.quote.id } };
}

const usd = (amount: string) => ({ amount, currency: 'USD' });

/** For each operation with required arguments an input that is right but for what the matrix puts into it. */
export const INPUTS: Readonly<Record<string, (viewer: Viewer, cast: Cast, path?: string) => Record<string, unknown>>> = {
  'Query.transaction': () => ({ id: NOWHERE }),
  'Query.merchant': () => ({ id: NOWHERE }),
  'Query.paymentQuote': ({ walletId }, { shopId }) => ({ input: { walletId, merchantId: shopId, amount: usd('1.00') } }),
  'Mutation.addCard': () => ({ input: { number: '4242424242424242', expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'A' } }),
  'Mutation.payMerchant': ({ walletId }, { shopId }, path) => ({
    input: { walletId, merchantId: shopId, amount: usd(path === 'stepUpId' ? '1000.00' : '0.50'), idempotencyKey: randomUUID() },
  }),
  'Mutation.signUp': () => ({
    input: { email: `m-${randomUUID()}@e2e.tael.example`, password: `pass-${randomUUID()}`, displayName: 'M', currency: 'USD' },
  }),
  'Mutation.changePassword': ({ person }) => ({ input: { currentPassword: person?.password ?? 'none', newPassword: 'short' } }),
  'Mutation.refundPayment': () => ({ input: { transactionId: NOWHERE, amount: usd('0.01'), idempotencyKey: randomUUID() } }),
  'Mutation.beginTotp': ({ person }) => ({ input: { password: person?.password ?? 'none' } }),
  'Mutation.confirmTotp': () => ({ input: { code: '000000' } }),
  'Mutation.disableTotp': () => ({ input: { stepUpId: NOWHERE } }),
  'Mutation.regenerateRecoveryCodes': () => ({ input: { stepUpId: NOWHERE } }),
  'Mutation.endSession': () => ({ input: { sessionId: NOWHERE } }),
  'Mutation.signIn': () => ({ input: { email: `nobody-${randomUUID()}@e2e.tael.example`, password: 'not the password' } }),
  'Mutation.completeSignIn': () => ({ input: { challengeToken: 'none', code: '000000' } }),
  'Mutation.withdrawConsent': () => ({ input: { consentId: NOWHERE } }),
  'Mutation.refreshSession': () => ({ input: { refreshToken: 'none' } }),
  'Mutation.requestStepUp': ({ walletId }, { shopId, owner }, path) => ({
    input: path?.startsWith('transfer')
      ? { purpose: 'SEND_MONEY', transfer: { walletId, recipientEmail: owner.email, amount: usd('1000.00') } }
      : { purpose: 'PAY_MERCHANT', payment: { walletId, merchantId: shopId, amount: usd('1000.00') } },
  }),
  'Mutation.approveStepUp': () => ({ input: { stepUpId: NOWHERE, code: '000000' } }),
  'Mutation.topUp': ({ walletId, cardId }) => ({
    input: { walletId, paymentMethodId: cardId, amount: usd('1.00'), idempotencyKey: randomUUID() },
  }),
  'Mutation.sendMoney': ({ walletId, person }, { owner, viewers }, path) => ({
    input: {
      walletId, recipientEmail: person === owner ? viewers.stranger.person!.email : owner.email,
      amount: usd(path === 'stepUpId' ? '1000.00' : '0.01'), idempotencyKey: randomUUID(),
    },
  }),
  'Mutation.addBankAccount': () => ({ input: { iban: 'DE89370400440532013000', holderName: 'M' } }),
  'Mutation.confirmBankAccount': ({ bankAccountId }) => ({
    input: { paymentMethodId: bankAccountId, amounts: [{ amount: '0.32', currency: 'EUR' }, { amount: '0.45', currency: 'EUR' }] },
  }),
  'Mutation.withdraw': ({ walletId, bankAccountId }, _cast, path) => ({
    input: {
      walletId, paymentMethodId: bankAccountId, amount: usd(path === 'stepUpId' ? '1000.00' : '0.01'), idempotencyKey: randomUUID(),
    },
  }),
  'Query.settlement': () => ({ id: NOWHERE }),
  'Query.settlementAudit': () => ({ merchantId: NOWHERE }),
  'Mutation.setPayoutAccount': () => ({ input: { merchantId: NOWHERE, iban: 'DE89370400440532013000', holderName: 'M' } }),
  'Mutation.resumePayouts': () => ({ input: { merchantId: NOWHERE, payoutId: NOWHERE } }),
  'Mutation.confirmPayoutAccount': () => ({
    input: { merchantId: NOWHERE, amounts: [{ amount: '0.32', currency: 'EUR' }, { amount: '0.45', currency: 'EUR' }] },
  }),
  'Mutation.setMerchantTerms': () => ({
    input: { merchantId: NOWHERE, feeBasisPoints: 100, feePerPayment: usd('0.10'), reserveBasisPoints: 0, reserveDays: 0, reason: 'The matrix' },
  }),
  'Mutation.closeSettlement': () => ({ input: { merchantId: NOWHERE, currency: 'USD', reason: 'The matrix' } }),
  'Mutation.requestPayoutByHand': () => ({
    input: { merchantId: NOWHERE, amount: usd('0.01'), reason: 'The matrix', idempotencyKey: randomUUID() },
  }),
  'Mutation.openWallet': () => ({ input: { currency: 'EUR' } }),
  'Mutation.registerMerchant': () => ({ input: { name: 'Matrix', categoryCode: '5814', currency: 'USD' } }),
  'Mutation.openDispute': () => ({ input: { transactionId: NOWHERE, reason: 'OTHER', description: 'The matrix' } }),
  'Mutation.withdrawDispute': () => ({ input: { disputeId: NOWHERE } }),
  'Mutation.acceptDispute': () => ({ input: { disputeId: NOWHERE } }),
  'Mutation.contestDispute': () => ({ input: { disputeId: NOWHERE, evidence: 'The matrix' } }),
  'Mutation.decideDispute': () => ({ input: { disputeId: NOWHERE, decision: 'MERCHANT', reason: 'The matrix' } }),
  'Mutation.addDisputeDocument': () => ({ input: { disputeId: NOWHERE, kind: 'OTHER', size: 9, sha256: '00'.repeat(32) } }),
  'Mutation.addDisputeDocumentChunk': () => ({ input: { documentId: NOWHERE, number: 0, content: '' } }),
  'Mutation.withdrawDisputeDocument': () => ({ input: { documentId: NOWHERE } }),
  'Query.merchantApplication': () => ({ id: NOWHERE }),
  'Mutation.beginMerchantApplication': () => ({ input: { business: BUSINESS } }),
  'Mutation.updateMerchantApplication': () => ({ input: { applicationId: NOWHERE, business: BUSINESS } }),
  'Mutation.addMerchantDocument': () => ({ input: { applicationId: NOWHERE, kind: 'PREMISES', size: 9, sha256: '00'.repeat(32) } }),
  'Mutation.addMerchantDocumentChunk': () => ({ input: { documentId: NOWHERE, number: 0, content: '' } }),
  'Mutation.removeMerchantDocument': () => ({ input: { documentId: NOWHERE } }),
  'Mutation.submitMerchantApplication': () => ({ input: { applicationId: NOWHERE } }),
  'Mutation.withdrawMerchantApplication': () => ({ input: { applicationId: NOWHERE } }),
  'Mutation.takeMerchantApplication': () => ({ input: { applicationId: NOWHERE } }),
  'Mutation.releaseMerchantApplication': () => ({ input: { applicationId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.askMoreOfMerchant': () => ({ input: { applicationId: NOWHERE, reason: 'The matrix', message: 'The matrix' } }),
  'Mutation.approveMerchantApplication': () => ({ input: { applicationId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.rejectMerchantApplication': () => ({ input: { applicationId: NOWHERE, reason: 'The matrix', message: 'The matrix' } }),
  'Mutation.createWebhookEndpoint': () => ({ input: { merchantId: NOWHERE, url: 'https://hooks.tael.example/matrix', eventTypes: [] } }),
  'Mutation.updateWebhookEndpoint': () => ({ input: { endpointId: NOWHERE, description: 'Matrix' } }),
  'Mutation.deleteWebhookEndpoint': () => ({ input: { endpointId: NOWHERE } }),
  'Mutation.rotateWebhookKey': () => ({ input: { endpointId: NOWHERE } }),
  'Mutation.sendTestWebhook': () => ({ input: { endpointId: NOWHERE } }),
  'Mutation.redeliverWebhook': () => ({ input: { deliveryId: NOWHERE } }),
  'Mutation.activateMerchant': () => ({ input: { merchantId: NOWHERE } }),
  'Mutation.suspendMerchant': () => ({ input: { merchantId: NOWHERE, reason: 'The matrix' } }),
  'Query.partnerById': () => ({ id: NOWHERE }),
  'Mutation.invitePartner': () => ({ input: { name: 'Matrix', environment: 'SANDBOX', scopes: ['partner:read'], reason: 'The matrix' } }),
  'Mutation.renewPartnerInvitation': () => ({ input: { partnerId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.suspendPartner': () => ({ input: { partnerId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.resumePartner': () => ({ input: { partnerId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.setPartnerRate': () => ({ input: { partnerId: NOWHERE, perSecond: 10, burst: 10, reason: 'The matrix' } }),
  'Mutation.revokePartnerKey': (_viewer, { things }, path) => ({
    input: { partnerId: path === 'clientId' ? things['partner'] : NOWHERE, clientId: NOWHERE, kid: 'none', reason: 'The matrix' },
  }),
  'Mutation.registerPartnerClient': () => ({ input: { invitation: 'none', jwks: '{}', proof: ['none'] } }),
  'Mutation.withdrawDocuments': () => ({ input: { documents: [`sha256:${'0'.repeat(64)}`], reason: 'The matrix' } }),
  'Mutation.withdrawPartnerDocuments': () => ({ input: { partnerId: NOWHERE, documents: [`sha256:${'0'.repeat(64)}`], reason: 'The matrix' } }),
  'Mutation.publishDocuments': () => ({ input: { documents: ['{ partner { id } }'] } }),
  'Mutation.setRedirectUris': () => ({ input: { uris: [], reason: 'The matrix' } }),
  'Mutation.addPartnerKey': () => ({ input: { jwk: '{}', proof: 'none' } }),
  'Query.approval': () => ({ id: NOWHERE }),
  'Mutation.approveRequest': () => ({ input: { approvalId: NOWHERE, digest: 'none', reason: 'The matrix' } }),
  'Mutation.rejectRequest': () => ({ input: { approvalId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.cancelRequest': () => ({ input: { approvalId: NOWHERE, reason: 'The matrix' } }),
  'Query.consent': () => ({ id: NOWHERE }),
  'Mutation.endConsent': () => ({ input: { consentId: NOWHERE, cause: 'OTHER', reason: 'The matrix' } }),
  'Query.limit': () => ({ id: NOWHERE }),
  // A version that was never there: nothing is changed.
  'Mutation.setLimit': () => ({ input: { limitId: NOWHERE, expectedVersion: 0, amount: usd('1.00'), reason: 'The matrix' } }),
  'Mutation.requestLimitRaise': () => ({
    input: { limitId: NOWHERE, expectedVersion: 0, amount: usd('1.00'), reason: 'The matrix', idempotencyKey: randomUUID() },
  }),
  'Mutation.setFeeSchedule': () => ({
    input: { kind: 'PAYMENT', currency: 'USD', expectedVersion: 0, rateBasisPoints: 1, minimum: usd('0.01'), maximum: usd('1.00'), reason: 'The matrix' },
  }),
  'Query.reconciliation': () => ({ id: NOWHERE }),
  'Query.break': () => ({ id: NOWHERE }),
  'Mutation.reconcileBankFile': () => ({
    input: { currency: 'USD', from: 'x', to: 'x', openingBalance: '0.00', closingBalance: '0.00', csv: 'booking_id,reference,kind,amount,booked_on', reason: 'The matrix' },
  }),
  'Query.bankFile': () => ({ id: NOWHERE }),
  'Mutation.openBankFile': () => ({
    input: { reference: 'two words', currency: 'USD', from: 'x', to: 'x', openingBalance: '0.00', closingBalance: '0.00', reason: 'The matrix' },
  }),
  'Mutation.addBankFileChunk': () => ({ input: { fileId: NOWHERE, number: 0, text: '' } }),
  'Mutation.compareBankFile': () => ({ input: { fileId: NOWHERE } }),
  'Mutation.discardBankFile': () => ({ input: { fileId: NOWHERE } }),
  'Mutation.assignBreak': () => ({ input: { breakId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.noteBreak': () => ({ input: { breakId: NOWHERE, note: 'The matrix' } }),
  'Mutation.resolveBreak': () => ({ input: { breakId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.requestBreakWriteOff': () => ({ input: { breakId: NOWHERE, reason: 'The matrix', idempotencyKey: randomUUID() } }),
  'Mutation.requestManualAdjustment': () => ({
    input: { walletId: NOWHERE, direction: 'CREDIT', amount: usd('1.00'), reason: 'The matrix', idempotencyKey: randomUUID() },
  }),
  'Mutation.freezeWallet': () => ({ input: { walletId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.unfreezeWallet': () => ({ input: { freezeId: NOWHERE, reason: 'The matrix' } }),
  'Query.historyImport': () => ({ id: NOWHERE }),
  'Query.partnerAccount': () => ({ number: '1', currency: 'CZK' }),
  'Mutation.openHistoryImport': () => ({ input: { reference: 'matrix', currency: 'CZK' } }),
  'Mutation.addHistoryChunk': () => ({ input: { importId: NOWHERE, number: 0, csv: '' } }),
  'Mutation.checkHistoryImport': () => ({ input: { importId: NOWHERE } }),
  'Mutation.applyHistoryImport': () => ({ input: { importId: NOWHERE } }),
  'Mutation.discardHistoryImport': () => ({ input: { importId: NOWHERE } }),
  'Mutation.publishSubgraph': () => ({ input: { slug: 'matrixbank', address: 'https://bank.tael.example/graphql', sdl: '' } }),
  'Mutation.withdrawSubgraph': () => ({ input: { id: NOWHERE } }),
  'Mutation.approveSubgraph': () => ({ input: { id: NOWHERE, reason: 'The matrix' } }),
  'Mutation.rejectSubgraph': () => ({ input: { id: NOWHERE, reason: 'The matrix' } }),
  'Mutation.suspendSubgraph': () => ({ input: { id: NOWHERE, reason: 'The matrix' } }),
  'Mutation.retirePartnerKey': () => ({ input: { kid: 'none', reason: 'The matrix' } }),
  'Mutation.inviteMerchantPerson': () => ({ input: { merchantId: NOWHERE, role: 'CASHIER', reason: 'The matrix' } }),
  'Mutation.joinMerchant': () => ({ input: { code: 'none' } }),
  'Mutation.removeMerchantPerson': () => ({ input: { merchantId: NOWHERE, personId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.changeMerchantRole': () => ({ input: { merchantId: NOWHERE, personId: NOWHERE, role: 'CASHIER', reason: 'The matrix' } }),
  'Query.promotionKit': () => ({ storeId: NOWHERE }),
  'Query.nearbyStores': () => ({ input: { latitude: 37.79, longitude: -122.4, radiusMeters: 100 } }),
  'Mutation.addStore': () => ({ input: { merchantId: NOWHERE, ...STORE } }),
  'Mutation.updateStore': () => ({ input: { storeId: NOWHERE, name: 'Matrix' } }),
  'Mutation.closeStore': () => ({ input: { storeId: NOWHERE } }),
  'Mutation.createPaymentCode': () => ({ input: { storeId: NOWHERE, amount: usd('1.00') } }),
  'Mutation.payByQr': ({ walletId }, { qrCode }, path) => ({
    input: { walletId, payload: qrCode, amount: usd(path === 'stepUpId' ? '1000.00' : '0.50'), idempotencyKey: randomUUID() },
  }),
  'Mutation.createCampaign': () => ({
    input: { name: 'Matrix', currency: 'USD', budget: usd('1.00'), conditions: {}, cashback: { rateBasisPoints: 1 } },
  }),
  'Mutation.activateCampaign': () => ({ input: { campaignId: NOWHERE } }),
  'Mutation.pauseCampaign': () => ({ input: { campaignId: NOWHERE } }),
  'Mutation.registerPushSubscription': () => ({
    input: { endpoint: 'http://127.0.0.1:1/none', p256dh: 'none', auth: 'none' },
  }),
  'Mutation.markNotificationsRead': () => ({ input: { ids: [NOWHERE] } }),
  'Mutation.updateNotificationPreferences': () => ({ input: {} }),
};

