import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginOf } from './facts.mjs';
import { money, openPoints, tell } from './tale.mjs';
import { lacksWebhook } from './topics.mjs';

const at = new Date('2026-11-22T20:51:23.637Z');
const id = '01a20507-2367-7018-a252-4b100e0d59fb';

/** A payment after which everything has followed. */
const facts = (/** @type {object} */ changes = {}) => /** @type {import('./facts.mjs').Facts} */ ({
  id,
  transaction: { kind: 'PAYMENT', currency: 'USD', amount: '2500', fee: '25', recordedAt: at, personId: 'p', walletId: 'w', merchantId: 'm' },
  topUp: undefined,
  bankOrder: undefined,
  askedAt: new Date(at.getTime() + 60_000),
  aheadMs: 0,
  endpoints: [],
  webhooks: [],
  related: [],
  postings: [{ seq: 1, currency: 'USD', amount: '2500', debit: 'WALLET', credit: 'MERCHANT_INFLOW' }],
  idempotency: { mutation: 'payMerchant', createdAt: at },
  unfolded: [],
  waiting: [],
  grants: [],
  payment: { ordinal: 4 },
  decisions: [{ campaign: 'Two percent', outcome: 'GRANTED' }],
  benefits: [{ kind: 'CASHBACK', currency: 'USD', amount: '50', status: 'PAID' }],
  intents: [{ template: 'payment.settled', status: 'SENT', reason: null, notificationId: 'n', inInbox: true, readAt: null, dueAt: at }],
  deliveries: [{ notificationId: 'n', channel: 'EMAIL', status: 'HANDED_OFF', reason: null, attempts: 1, updatedAt: at }],
  ...changes,
});
const webhook = (/** @type {object} */ changes) => ({ endpointId: 'p1', eventId: 'e', eventType: 'payment.settled', reason: null, dueAt: null, updatedAt: at, ...changes });
const order = (/** @type {object} */ changes = {}) => ({
  direction: 'DEBIT', status: 'PENDING', failureReason: null, amount: '1000', currency: 'USD', attempts: 1, lookAt: at, createdAt: at, merchantId: null, ...changes,
});
const event = (/** @type {object} */ changes = {}) => ({
  type: 'payment.settled', id: 'e', topic: 'tael.payments.v1', partition: 4, offset: '9', trace: 't', at, inboxes: [{ consumer: 'rewards', at }], missing: [], dead: [], ...changes,
});

test('minor units are written as people read them', () => {
  assert.equal(money({ amount: '5', currency: 'USD' }), '0.05 USD');
  assert.equal(money({ amount: '123456', currency: 'JPY' }), '123456 JPY');
  assert.equal(money({ amount: '1234', currency: 'KWD' }), '1.234 KWD');
});

test('a payment after which all has followed says so, with every station', () => {
  const text = tell(facts(), [event()]);
  for (const part of ['PAYMENT of 25.00 USD, fee 0.25 USD', 'posting 1: 25.00 USD from WALLET to MERCHANT_INFLOW', 'nothing waits',
    'tael.payments.v1, partition 4, offset 9', 'rewards has worked it off', '"Two percent": GRANTED', 'CASHBACK 0.50 USD: PAID',
    'EMAIL: HANDED_OFF', 'All that should follow has followed.']) assert.ok(text.includes(part), `${part} in\n${text}`);
});

for (const [name, changes, events, wanted] of /** @type {const} */ ([
  ['an event in the outbox', { waiting: [{ database: 'accounts', type: 'payment.settled', eventId: 'e', ageMs: 3_200 }] }, [], /waits for the relay of accounts/],
  ['an event that no topic has', {}, [], /no topic has an event of it/],
  ['a consumer that is behind', {}, [event({ missing: ['notifications'] })], /notifications has not worked off payment.settled/],
  ['a dead letter', {}, [event({ missing: ['rewards'], dead: ['rewards'] })], /is a dead letter of rewards/],
  ['a benefit that is not paid', { benefits: [{ kind: 'CASHBACK', currency: 'USD', amount: '5', status: 'PENDING' }] }, [event()], /CASHBACK is not paid yet/],
  ['a message that waits', { intents: [{ template: 'offer', status: 'OPEN', reason: 'QUIET', dueAt: at }] }, [event()], /offer is not decided on until 2026.*QUIET/],
  ['a webhook that waits', { webhooks: [webhook({ status: 'PENDING', attempts: 2, reason: 'HTTP 500', dueAt: at })] }, [event()],
    /webhook of payment.settled to p1 is not delivered after 2 attempts: HTTP 500, next at 2026/],
  ['a webhook that was given up', { webhooks: [webhook({ status: 'DEAD', attempts: 10, reason: 'HTTP 500' })] }, [event()], /to p1 was given up: HTTP 500/],
  ['a webhook that nobody has written', {}, [event({ missing: ['merchants-webhooks'] })], /merchants-webhooks has not worked off payment.settled/],
  ['a withdrawal that the bank has', { transaction: { ...facts().transaction, kind: 'WITHDRAWAL' }, bankOrder: order({ direction: 'CREDIT' }) }, [],
    /the bank has not said how it ends, after 1 attempts/],
  ['a delivery that failed', { deliveries: [{ notificationId: 'n', channel: 'EMAIL', status: 'FAILED', reason: 'REFUSED', attempts: 3, updatedAt: at }] }, [event()], /EMAIL ended as FAILED: REFUSED/],
])) {
  test(`${name} is still open`, () => {
    const points = openPoints(facts(changes), /** @type {any} */ (events));
    assert.equal(points.length, 1);
    assert.match(/** @type {string} */ (points[0]), wanted);
    assert.doesNotMatch(tell(facts(changes), /** @type {any} */ (events)), /All that should follow/);
  });
}

