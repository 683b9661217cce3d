import { TOPICS } from '@tael/events';
import { deadLetterTopic } from '@tael/platform/bus';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { partOf, ROOT, Trial } from './engine';
import { SUBSCRIPTIONS } from './engine/groups';
import type { Operation, OperationKind } from './engine/journal';
import { SEED } from './settings';
import { Tampering, type Undo } from './tampering';

// The verdict must be able to fail: each part of it is shown what it is there to see, on a stack that is sound but for that.

const KINDS: readonly OperationKind[] = ['PAYMENT', 'TRANSFER', 'TOP_UP', 'REFUND', 'WITHDRAWAL'];
const DATABASES = ['accounts', 'merchants', 'rewards', 'notifications'] as const;
let trial: Trial;
let tampering: Tampering;

beforeAll(async () => {
  trial = await Trial.start({ home: join(ROOT, '.tael', 'test', 'verdict'), instances: 1, seed: SEED, workers: 4, people: 4 });
  tampering = new Tampering(trial.processes.stack);
  trial.load.start();
  while (KINDS.some((kind) => trial.load.journal.acknowledged(kind).length < 2)) await trial.load.more(10);
  expect(await trial.verdict()).toEqual([]);
});
afterAll(() => trial?.stop(), 120_000);

const one = (kind: OperationKind): Operation => trial.load.journal.acknowledged(kind)[0]!;
const params = (kind: OperationKind): unknown[] => [one(kind).transactionId];
const message = (kind: OperationKind, topic: string) => (
  { database: 'notifications', table: 'notification', where: `"transactionId" = $1 AND topic = '${topic}'`, params: params(kind) } as const
);
/** Of somebody of this run: the demo has people of its own. */
const rewardMessage = (topic: string) => ({
  database: 'notifications', table: 'notification', where: `"personId" = ANY($1) AND topic = '${topic}'`,
  params: [trial.world.everybody.map((person) => person.id)],
} as const);
const benefit = () => ({ database: 'rewards', table: 'benefit', where: '"paymentId" = $1', params: params('PAYMENT') } as const);
const grant = () => ({ database: 'accounts', table: 'reward_grant', where: '"sourceTransactionId" = $1', params: params('PAYMENT') } as const);

async function sees(breach: RegExp, harm: () => Promise<Undo>): Promise<void> {
  const undo = await harm();
  try {
    expect((await trial.verdict()).join('\n')).toMatch(breach);
  } finally {
    await undo();
  }
  expect(await trial.verdict()).toEqual([]);
}

describe('of money, it sees', () => {
  // The journal is made untrue, which looks the same as books that are.
  it.each<[string, RegExp, (operations: Operation[]) => void]>([
    ['an acknowledged payment that is lost', /is not in the books/, (all) => all.push({ ...one('PAYMENT'), key: 'lost', transactionId: randomUUID() })],
    ['a payment that stands twice', /that no client was told of/, (all) => all.splice(all.indexOf(one('PAYMENT')), 1)],
    ['another amount', /stands as PAYMENT of/, (all) => all.splice(all.indexOf(one('PAYMENT')), 1, { ...one('PAYMENT'), minor: one('PAYMENT').minor + 1n })],
    ['a refused payment that stands', /was refused/, (all) => {
      const { transactionId: _stands, ...paid } = one('PAYMENT');
      all.push({ ...paid, refusal: 'INSUFFICIENT_FUNDS' });
    }],
  ])('%s', async (_what, breach, change) => {
    const { operations } = trial.load.journal;
    const kept = [...operations];
    await sees(breach, async () => {
      change(operations);
      return async () => operations.splice(0, operations.length, ...kept);
    });
  });

  it('a balance that is not what the postings make it', () => sees(/the books are not sound/, () => tampering.changed(
    { database: 'accounts', table: 'account', where: 'id = $1', params: [trial.world.people[0]!.walletId] },
    '"creditsPosted" = "creditsPosted" + 1', '"creditsPosted" = "creditsPosted" - 1',
  )));
});

