import { randomUUID } from 'node:crypto';
import { type GraphQLField, isNonNullType } from 'graphql';
import { STORE } from '../world';
import { type Cast, NOWHERE, type Viewer } from './cast';
import { isIdArgument, rules } from './documents';
import { BUSINESS } from './things';

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
  'Mutation.requestPasswordReset': () => ({ input: { email: `nobody-${randomUUID()}@e2e.tael.example` } }),
  'Mutation.resetPassword': () => ({ input: { requestId: randomUUID(), code: '0000-0000-0000-0000', newPassword: 'short' } }),
  'Mutation.requestSecondFactorRemoval': () => ({ input: { challengeToken: 'none' } }),
  'Mutation.confirmSecondFactorRemoval': () => ({ input: { challengeToken: 'none', code: '0000-0000-0000-0000' } }),
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
  'Mutation.createWebhookEndpoint': () => ({ input: { merchantId: NOWHERE, url: 'https://hooks.tael.example/matrix', eventTypes: [], reason: 'The matrix' } }),
  'Mutation.updateWebhookEndpoint': () => ({ input: { endpointId: NOWHERE, description: 'Matrix', reason: 'The matrix' } }),
  'Mutation.deleteWebhookEndpoint': () => ({ input: { endpointId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.rotateWebhookKey': () => ({ input: { endpointId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.sendTestWebhook': () => ({ input: { endpointId: NOWHERE } }),
  'Mutation.redeliverWebhook': () => ({ input: { deliveryId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.activateMerchant': () => ({ input: { merchantId: NOWHERE } }),
  'Mutation.suspendMerchant': () => ({ input: { merchantId: NOWHERE, reason: 'The matrix' } }),
  'Query.partnerById': () => ({ id: NOWHERE }),
  'Mutation.invitePartner': () => ({ input: { name: 'Matrix', environment: 'SANDBOX', scopes: ['partner:read'], reason: 'The matrix' } }),
  'Mutation.renewPartnerInvitation': () => ({ input: { partnerId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.suspendPartner': () => ({ input: { partnerId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.resumePartner': () => ({ input: { partnerId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.setPartnerClientScopes': (_viewer, { things }, path) => ({
    input: { partnerId: path === 'clientId' ? things['partner'] : NOWHERE, clientId: NOWHERE, scopes: ['partner:read'], reason: 'The matrix' },
  }),
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
  'Query.consentOrder': () => ({ id: NOWHERE }),
  'Mutation.endConsents': () => ({ input: { partnerId: NOWHERE, cause: 'OTHER', reason: 'The matrix', idempotencyKey: randomUUID() } }),
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
  'Query.owingMerchants': () => ({ currency: 'USD' }),
  'Mutation.requestMerchantWriteOff': () => ({ input: { merchantId: NOWHERE, amount: usd('0.01'), reason: 'The matrix', idempotencyKey: randomUUID() } }),
  'Mutation.retryBankFile': () => ({ input: { fileId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.discardBankFile': () => ({ input: { fileId: NOWHERE } }),
  'Mutation.assignBreak': () => ({ input: { breakId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.noteBreak': () => ({ input: { breakId: NOWHERE, note: 'The matrix' } }),
  'Mutation.resolveBreak': () => ({ input: { breakId: NOWHERE, reason: 'The matrix' } }),
  'Mutation.requestBreakWriteOff': () => ({ input: { breakId: NOWHERE, reason: 'The matrix', idempotencyKey: randomUUID() } }),
  'Query.debt': () => ({ id: NOWHERE }),
  'Mutation.requestDebtWriteOff': () => ({ input: { debtId: NOWHERE, amount: usd('0.01'), reason: 'The matrix', idempotencyKey: randomUUID() } }),
  'Mutation.requestManualAdjustment': () => ({
    input: { walletId: NOWHERE, direction: 'CREDIT', amount: usd('1.00'), reason: 'The matrix', idempotencyKey: randomUUID() },
  }),
  'Mutation.signCustomerOut': () => ({ input: { walletId: NOWHERE, reason: 'The matrix' } }),
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
  'Mutation.addStore': () => ({ input: { merchantId: NOWHERE, ...STORE, reason: 'The matrix' } }),
  'Mutation.updateStore': () => ({ input: { storeId: NOWHERE, name: 'Matrix', reason: 'The matrix' } }),
  'Mutation.closeStore': () => ({ input: { storeId: NOWHERE, reason: 'The matrix' } }),
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

/** What a query by an id is asked with where what lies below it is meant: the owner's, or the shop that they pay, which has all a shop can have. */
export function rootVariables(root: string, field: GraphQLField<unknown, unknown>, viewer: Viewer, cast: Cast): Record<string, unknown> {
  if (root === 'Query.merchant') return { id: cast.shopId };
  const variables = INPUTS[root]?.(viewer, cast) ?? {};
  const ids = field.args.filter((arg) => isNonNullType(arg.type) && isIdArgument(arg)).map((arg) => [arg.name, cast.things[rules.ids[`${root}(${arg.name})`]!]]);
  return { ...variables, ...Object.fromEntries(ids) };
}
