import { type EventData, type EventMessage, type EventType, toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import { type Identity, IDENTITY_HEADER, type Role, signIdentity } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { inTransaction, migrate } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import { type TestDatabase, testDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from '../src/app';
import { rewardsDataSource } from '../src/data-source';
import { createEventHandler, type EventHandler } from '../src/events/event.consumer';
import { createServices, type Services } from '../src/services';

/** Sessions of a subject: as many transactions are really at work at once. */
const SESSIONS = 20;

/** Does all tasks, as many at once as there are sessions: a task never waits so long for one that it is given up. */
export async function atOnce<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const queue = tasks.entries();
  await Promise.all(Array.from({ length: SESSIONS }, async () => {
    for (const [index, task] of queue) results[index] = await task();
  }));
  return results;
}

export const identityKeys: [{ id: string; key: Buffer }] = [{ id: 'i1', key: Buffer.alloc(32, 1) }];
export const sealKeys: [{ id: string; key: Buffer }] = [{ id: 's1', key: Buffer.alloc(32, 2) }];
export const sealer = createSealer(sealKeys);
export const silent = createLogger({ service: 'rewards-test', level: 'silent' });
export const USD = currencyCode('USD');

/** Somebody new: tests never share a person. */
export function somebody(options: { roles?: Role[]; locale?: string; personId?: string } = {}): Identity {
  const { roles = ['CUSTOMER'], locale = 'en', personId = uuidv7() } = options;
  return {
    principal: { personId, sessionId: uuidv7(), roles }, locale, reference: 'ref-test', traceparent: '', address: '127.0.0.1',
  };
}

export const operator = (): Identity => somebody({ roles: ['CUSTOMER', 'OPERATOR'] });
export const nobody: Identity = { ...somebody(), principal: null };

type Answer = { status: number; data: any; errors: any };
type Payment = EventData<'payment.settled'>;

/** What the outbox holds, oldest first. */
export interface Published {
  readonly type: string;
  readonly data: Record<string, any>;
}

export interface Subject {
  readonly dataSource: DataSource;
  readonly database: TestDatabase;
  readonly services: Services;
  readonly handle: EventHandler;
  ask(as: Identity, query: string, variables?: object): Promise<Answer>;
  /** Works messages off as the consumer does, each in a transaction of its own, one after the other. */
  deliver(...messages: EventMessage[]): Promise<void>;
  published(type: EventType, where?: (data: Record<string, any>) => boolean): Promise<Published['data'][]>;
  stop(): Promise<void>;
}

export async function migrated(url: string): Promise<void> {
  const dataSource = await rewardsDataSource({ url, poolSize: 2 }).initialize();
  await migrate(dataSource);
  await dataSource.destroy();
}

/** Starts the service on a database of its own; requests go in without a network, signed as the gateway signs them. */
export async function startSubject(name: string, now: () => Date = () => new Date()): Promise<Subject> {
  const database = await testDatabase({ name, templateKey: 'rewards', prepare: migrated });
  const dataSource = await rewardsDataSource({ url: database.url, poolSize: SESSIONS }).initialize();
  const services = createServices({ dataSource, sealer, now });
  const app = await createApp({ dataSource, services, log: silent, identityKeys });
  const handle = createEventHandler(services);
  return {
    dataSource,
    database,
    services,
    handle,
    async ask(as, query, variables = {}) {
      const payload = JSON.stringify({ query, variables });
      const header = signIdentity(as, payload, identityKeys, now().getTime());
      const headers = { 'content-type': 'application/json', [IDENTITY_HEADER]: header };
      const response = await app.inject({ method: 'POST', url: '/graphql', payload, headers });
      const body: Omit<Answer, 'status'> = response.json();
      return { status: response.statusCode, ...body };
    },
    async deliver(...messages) {
      for (const message of messages) await inTransaction(dataSource, (tx) => handle(tx, [message]));
    },
    async published(type, where = () => true) {
      const rows: { value: string }[] = await dataSource.query(
        `/* test.published */ SELECT value FROM outbox WHERE headers->>'ce_type' = $1 ORDER BY id`, [type],
      );
      return rows.map((row) => JSON.parse(row.value) as Record<string, any>).filter(where);
    },
    async stop() {
      await app.close();
      await dataSource.destroy();
      await database.drop();
    },
  };
}

const at = (time: Date) => ({ source: 'accounts', time });

/** An event as accounts would send it, each time with an id of its own. */
export function event<Type extends EventType>(type: Type, data: EventData<Type>): EventMessage {
  return toMessage(type, data, at(new Date()));
}

/** A payment of 100.00 USD with the fee of 1.00, unless told. */
export function payment(given: Partial<Payment> = {}): Payment {
  return {
    transactionId: uuidv7(), personId: uuidv7(), walletId: uuidv7(), currency: USD, amount: 10_000n, balanceAfter: 0n,
    occurredAt: new Date(), merchantId: uuidv7(), merchantCategoryCode: '5814', fee: 100n, feeBeforeWaiver: 100n,
    waiverCampaignId: null, waived: 0n, ordinal: 1, ...given,
  };
}

export const settled = (data: Payment): EventMessage => event('payment.settled', data);

/** The refund of a payment that brings the total of its refunds to `refundedTotal`. */
export function refunded(paid: Payment, refundedTotal: bigint, given: Partial<EventData<'payment.refunded'>> = {}): EventMessage {
  const { personId, walletId, currency, merchantId, transactionId: paymentId, amount: paymentAmount } = paid;
  return event('payment.refunded', {
    transactionId: uuidv7(), personId, walletId, currency, amount: refundedTotal, balanceAfter: 0n, occurredAt: new Date(),
    paymentId, merchantId, paymentAmount, refundedTotal, refundOrdinal: 1, ...given,
  });
}

export function registered(personId: string, given: { referredBy?: string; displayName?: string } = {}): EventMessage {
  const { referredBy = null, displayName = 'Mia Lang' } = given;
  return event('person.registered', {
    personId, locale: 'en', timeZone: 'UTC', referralCode: 'CODE', referredBy, channel: null, occurredAt: new Date(),
    contact: sealer.seal(JSON.stringify({ displayName, email: 'x@example.com' }), personId),
  });
}

/** Two people of whom accounts has found that they have the same card. */
export function linked(one: string, other: string, given: { by?: EventData<'people.linked'>['by']; at?: Date } = {}): EventMessage {
  const [personId, otherId] = [one, other].sort() as [string, string];
  return event('people.linked', { personId, otherId, by: given.by ?? 'CARD', occurredAt: given.at ?? new Date() });
}

/** What accounts answers to a grant, of which it keeps `withheld` for earlier debts. */
export function posted(granted: Record<string, any>, withheld = 0n): EventMessage {
  return event('reward.posted', {
    transactionId: uuidv7(), personId: granted['personId'], walletId: granted['walletId'] ?? uuidv7(), currency: USD,
    amount: BigInt(granted['amount']), credited: BigInt(granted['amount']) - withheld, balanceAfter: 0n, occurredAt: new Date(),
    grantId: granted['grantId'], campaignId: granted['campaignId'], kind: granted['kind'],
    sourceTransactionId: granted['sourceTransactionId'],
  });
}

/** What accounts answers to a reversal of which `owed` was not in the wallet any more. */
export function takenBack(reversed: Record<string, any>, owed = 0n): EventMessage {
  return event('reward.reversed', {
    transactionId: uuidv7(), personId: reversed['personId'], walletId: uuidv7(), currency: USD, amount: BigInt(reversed['amount']) - owed,
    owed, balanceAfter: 0n, occurredAt: new Date(), reversalId: reversed['reversalId'], grantId: reversed['grantId'],
    campaignId: reversed['campaignId'], sourceTransactionId: reversed['sourceTransactionId'],
  });
}

export function refused(granted: Record<string, any>, reason: EventData<'reward.refused'>['reason']): EventMessage {
  const { grantId, campaignId, personId } = granted as { grantId: string; campaignId: string; personId: string };
  return event('reward.refused', { grantId, campaignId, personId, reason, occurredAt: new Date() });
}

const usd = (amount: string) => ({ amount, currency: 'USD' });

/** Creates a campaign by the API: 2.5 % cashback of a budget of 1,000.00 USD at one merchant, unless told. */
export async function createCampaign(subject: Subject, input: object = {}): Promise<string> {
  const answer = await subject.ask(
    operator(),
    'mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) { campaign { id } userErrors { code message field } } }',
    { input: { name: 'Autumn', currency: 'USD', budget: usd('1000.00'), conditions: {}, ...input } },
  );
  expect(answer).toMatchObject({ status: 200, data: { createCampaign: { userErrors: [] } } });
  return answer.data.createCampaign.campaign.id;
}

export async function change(subject: Subject, name: 'activate' | 'pause', campaignId: string, as: Identity = operator()) {
  const input = name === 'activate' ? 'ActivateCampaignInput' : 'PauseCampaignInput';
  return subject.ask(
    as,
    `mutation ($input: ${input}!) { ${name}Campaign(input: $input) { campaign { id status } userErrors { code message field } } }`,
    { input: { campaignId } },
  );
}

/** An active campaign at a merchant of its own, so that tests do not meet. */
export async function activeCampaign(subject: Subject, input: Record<string, any> = {}): Promise<{ id: string; merchantId: string }> {
  const merchantId = uuidv7();
  const effect = input['feeWaiver'] || input['referralReward'] ? {} : { cashback: { rateBasisPoints: 250 } };
  const conditions = { merchantIds: [merchantId], ...input['conditions'] };
  const id = await createCampaign(subject, { ...effect, ...input, conditions });
  const answer = await change(subject, 'activate', id);
  expect(answer.data.activateCampaign).toEqual({ campaign: { id, status: 'ACTIVE' }, userErrors: [] });
  return { id, merchantId };
}

export async function spent(subject: Subject, campaignId: string): Promise<bigint> {
  const [row] = await subject.dataSource.query('SELECT spent FROM campaign_budget WHERE "campaignId" = $1', [campaignId]);
  return row.spent;
}

const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on User { rewards { earned { amount currency } pending { amount currency } referralCode
    feeWaivers { id campaign { id } remainingUses expiresAt } referrals { displayName status } } }
  ... on Transaction {
    benefits { id kind status amount { amount currency } takenBack { amount } campaign { id name status } }
    rewardDecisions { campaign { id } outcome conditions { label expected actual passed } } }
  ... on PaymentQuote { expectedCashback { amount currency } }
  ... on Campaign { id name status budget { amount } } } }`;

/** Asks for entities as the gateway does, with what it fetched of them elsewhere. */
export async function entities(subject: Subject, as: Identity, ...representations: object[]): Promise<any[]> {
  const answer = await subject.ask(as, ENTITIES, { representations });
  expect(answer.errors).toBeUndefined();
  return answer.data._entities;
}

/** Somebody's view of what came of a payment. */
export async function outcomeOf(subject: Subject, paid: Payment, as: Identity = somebody({ personId: paid.personId })) {
  const representation = { __typename: 'Transaction', id: paid.transactionId, ownerId: paid.personId };
  const [transaction] = await entities(subject, as, representation);
  return transaction as { benefits: any[] | null; rewardDecisions: any[] | null };
}

export async function rewardsOf(subject: Subject, personId: string) {
  const [user] = await entities(subject, somebody({ personId }), { __typename: 'User', id: personId, referralCode: 'CODE' });
  return user.rewards;
}