describe('of grants, it sees', () => {
  it.each<[string, RegExp, () => Promise<Undo>]>([
    ['a payment that earned nothing', /earned 0 benefits/, () => tampering.removed(benefit())],
    ['a payment that earned twice', /earned 2 benefits/, () => tampering.doubled(benefit(), { id: randomUUID(), side: 'REFERRER' })],
    ['a benefit that is not paid', /the benefit of .* is PENDING/, () => tampering.changed(benefit(), `status = 'PENDING'`, `status = 'PAID'`)],
    ['another amount', /the benefit of .* is \d+ of/, () => tampering.changed(benefit(), 'amount = amount + 1', 'amount = amount - 1')],
    ['a grant that the ledger has lost', /the grant of .* is undefined/, () => tampering.removed(grant())],
    ['a grant that was posted with another amount', /the grant of .*"booked":"0"/, () => tampering.changed(grant(), 'amount = amount + 1', 'amount = amount - 1')],
  ])('%s', (_what, breach, harm) => sees(breach, harm));
});

describe('of messages, it sees', () => {
  it.each<[OperationKind, string]>([
    ['PAYMENT', 'payment.settled'], ['TRANSFER', 'transfer.sent'], ['TRANSFER', 'transfer.received'], ['TOP_UP', 'topup.settled'],
    ['WITHDRAWAL', 'withdrawal.settled'], ['REFUND', 'payment.refunded'],
  ])('one that is lost: of a %s, %s', (kind, topic) => (
    sees(new RegExp(`there is no message ${topic} of ${one(kind).transactionId}`), () => tampering.removed(message(kind, topic)))
  ));

  it.each(['reward.paid', 'reward.reversed'])('one that is lost: %s', (topic) => (
    sees(new RegExp(`there is no message ${topic} of`), () => tampering.removed(rewardMessage(topic)))
  ));

  it('one that stands twice', () => sees(/2 messages payment\.settled of/, () => (
    tampering.doubled(message('PAYMENT', 'payment.settled'), { id: randomUUID(), intentId: randomUUID() })
  )));

  it('one that a stranger has too', () => sees(/a message that nobody is due: payment\.settled of/, () => (
    tampering.doubled(message('PAYMENT', 'payment.settled'), { id: randomUUID(), intentId: randomUUID(), personId: randomUUID() })
  )));
});

describe('of the events of deliveries, which nobody reads, it sees', () => {
  const delivery = (where: string) => ({ database: 'notifications', table: 'delivery', where, params: [] } as const);

  it.each<[string, RegExp, () => Promise<Undo>]>([
    ['one that is lost', /no event tells that IN_APP of .* is HANDED_OFF/, () => (
      tampering.doubled(delivery(`channel = 'IN_APP'`), { id: randomUUID(), notificationId: randomUUID() })
    )],
    ['one of a delivery that nobody made', /an event tells that EMAIL of .* is HANDED_OFF, and it is not ended/, () => (
      tampering.removed(delivery(`channel = 'EMAIL' AND status = 'HANDED_OFF'`))
    )],
    ['one of another end', /no event tells that IN_APP of .* is FAILED/, () => (
      tampering.changed(delivery(`channel = 'IN_APP' AND status = 'HANDED_OFF'`), `status = 'FAILED'`, `status = 'HANDED_OFF'`)
    )],
  ])('%s', (_what, breach, harm) => sees(breach, harm));
});

