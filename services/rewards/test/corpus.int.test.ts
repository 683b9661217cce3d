import { type Bus, createBus } from '@tael/platform/bus';
import { deadLetterTopic, startEventConsumer } from '@tael/platform/inbox';
import { asNewEvents, type RecordedEvent, recordedEvents, type RecordedReplay, recordedReplay, testDatabase, type TestDatabase } from '@tael/testkit';
import { BATCH_SIZE_MAX, CONSUMED_TOPICS, CONSUMER_GROUP, passesOver } from '../src/events/event.consumer';
import { sealer, silent as log, startSubject, type Subject } from './support';

// F22: whatever was sent once, by whichever version, is worked off by the consumer of today, or passed over on purpose.
const WORKED_OFF = [
  'payment.refunded', 'payment.settled', 'people.linked', 'person.contact-resealed', 'person.registered', 'reward.posted', 'reward.refused', 'reward.reversed',
];

let subject: Subject;
let busDatabase: TestDatabase;
let bus: Bus;
let recorded: RecordedEvent[];
let replay: RecordedReplay;
beforeAll(async () => {
  subject = await startSubject('corpus');
  recorded = recordedEvents(CONSUMED_TOPICS, (text, owner) => sealer.seal(text, owner));
  busDatabase = await testDatabase({ name: 'rewards-corpus-bus' });
  bus = createBus({ kind: 'postgres', url: busDatabase.url, clientId: 'rewards-test', log });
  await bus.ensureTopics(CONSUMED_TOPICS.map((name) => ({ name, partitions: 1 })));
  replay = recordedReplay({
    bus, group: CONSUMER_GROUP, topics: CONSUMED_TOPICS, deadLetterTopic, start: () => startEventConsumer({
      bus, dataSource: subject.dataSource, log, group: CONSUMER_GROUP, topics: CONSUMED_TOPICS, handleBatch: subject.handle,
      passOver: passesOver(subject.services), batchSizeMax: BATCH_SIZE_MAX,
    }),
    inbox: async () => (await subject.dataSource.query('SELECT "eventId"::text AS id FROM inbox')).map(({ id }: { id: string }) => id),
  });
}, 90_000);
afterAll(async () => {
  await bus.close();
  await subject.stop();
  await busDatabase.drop();
});

const of = (type: string): RecordedEvent[] => recorded.filter((one) => one.type === type);
const distinct = (type: string, field: string): number => new Set(of(type).map(({ value }) => (JSON.parse(value) as Record<string, unknown>)[field])).size;

/** What is there of it all. */
async function effects(): Promise<Record<string, unknown>> {
  const [row] = await subject.dataSource.query(
    `SELECT (SELECT count(*)::int FROM person) AS people, (SELECT count(*)::int FROM referral) AS referrals, (SELECT count(*)::int FROM payment) AS payments,
       (SELECT count(*)::int FROM person_link) AS links, (SELECT count(*)::int FROM benefit) AS benefits, (SELECT count(*)::int FROM outbox) AS told`,
  );
  return row;
}

it('F22: the recorded events of all versions are worked off or passed over, none of them is dead, and again they change nothing', async () => {
  expect(await replay.hear(recorded)).toEqual([]);
  const { workedOff, passedOver } = await replay.worked(recorded);
  expect(workedOff).toEqual(WORKED_OFF);
  expect(passedOver.filter((type) => WORKED_OFF.includes(type))).toEqual([]);
  const first = await effects();
  expect(first).toMatchObject({
    people: distinct('person.registered', 'personId'), links: of('people.linked').length,
    referrals: of('person.registered').filter(({ value }) => (JSON.parse(value) as { referredBy: string | null }).referredBy !== null).length,
  });

  expect(await replay.hear(asNewEvents(recorded))).toEqual([]);
  expect(await effects()).toEqual(first);
}, 120_000);
