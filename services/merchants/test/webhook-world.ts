import { toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import { type BusMessage } from '@tael/platform/bus';
import type { Identity } from '@tael/platform/identity';
import { inTransaction } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { createWebhooks, type Webhooks } from '../src/app';
import { eventHandler, wantedBy } from '../src/events/event.consumer';
import { type Receiver, startReceiver } from './webhook-receiver';
import { register, sealKeys, silent, somebody, startSubject, type Subject } from './support';

export interface WebhookWorld {
  readonly subject: Subject;
  readonly receiver: Receiver;
  readonly webhooks: Webhooks;
  /** Moves the clock that the workers go by. */
  pass(ms: number): void;
  /** Another process's webhooks on the same database and clock. */
  another(more?: Partial<Parameters<typeof createWebhooks>[0]>): Webhooks;
  stop(): Promise<void>;
}

/** A service with a receiver, and a clock that a test moves. */
export async function startWebhookWorld(name: string, more: Partial<Parameters<typeof createWebhooks>[0]> = {}): Promise<WebhookWorld> {
  const subject = await startSubject(name);
  const receiver = await startReceiver();
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const another = (own = {}): Webhooks =>
    createWebhooks({
      dataSource: subject.dataSource, log: silent, sealKeys, now, sender: { allowHttp: true, timeLimitMs: 2_000 }, ...more, ...own,
    });
  return {
    subject, receiver, another,
    webhooks: another(),
    pass: (ms) => void (ahead += ms),
    async stop() {
      await receiver.stop();
      await subject.stop();
    },
  };
}

const ENDPOINT = 'id url status disabledReason eventTypes description keys { publicKey expiresAt }';

export interface Shop {
  readonly owner: Identity;
  readonly merchantId: string;
  readonly endpoint: { id: string; keys: { publicKey: string; expiresAt: string | null }[] };
}

/** Asks, and gives the answer's data, which must be without errors. */
export async function must(subject: Subject, as: Identity, query: string, variables: object = {}): Promise<any> {
  const { data, errors } = await subject.ask(as, query, variables);
  expect(errors).toBeUndefined();
  return data;
}

/** Makes an endpoint; gives the payload. */
export async function createEndpoint(subject: Subject, as: Identity, input: object) {
  const query = `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
    endpoint { ${ENDPOINT} } userErrors { code message field } } }`;
  return (await must(subject, as, query, { input })).createWebhookEndpoint;
}

/** A merchant with an owner and an endpoint at the receiver. */
export async function newShop({ subject, receiver }: WebhookWorld, path = ''): Promise<Shop> {
  const owner = somebody();
  const { merchant } = await register(subject, owner);
  const { endpoint, userErrors } = await createEndpoint(subject, owner, {
    merchantId: merchant.id, url: receiver.url + path, eventTypes: ['payment.settled', 'payment.refunded'],
  });
  expect(userErrors).toEqual([]);
  return { owner, merchantId: merchant.id, endpoint };
}

/** The id of a payment whose messages go through a lane of its merchant. */
export const idInLane = (lane: number): string => uuidv7().slice(0, -2) + lane.toString(16).padStart(2, '0');

/** What accounts says of a payment to a merchant. */
export function payment(merchantId: string, minor = 1_250n, transactionId = uuidv7()): BusMessage {
  const at = new Date();
  const usd = currencyCode('USD');
  const message = toMessage(
    'payment.settled',
    {
      transactionId, personId: uuidv7(), walletId: uuidv7(), currency: usd, amount: minor, balanceAfter: 0n, occurredAt: at,
      merchantId, merchantCategoryCode: '5814', fee: 10n, feeBeforeWaiver: 10n, waiverCampaignId: null, waived: 0n, ordinal: 1,
    },
    { source: 'accounts', time: at },
  );
  return { ...message, partition: 0, offset: '0' } as unknown as BusMessage;
}

/** What accounts says of a refund of a payment. */
export function refund(merchantId: string, paymentId: string, minor = 250n): BusMessage {
  const at = new Date();
  const message = toMessage(
    'payment.refunded',
    {
      transactionId: uuidv7(), personId: uuidv7(), walletId: uuidv7(), currency: currencyCode('USD'), amount: minor, balanceAfter: 0n, occurredAt: at,
      merchantId, paymentId, paymentAmount: 1_250n, refundedTotal: minor, refundOrdinal: 1,
    },
    { source: 'accounts', time: at },
  );
  return { ...message, partition: 0, offset: '0' } as unknown as BusMessage;
}

/** Works off messages as the consumer does: those that somebody wants, in one transaction. */
export async function consume({ subject, webhooks }: WebhookWorld, messages: readonly BusMessage[]): Promise<void> {
  const wanted = await wantedBy(webhooks.queue)(messages);
  await inTransaction(subject.dataSource, (tx) => eventHandler(webhooks.queue)(tx, wanted));
}

export const paymentIdOf = (message: BusMessage): string => JSON.parse(String(message.value)).transactionId;
export const paymentIds = (receiver: Receiver): string[] => receiver.received.map(({ body }) => JSON.parse(body).data.paymentId);

/** What the log of an endpoint shows, the newest first. */
export async function deliveriesOf({ subject }: WebhookWorld, shop: Shop, status = 'null'): Promise<any[]> {
  const data = await must(subject, shop.owner, `query ($id: ID!) { merchant(id: $id) { webhookEndpoints(first: 5) { edges { node { id
    status disabledReason deliveries(first: 50, status: ${status}) { edges { node {
      id eventType status attempts responseStatus responseExcerpt reason } } } } } } } }`, { id: shop.merchantId });
  return data.merchant.webhookEndpoints.edges[0].node.deliveries.edges.map((edge: any) => edge.node);
}

/** What an endpoint shows of itself. */
export async function endpointOf({ subject }: WebhookWorld, shop: Shop): Promise<any> {
  const data = await must(subject, shop.owner,
    `query ($id: ID!) { merchant(id: $id) { webhookEndpoints(first: 5) { edges { node { ${ENDPOINT} } } } } }`, { id: shop.merchantId });
  return data.merchant.webhookEndpoints.edges[0]?.node;
}

/** A partner bank that asks, by its token's scopes. */
export function partnerBank(scopes: string[] = ['webhooks:manage'], partnerId = uuidv7()): Identity {
  return { ...somebody(), principal: null, partner: { partnerId, clientId: uuidv7(), scopes } } as unknown as Identity;
}
