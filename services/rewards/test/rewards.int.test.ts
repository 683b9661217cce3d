import { createBus } from '@tael/platform/bus';
import { startEventConsumer } from '@tael/platform/inbox';
import { createOutboxRelay } from '@tael/platform/outbox';
import { fromMessage, TOPICS } from '@tael/events';
import { eventually, testBrokers, testDatabase } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from '../src/app';
import { CONSUMED_TOPICS, CONSUMER_GROUP } from '../src/events/event.consumer';
import {
  activeCampaign, entities, identityKeys, nobody, operator, outcomeOf, payment, registered, rewardsOf, settled, silent, somebody, spent,
  startSubject, type Subject,
} from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('rewards');
});
afterAll(() => subject?.stop());

const usd = (amount: string) => ({ amount, currency: 'USD' });

describe('what belongs to a person', () => {
  it('is null for everybody else: operators, others; nobody learns that the rewards need somebody signed in', async () => {
    const { merchantId } = await activeCampaign(subject);
    const paid = payment({ merchantId });
    await subject.deliver(settled(paid));
    for (const as of [somebody(), operator(), nobody]) {
      expect(await outcomeOf(subject, paid, as)).toEqual({ benefits: null, rewardDecisions: null });
    }
    const representations = [{ __typename: 'User', id: paid.personId, referralCode: 'CODE' }];
    const rewards = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { rewards { referralCode } } } }';
    for (const as of [somebody(), operator()]) {
      const answer = await subject.ask(as, rewards, { representations });
      expect(answer).toMatchObject({ data: { _entities: [{ rewards: null }] } });
      expect(answer.errors).toBeUndefined();
    }
    expect(await subject.ask(nobody, rewards, { representations })).toMatchObject({
      data: { _entities: [{ rewards: null }] }, errors: [{ path: ['_entities', 0, 'rewards'], extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect((await outcomeOf(subject, paid)).benefits).toHaveLength(1);
  });

  it('is empty while nothing has come, and for ids that are none', async () => {
    const personId = uuidv7();
    const unknown = [uuidv7(), 'x', "' OR 1=1 --"].map((id) => ({ __typename: 'Transaction', id, ownerId: personId }));
    for (const transaction of await entities(subject, somebody({ personId }), ...unknown)) {
      expect(transaction).toEqual({ benefits: [], rewardDecisions: [] });
    }
    expect(await rewardsOf(subject, personId)).toMatchObject({ earned: [], pending: [], referrals: [], referralCode: 'CODE' });
  });

  it('is asked of the database once for a whole list', async () => {
    const { merchantId } = await activeCampaign(subject);
    const personId = uuidv7();
    const payments = Array.from({ length: 10 }, (_, index) => payment({ merchantId, personId, ordinal: index + 1 }));
    await subject.deliver(...payments.map(settled));
    const query = jest.spyOn(subject.dataSource, 'query');
    const asked = payments.map((paid) => ({ __typename: 'Transaction', id: paid.transactionId, ownerId: personId }));
    const answers = await entities(subject, somebody({ personId }), ...asked);
    const names = query.mock.calls.map(([sql]) => /\/\* (\S+) \*\//.exec(sql)?.[1]);
    query.mockRestore();
    expect(answers.every((one) => one.benefits.length === 1)).toBe(true);
    // Campaigns of benefits and of decisions are asked for together or apart, depending on which of the two is there first.
    expect(new Set(names)).toEqual(new Set(['campaigns.find', 'decisions.of-payments', 'rewards.benefits']));
    expect(names.length).toBeLessThanOrEqual(4);
  });
});

describe('names of friends', () => {
  it('stand sealed in the table', async () => {
    const [referrerId, friendId] = [uuidv7(), uuidv7()];
    await subject.deliver(registered(friendId, { referredBy: referrerId, displayName: 'Zoraida Canary' }));
    const [row] = await subject.dataSource.query('SELECT contact FROM person WHERE id = $1', [friendId]);
    expect(row.contact).toMatch(/^v1\.s1\./);
    expect((await rewardsOf(subject, referrerId)).referrals).toEqual([{ displayName: 'Zoraida', status: 'JOINED' }]);
  });
});

describe('expectedCashback', () => {
  const quote = (merchantId: string, amount: string, given: object = {}) => ({
    __typename: 'PaymentQuote', id: 'v1.x', amount: usd(amount), merchantId, merchantCategoryCode: '5814', paymentOrdinal: 1, ...given,
  });
  const expected = async (as: ReturnType<typeof somebody>, representation: object) =>
    (await entities(subject, as, representation))[0].expectedCashback;

  it('is what the payment then brings: zero below the minimum, and after the limit', async () => {
    const { merchantId } = await activeCampaign(subject, { conditions: { minimumAmount: usd('50.00'), maximumRewardsPerUser: 1 } });
    const as = somebody();
    expect(await expected(as, quote(merchantId, '49.99'))).toEqual(usd('0.00'));
    expect(await expected(as, quote(merchantId, '50.20'))).toEqual(usd('1.26'));
    const paid = payment({ merchantId, personId: as.principal!.personId, amount: 5_020n });
    await subject.deliver(settled(paid));
    expect((await outcomeOf(subject, paid)).benefits).toMatchObject([{ amount: usd('1.26') }]);
    expect(await expected(as, quote(merchantId, '50.20'))).toEqual(usd('0.00'));
  });

  it('promises nothing that the budget does not hold, and changes nothing', async () => {
    const { id, merchantId } = await activeCampaign(subject, { budget: usd('2.00') });
    expect(await expected(somebody(), quote(merchantId, '80.00'))).toEqual(usd('2.00'));
    expect(await expected(somebody(), quote(merchantId, '80.40'))).toEqual(usd('0.00'));
    expect(await spent(subject, id)).toBe(0n);
    expect((await entities(subject, nobody, quote(merchantId, '80.00')))[0].expectedCashback).toBeNull();
  });
});

it('is refused to callers that are not the gateway', async () => {
  const app = await createApp({ dataSource: subject.dataSource, services: subject.services, log: silent, identityKeys });
  const response = await app.inject({ method: 'POST', url: '/graphql', payload: { query: '{ campaigns { pageInfo { hasNextPage } } }' } });
  expect(response.statusCode).toBe(401);
  expect((await app.inject('/live')).statusCode).toBe(200);
  expect((await app.inject('/ready')).statusCode).toBe(200);
  await app.close();
});

const brokers = testBrokers();
const buses = [['postgres'], ...(brokers ? [['kafka']] : [])] as ['postgres' | 'kafka'][];

it.each(buses)('hears payments and asks for cashback over a real %s bus, also replayed from the beginning', async (kind) => {
  const database = kind === 'postgres' ? await testDatabase({ name: 'rewards_bus' }) : undefined;
  const own = await startSubject(`rewards_${kind}`);
  const bus = kind === 'kafka'
    ? createBus({ kind, brokers: brokers!, clientId: 'rewards-test', log: silent })
    : createBus({ kind, url: database!.url, clientId: 'rewards-test', log: silent });
  await bus.ensureTopics(Object.values(TOPICS).map((name) => ({ name, partitions: 6 })));
  const { merchantId } = await activeCampaign(own);
  const payments = Array.from({ length: 20 }, () => payment({ merchantId }));
  const group = `${CONSUMER_GROUP}-${uuidv7()}`;
  const consume = () => startEventConsumer({
    bus, dataSource: own.dataSource, log: silent, group, topics: CONSUMED_TOPICS, handleBatch: own.handle,
  });
  const granted = async () => {
    const found: string[] = [];
    for await (const message of bus.read(TOPICS.rewards)) {
      const event = fromMessage(message);
      if (event.type !== 'benefit.granted') continue;
      const { sourceTransactionId, amount } = event.data as { sourceTransactionId: string; amount: bigint };
      if (amount === 250n) found.push(sourceTransactionId);
    }
    return payments.map((paid) => found.filter((id) => id === paid.transactionId).length);
  };

  const relay = createOutboxRelay({ dataSource: own.dataSource, bus, log: silent });
  let consumer = await consume();
  try {
    await bus.publish(payments.map(settled));
    await eventually(async () => expect(await granted()).toEqual(payments.map(() => 1)), { timeoutMs: 20_000 });
    await consumer.stop();
    await bus.rewind(group, CONSUMED_TOPICS);
    consumer = await consume();
    await eventually(async () => expect(await bus.lag(group, CONSUMED_TOPICS)).toBe(0n), { timeoutMs: 20_000 });
    expect(await granted()).toEqual(payments.map(() => 1));
  } finally {
    await consumer.stop();
    await relay.stop();
    await bus.close();
    await own.stop();
    await database?.drop();
  }
}, 60_000);