describe('of money that is moved outside, it sees', () => {
  const order = (table: string, where: string) => ({ database: 'sandbox', table, where } as const);
  const ours = (table: string) => ({ database: 'accounts', table, where: `status = 'SETTLED'` } as const);

  it.each<[string, RegExp, () => Promise<Undo>]>([
    ['an order that the bank never took', /the bank knows nothing of order-/, () => tampering.removed(order('bank_order', `status = 'SETTLED'`))],
    ['another amount at the bank', /order-.* is .* SETTLED of .* and at the bank SETTLED/, () => tampering.changed(order('bank_order', `status = 'SETTLED'`), 'amount = amount + 1', 'amount = amount - 1')],
    ['an order that the bank has returned', /is .* SETTLED of .* and at the bank RETURNED/, () => tampering.changed(order('bank_order', `status = 'SETTLED'`), `status = 'RETURNED'`, `status = 'SETTLED'`)],
    ['an order that goes the other way there', /is CREDIT SETTLED of .* and at the bank SETTLED: DEBIT/, () => tampering.changed(order('bank_order', `status = 'SETTLED' AND kind = 'CREDIT'`), `kind = 'DEBIT'`, `kind = 'CREDIT'`)],
    ['an order that the bank has booked twice', /the bank has booked order-.* twice/, async () => {
      const [{ booking_id: id }] = await tampering.query('sandbox',
        `/* faults.double */ INSERT INTO bank_booking (booking_id, idempotency_key, kind, amount, currency)
         SELECT gen_random_uuid(), idempotency_key, kind, amount, currency FROM bank_booking LIMIT 1 RETURNING booking_id`);
      return () => tampering.query('sandbox', '/* faults.undo */ DELETE FROM bank_booking WHERE booking_id = $1', [id]);
    }],
    ['an order that is in no book of ours', /the bank has an order order-/, () => tampering.removed(ours('bank_order'))],
    ['a charge that the processor never made', /the processor knows nothing of topup-/, () => tampering.removed(order('charge', `status = 'succeeded'`))],
    ['a charge that was declined', /is .* SETTLED of .* and at the processor declined/, () => tampering.changed(order('charge', `status = 'succeeded'`), `status = 'declined'`, `status = 'succeeded'`)],
    ['a charge that is in no book of ours', /the processor has an order topup-/, () => tampering.removed(ours('top_up'))],
  ])('%s', (_what, breach, harm) => sees(breach, harm));
});

describe('of webhooks, it sees', () => {
  const delivery = (type: string) => ({
    database: 'merchants', table: 'webhook_delivery',
    where: `"eventType" = $2 AND "endpointId" IN (SELECT id FROM webhook_endpoint WHERE "ownerId" = ANY($1::uuid[]))`,
    params: [trial.world.shops.map(({ id }) => id), type],
  } as const);
  const forgotten = (kind: OperationKind, type: string) => async (): Promise<Undo> => {
    const { all } = trial.receiver as unknown as { all: Map<string, unknown> };
    const what = `${type} ${one(kind).transactionId}`;
    const kept = all.get(what);
    all.delete(what);
    return async () => all.set(what, kept);
  };
  const noted = (change: (told: { ids: Set<string> }) => () => void) => async (): Promise<Undo> => {
    const undo = change(trial.receiver.of('payment.settled', one('PAYMENT').transactionId!)!);
    return async () => undo();
  };

  it.each<[string, RegExp, () => Promise<Undo>]>([
    ['a payment that a shop was not told of', /the shop was not told of/, forgotten('PAYMENT', 'payment.settled')],
    ['a refund that a shop was not told of', /the shop was not told of/, forgotten('REFUND', 'payment.refunded')],
    ['one that was told under two ids', /under 2 ids/, noted(({ ids }) => {
      ids.add('another');
      return () => ids.delete('another');
    })],
    ['one of what nobody did', /told of what nobody did: payment\.settled none/, async () => {
      const { all } = trial.receiver as unknown as { all: Map<string, unknown> };
      all.set('payment.settled none', { ids: new Set(['x']), place: 0 });
      return async () => all.delete('payment.settled none');
    }],
    ['one that no key has signed', /that no key has signed/, async () => {
      await fetch(trial.receiver.urlOf(trial.world.shops[0]!.id), { method: 'POST', body: '{}', headers: { 'webhook-id': 'forged' } });
      return async () => trial.receiver.unsigned.splice(0);
    }],
    ['one that is missing in the log', /\d+ webhooks payment\.settled are delivered, of/, () => tampering.removed(delivery('payment.settled'))],
    ['one that was given up', /1 webhooks payment\.refunded are DEAD/, () => tampering.changed(delivery('payment.refunded'), `status = 'DEAD'`, `status = 'DELIVERED'`)],
    ['a refund that was told before its payment', /before its payment/, async () => {
      const refund = trial.receiver.of('payment.refunded', one('REFUND').transactionId!) as { place: number };
      const { place } = refund;
      refund.place = -1;
      return async () => (refund.place = place);
    }],
  ])('%s', (_what, breach, harm) => sees(breach, harm));

  it('a code of a till that accounts does not know', () => sees(/accounts does not know it/, async () => {
    const { codes } = trial.load.journal;
    codes.push(randomUUID());
    return async () => codes.pop();
  }));
});

