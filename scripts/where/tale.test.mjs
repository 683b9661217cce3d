import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, openPoints, tell } from './tale.mjs';

const at = new Date('2026-11-22T20:51:23.637Z');
const id = '01a20507-2367-7018-a252-4b100e0d59fb';

/** A payment after which everything has followed. */
const facts = (/** @type {object} */ changes = {}) => /** @type {import('./facts.mjs').Facts} */ ({
  id,
  transaction: { kind: 'PAYMENT', currency: 'USD', amount: '2500', fee: '25', recordedAt: at, personId: 'p', walletId: 'w', merchantId: 'm' },
  topUp: undefined,
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
const event = (/** @type {object} */ changes = {}) => ({
  type: 'payment.settled', id: 'e', topic: 'tael.payments.v1', partition: 4, offset: '9', trace: 't', inboxes: [{ consumer: 'rewards', at }], missing: [], dead: [], ...changes,
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
  ['a delivery that failed', { deliveries: [{ notificationId: 'n', channel: 'EMAIL', status: 'FAILED', reason: 'REFUSED', attempts: 3, updatedAt: at }] }, [event()], /EMAIL ended as FAILED: REFUSED/],
])) {
  test(`${name} is still open`, () => {
    const points = openPoints(facts(changes), /** @type {any} */ (events));
    assert.equal(points.length, 1);
    assert.match(/** @type {string} */ (points[0]), wanted);
    assert.doesNotMatch(tell(facts(changes), /** @type {any} */ (events)), /All that should follow/);
  });
}

test('an id that nobody knows, and a top-up that was declined, are said in words', () => {
  assert.match(tell(facts({ transaction: undefined }), []), /Nobody knows a transaction 01a20507/);
  const declined = tell(facts({ transaction: undefined, topUp: { status: 'FAILED', amount: '1000', currency: 'USD' } }), []);
  assert.match(declined, /top-up of 10\.00 USD that is FAILED/);
});
