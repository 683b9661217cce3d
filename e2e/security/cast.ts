import { eventually } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import {
  addBankAccount, addCard, addStore, anonymous, fund, inboxOf, must, newCampaign, newFundedPerson, newMerchant, operator, pay, type Person, QUOTE, rewardsOf,
} from '../world';
import {
  askStepUp, enableTotp, newApplication, newBankFile, newBreak, newConsent, newConsentOrder, newDebt, newDispute, newDisputeDocuments, newFreeze, newPartner, newRefund, newWebhook, paidTo,
  secondSession, settlementOf,
} from './things';

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

async function viewerOf(person: Person): Promise<Viewer> {
  const walletId = person.walletId || (await must<any>(person.client,
    'mutation { openWallet(input: { currency: "USD" }) { wallet { id } userErrors { code } } }')).openWallet.wallet.id;
  return { person, client: person.client, walletId, cardId: await addCard(person), bankAccountId: await addBankAccount(person) };
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
  // The stranger has one as well: an id of the owner's is to be nothing beside it.
  await newDispute(stranger, (await pay(stranger, shop.id, '1.00')).id);
  const evidence = await newDisputeDocuments(owner, dispute);
  const { requestManualAdjustment } = await must<any>(staff.client,
    'mutation ($input: RequestManualAdjustmentInput!) { requestManualAdjustment(input: $input) { approval { id } userErrors { code } } }',
    { input: { walletId: owner.walletId, direction: 'CREDIT', amount: { amount: '1.00', currency: 'USD' }, reason: 'The matrix', idempotencyKey: randomUUID() } });
  const { reconciliationId, breakId } = await newBreak(staff);
  const things = {
    debt: await newDebt(staff),
    reconciliation: reconciliationId, break: breakId, 'bank-file': await newBankFile(staff),
    'operator-request': requestManualAdjustment.approval.id, limit: 'day-amount-USD', 'adjusted-wallet': owner.walletId, ...await newFreeze(staff), ...await newConsentOrder(staff),
    webhook: webhook.endpointId, 'webhook-to-delete': (await newWebhook(shop.owner, shop.id, 'ends')).endpointId, 'webhook-delivery': webhook.deliveryId,
    wallet: owner.walletId, card: viewers.owner.cardId, bankAccount: viewers.owner.bankAccountId, session, notification: (await inboxOf(owner))[0].id,
    transaction: paid.id, payment: paid.id, refund: await newRefund(owner, shop), merchant: pending.registerMerchant.merchant.id,
    payee: pending.registerMerchant.merchant.id, store: pendingStore.id, campaign: draft.createCampaign.campaign.id,
    approval: await askStepUp(owner, shop.id), unread: shop.id,
    partner: partnerId, 'partner-client': clientId, ...consented, settlement: await settlementOf(staff, shop.id), 'settled-shop': shop.id,
    dispute, 'dispute-document': evidence[0]!, 'dispute-document-to-withdraw': evidence[1]!, 'merchant-application': application.id, 'merchant-application-to-withdraw': (await newApplication(shop.owner)).id,
    'merchant-document': application.documents[0]!, 'merchant-document-to-remove': application.documents[1]!,
  };
  return { viewers, owner, shopId: shop.id, qrCode, things, quote: { id: paymentQuote.quote.id } };
}