test('an id that nobody knows is said in words', () => {
  assert.match(tell(facts({ transaction: undefined }), []), /Nobody knows a transaction 01a20507/);
});

for (const [name, changes, wanted, isOpen] of /** @type {const} */ ([
  ['a card', { topUp: order() }, /charge of a card of 10\.00 USD: PENDING, 1 attempts/, true],
  ['a bank account', { bankOrder: order() }, /pull from a bank account of 10\.00 USD: PENDING/, true],
  ['a card that was declined', { topUp: order({ status: 'FAILED', failureReason: 'CARD_DECLINED' }) }, /FAILED \(CARD_DECLINED\)/, false],
  ['a bank that refused', { bankOrder: order({ status: 'FAILED', failureReason: 'ACCOUNT_CLOSED' }) }, /FAILED \(ACCOUNT_CLOSED\)/, false],
])) {
  test(`a top-up from ${name} is known though nothing is booked, and ${isOpen ? 'open' : 'at its end'}`, () => {
    const known = facts({ transaction: undefined, postings: [], payment: undefined, decisions: [], benefits: [], intents: [], deliveries: [], ...changes });
    const events = isOpen ? [] : [event({ type: 'topup.failed', inboxes: [{ consumer: 'notifications', at }] })];
    const text = tell(known, events);
    assert.match(text, wanted);
    assert.match(text, /nothing is booked for it/);
    assert.match(text, isOpen ? /Still open:\n {2}- the (bank|card processor) has not said how it ends, [^\n]*\n?$/ : /All that should follow has followed/);
    // Its end is told of: where no topic knows of that, something is open.
    if (!isOpen) assert.match(tell(known, []), /no topic has an event of it/);
  });
}

test('what topics and inboxes have forgotten after 30 days is not told as open', () => {
  const old = facts({ askedAt: new Date(at.getTime() + 31 * 86_400_000) });
  assert.match(tell(old, []), /no event any more: a topic may keep 30 days[^]*All that should follow has followed/);
  assert.deepEqual(openPoints(old, [event({ missing: ['rewards'] })]), []);
  assert.equal(openPoints(old, [event({ missing: ['rewards'], dead: ['rewards'] })]).length, 1);
});

test('events are looked for from an hour before the first of its rows, by the true clock', () => {
  assert.deepEqual(beginOf(facts()), new Date(at.getTime() - 3_600_000));
  const before = new Date(at.getTime() - 86_400_000);
  assert.deepEqual(beginOf(facts({ related: [{ recordedAt: before }] })), new Date(before.getTime() - 3_600_000));
  assert.deepEqual(beginOf(facts({ aheadMs: 86_400_000 })), new Date(before.getTime() - 3_600_000));
  assert.deepEqual(beginOf(facts({ transaction: undefined, bankOrder: order() })), new Date(at.getTime() - 3_600_000));
});

for (const [name, endpoint, webhooks, wanted] of /** @type {const} */ ([
  ['nobody wrote one', {}, [], true],
  ['there is one', {}, [webhook({ status: 'PENDING' })], false],
  ['there is one of another event', {}, [webhook({ eventId: 'other' })], true],
  ['the endpoint did not choose it', { eventTypes: ['payment.refunded'] }, [], false],
  ['the endpoint is disabled', { status: 'DISABLED' }, [], false],
  ['the endpoint was made later', { createdAt: new Date(at.getTime() + 1) }, [], false],
])) {
  test(`an event ${wanted ? 'lacks' : 'does not lack'} a webhook where ${name}`, () => {
    const endpoints = [{ id: 'p1', status: 'ENABLED', eventTypes: ['payment.settled'], createdAt: at, ...endpoint }];
    assert.equal(lacksWebhook(event(), { endpoints, webhooks: [...webhooks] }), wanted);
  });
}
