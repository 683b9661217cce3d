import { TOPICS } from '@tael/events';
import { type Bus, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { asNewEvents, type RecordedEvent, recordedEvents, type RecordedReplay, recordedReplay, testDatabase, type TestDatabase } from '@tael/testkit';
import { startNotificationsConsumer } from '../src/events/event.consumer';
import { log, openWorld, sealer, type World } from './world';

// F22: whatever was sent once, by whichever version, is worked off by the consumer of today, or passed over on purpose.
const HEARD = [TOPICS.accounts, TOPICS.payments, TOPICS.merchants, TOPICS.rewards];
const PASSED_OVER = [
  'benefit.granted', 'benefit.reversed', 'fee-waiver.offered', 'history-import.ended', 'partner.changed', 'partner.key-expiring', 'payment-code.created',
  'payout.failed', 'payout.returned', 'payout.settled', 'people.linked', 'referral.changed', 'reward.refused', 'settlement.closed',
];
/** The templates of what the recorded events tell people: one that is missing is a type that nobody is told of any more. */
const TOLD = [
  'bank-account.added', 'bank-topup.failed', 'bank-topup.returned', 'card-topup.returned', 'card.added', 'consent.ended', 'consent.given',
  'consent.withdrawn', 'debt.collected', 'debt.written-off', 'device.added', 'dispute.closed', 'dispute.contested', 'dispute.decided', 'dispute.opened',
  'dispute.payer-document', 'merchant-application.decided', 'merchant-debt.written-off', 'merchant-people.changed', 'merchant-people.own-role', 'merchant.resumed', 'merchant.suspended',
  'password.changed', 'password.reset', 'payment.refunded', 'payment.settled', 'payout-account.changed', 'payouts.resumed', 'reward.cashback', 'reward.referral',
  'reward.reversed', 'second-factor.changed', 'second-factor.removal', 'second-factor.removal-begun', 'second-factor.removal-stopped', 'session.reuse-detected', 'sessions.ended',
  'sessions.ended-by-operator', 'topup.failed', 'topup.settled', 'transfer.received', 'transfer.sent', 'wallet.adjusted', 'wallet.frozen', 'wallet.opened', 'wallet.unfrozen', 'withdrawal.failed', 'withdrawal.settled',
];

let world: World;
let busDatabase: TestDatabase;
let bus: Bus;
let recorded: RecordedEvent[];
let replay: RecordedReplay;
beforeAll(async () => {
  world = await openWorld('corpus');
  recorded = recordedEvents(HEARD, (text, owner) => sealer.seal(text, owner));
  busDatabase = await testDatabase({ name: 'notifications-corpus-bus' });
  bus = createBus({ kind: 'postgres', url: busDatabase.url, clientId: 'notifications-test', log });
  await bus.ensureTopics(HEARD.map((name) => ({ name, partitions: 1 })));
  replay = recordedReplay({
    bus, group: 'notifications', topics: HEARD, deadLetterTopic, start: () => startNotificationsConsumer({ bus, dataSource: world.dataSource, log, services: world.app.services }),
    inbox: async () => (await world.dataSource.query('SELECT "eventId"::text AS id FROM inbox')).map(({ id }: { id: string }) => id),
  });
}, 90_000);
afterAll(async () => {
  await bus.close();
  await world.close();
  await busDatabase.drop();
});

const distinct = (type: string): number => new Set(recorded.filter((one) => one.type === type).map(({ value }) => {
  const { personId, merchantId } = JSON.parse(value) as Record<string, string>;
  return personId ?? merchantId;
})).size;

/** What is there of it all; the messages by what they say. */
async function effects(): Promise<Record<string, unknown>> {
  const [row] = await world.dataSource.query(
    `SELECT (SELECT count(*)::int FROM person) AS people, (SELECT count(*)::int FROM merchant) AS merchants, (SELECT count(*)::int FROM purchase) AS purchases,
       (SELECT jsonb_object_agg(template, n) FROM (SELECT template, count(*)::int AS n FROM intent GROUP BY template) i) AS messages`,
  );
  return row;
}

it('F22: the recorded events of all versions are worked off or passed over, none of them is dead, and again they change nothing', async () => {
  expect(await replay.hear(recorded)).toEqual([]);
  const { workedOff, passedOver } = await replay.worked(recorded);
  expect(passedOver).toEqual(PASSED_OVER);
  expect(workedOff.filter((type) => PASSED_OVER.includes(type))).toEqual([]);
  const first = await effects();
  expect(first).toMatchObject({ people: distinct('person.registered'), merchants: distinct('merchant.changed') });
  expect(Object.keys(first['messages'] as object).sort()).toEqual(TOLD);

  expect(await replay.hear(asNewEvents(recorded))).toEqual([]);
  expect(await effects()).toEqual(first);
}, 120_000);
