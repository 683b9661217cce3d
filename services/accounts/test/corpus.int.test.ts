import { TOPICS } from '@tael/events';
import { type Bus, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { createLogger } from '@tael/platform/log';
import { asNewEvents, type RecordedEvent, recordedEvents, type RecordedReplay, recordedReplay, testDatabase, type TestDatabase } from '@tael/testkit';
import { startAccountsConsumer } from '../src/events/accounts.consumer';
import { type Bank, breaches, openBank } from './support/bank';

// F22: whatever was sent once, by whichever version, is worked off by the consumer of today, or passed over on purpose.
const HEARD = [TOPICS.merchants, TOPICS.rewards];
const PASSED_OVER = [
  'campaign.changed', 'merchant-application.decided', 'merchant.people-changed', 'merchant.status-changed', 'partner.key-expiring', 'referral.changed',
];
const log = createLogger({ service: 'test', level: 'silent' });

let bank: Bank;
let busDatabase: TestDatabase;
let bus: Bus;
let recorded: RecordedEvent[];
let replay: RecordedReplay;
beforeAll(async () => {
  bank = await openBank('corpus');
  recorded = await withPeople(recordedEvents(HEARD, (text, owner) => bank.sealer.seal(text, owner)));
  busDatabase = await testDatabase({ name: 'accounts-corpus-bus' });
  bus = createBus({ kind: 'postgres', url: busDatabase.url, clientId: 'accounts-test', log });
  await bus.ensureTopics(HEARD.map((name) => ({ name, partitions: 1 })));
  replay = recordedReplay({
    bus, group: 'accounts', topics: HEARD, deadLetterTopic, start: () => startAccountsConsumer({ bus, dataSource: bank.dataSource, log }),
    inbox: async () => (await bank.dataSource.query('SELECT "eventId"::text AS id FROM inbox')).map(({ id }: { id: string }) => id),
  });
}, 90_000);
afterAll(async () => {
  await bus.close();
  await bank.close();
  await busDatabase.drop();
});

/** The events with people and wallets of ours in the place of those of the stack that was: a grant goes to a wallet that is there. */
async function withPeople(events: RecordedEvent[]): Promise<RecordedEvent[]> {
  const ours = new Map<string, string>();
  for (const { value } of events.filter(({ type }) => type.startsWith('benefit.'))) {
    const { personId, walletId } = JSON.parse(value) as { personId: string; walletId?: string | null };
    if (ours.has(personId)) continue;
    const customer = await bank.customer();
    ours.set(personId, customer.personId);
    if (walletId) ours.set(walletId, customer.walletId);
  }
  const renamed = (text: string): string => [...ours].reduce((all, [theirs, our]) => all.replaceAll(theirs, our), text);
  return events.map((one) => ({ ...one, key: renamed(one.key), headers: { ...one.headers, ce_subject: renamed(one.headers['ce_subject']!) }, value: renamed(one.value) }));
}

const distinct = (type: string): number => new Set(recorded.filter((one) => one.type === type).map(({ key }) => key)).size;

/** What is there of it all. */
async function effects(): Promise<Record<string, unknown>> {
  const [row] = await bank.dataSource.query(
    `SELECT (SELECT count(*)::int FROM merchant_copy) AS merchants, (SELECT count(*)::int FROM partner_copy) AS partners,
       (SELECT count(*)::int FROM fee_waiver_offer) AS offers, (SELECT count(*)::int FROM payment_code) AS codes,
       (SELECT count(*)::int FROM reward_grant) AS grants, (SELECT count(*)::int FROM reward_reversal) AS reversals,
       (SELECT count(*)::int FROM ledger_tx) AS booked, (SELECT count(*)::int FROM outbox) AS told, (SELECT count(*)::int FROM inbox) AS heard`,
  );
  return row;
}

it('F22: the recorded events of all versions are worked off or passed over, none of them is dead, and again they change nothing', async () => {
  expect(await replay.hear(recorded)).toEqual([]);
  const { workedOff, passedOver } = await replay.worked(recorded);
  expect(passedOver).toEqual(PASSED_OVER);
  expect(workedOff.filter((type) => PASSED_OVER.includes(type))).toEqual([]);
  const first = await effects();
  expect(first).toMatchObject({
    merchants: distinct('merchant.changed'), partners: distinct('partner.changed'), codes: distinct('payment-code.created'), offers: distinct('fee-waiver.offered'),
  });
  expect(breaches(await bank.verify())).toEqual([]);

  expect(await replay.hear(asNewEvents(recorded))).toEqual([]);
  expect({ ...(await effects()), heard: first['heard'] }).toEqual(first);
}, 180_000);