describe('of what is on its way, it sees', () => {
  const waits = async (what: RegExp, harm: () => Promise<Undo>): Promise<void> => {
    const undo = await harm();
    try {
      expect((await trial.waiting()).join('\n')).toMatch(what);
    } finally {
      await undo();
    }
    expect(await trial.verdict()).toEqual([]);
  };

  it.each(DATABASES)('an event in the outbox of %s', (database) => waits(new RegExp(`1 events in the outbox of ${database}`), async () => {
    // Before the relay's cursor, so that it is passed over.
    await tampering.query(database,
      `/* faults.left */ INSERT INTO outbox (id, xid, topic, key, headers, value) OVERRIDING SYSTEM VALUE VALUES (-1, '1', 'none', 'none', '{}', '{}')`);
    return () => tampering.query(database, '/* faults.undo */ DELETE FROM outbox WHERE id = -1');
  }));

  it('a reversal that waits for its grant', () => waits(/1 pending in accounts/, () => tampering.changed(
    { database: 'accounts', table: 'reward_reversal', where: `status = 'DONE'` }, `status = 'WAITING'`, `status = 'DONE'`,
  )));

  it('a message that waits for a name', () => waits(/1 messages wait for a name/, () => tampering.changed(
    { database: 'notifications', table: 'intent', where: `status = 'SENT' AND "merchantId" IS NULL` },
    `status = 'OPEN', reason = 'NAME_UNKNOWN', "dueAt" = 'infinity'`, `status = 'SENT', reason = NULL, "dueAt" = now()`,
  )));

  it('a webhook that is not sent yet', () => waits(/1 webhooks to be sent/, () => tampering.changed(
    { database: 'merchants', table: 'webhook_delivery', where: `status = 'DELIVERED'` }, `status = 'PENDING'`, `status = 'DELIVERED'`,
  )));

  const SERVICE_OF: Readonly<Record<string, string>> = { 'merchants-webhooks': 'merchants' };
  it.each(Object.entries(SUBSCRIPTIONS))('an event before the group %s', (group, topics) => waits(new RegExp(`1 events before ${group}`), async () => {
    const part = partOf(SERVICE_OF[group] ?? group, 1);
    // One that it knows already: it has no effect, but it has to be worked off.
    const known = await firstOf(topics[0]!);
    trial.processes.hold(part);
    await trial.processes.kill(part);
    await trial.bus.publish([known]);
    return async () => trial.processes.letGo(part);
  }));
});

async function firstOf(topic: string) {
  for await (const { key, headers, value } of trial.bus.read(topic)) return { topic, key, headers, value };
  throw new Error(`${topic} is empty`);
}

it('a consumer group that nobody has thought of is seen', () => sees(/a group that the verdict does not: strangers/, async () => {
  const [topic] = SUBSCRIPTIONS['accounts']!;
  const consumer = await trial.bus.subscribe({ group: 'strangers', topics: [topic!], onBatch: async () => undefined });
  await consumer.stop();
  return () => trial.bus.removeGroup('strangers');
}));

// Last, since what lies on a topic stays.
it('a delivery that a second event tells of is seen', async () => {
  const before = await trial.verdict();
  const known = await firstOf(TOPICS.notifications);
  await trial.bus.publish([{ ...known, headers: { ...known.headers, ce_id: randomUUID() } }]);
  const found = (await trial.verdict()).filter((breach) => !before.includes(breach));
  expect(found).toEqual([expect.stringMatching(/^2 events tell of (IN_APP|PUSH|EMAIL) of /)]);
});

it.each(Object.entries(SUBSCRIPTIONS))('a dead letter of %s is seen', async (group, topics) => {
  const before = await trial.verdict();
  await trial.bus.publish([{ topic: deadLetterTopic(topics.at(-1)!, group), key: 'none', headers: {}, value: `{"of":"${group}"}` }]);
  const found = (await trial.verdict()).filter((breach) => !before.includes(breach));
  expect(found).toEqual([expect.stringContaining(`a dead letter of ${group}: {"of":"${group}"}`)]);
});
