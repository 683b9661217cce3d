import { TOPICS } from '@tael/events';
import { type Bus, type BusMessage, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { createLogger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readStackFile } from './services';
import { home } from './stack';
import {
  balanceOf, fund, inboxOf, must, newCampaign, newFundedPerson, newMerchant, newPerson, pay, type Person, received, refund, rewardsOf, waiverArrives,
} from './world';

/** What each consumer group reads. */
const SUBSCRIPTIONS = {
  accounts: [TOPICS.merchants, TOPICS.rewards],
  rewards: [TOPICS.accounts, TOPICS.payments],
  notifications: [TOPICS.accounts, TOPICS.payments, TOPICS.merchants, TOPICS.rewards],
};
type Group = keyof typeof SUBSCRIPTIONS;
const GROUPS = Object.keys(SUBSCRIPTIONS) as Group[];

function openBus(): Bus {
  const { eventBus, kafkaBrokers, busDatabaseUrl } = readStackFile();
  const log = createLogger({ service: 'e2e', level: 'silent' });
  return eventBus === 'kafka'
    ? createBus({ kind: 'kafka', brokers: kafkaBrokers!.split(','), clientId: 'e2e', log })
    : createBus({ kind: 'postgres', url: busDatabaseUrl, clientId: 'e2e', log });
}

/** Everything that a person sees of their money, rewards and messages. */
async function everythingOf(person: Person): Promise<unknown> {
  const { viewer } = await must<any>(person.client, `{ viewer {
    wallets { currency balance { available { amount } posted { amount } pending { amount } } }
    transactions(first: 100) { edges { node { id kind status amount { amount } fee { amount } balanceAfter { amount }
      benefits { id status amount { amount } } rewardDecisions { outcome campaign { id } } } } }
    rewards { earned { amount currency } pending { amount currency } referrals { displayName status } }
    inbox(first: 100) { unreadCount edges { node { id topic title body } } } } }`);
  return { viewer, mails: (await received('mail', person.email)).length };
}

describe('every event is delivered more than once some day', () => {
  let bus: Bus;
  beforeAll(() => {
    bus = openBus();
  });
  afterAll(() => bus.close());

  /** Waits until every group has worked off all that stands in the topics. */
  const settled = () => eventually(async () => {
    for (const group of GROUPS) expect({ group, lag: await bus.lag(group, SUBSCRIPTIONS[group]) }).toEqual({ group, lag: 0n });
  }, { timeoutMs: 60_000, describe: 'the consumers have caught up' });

  async function aBusyPerson(): Promise<Person> {
    const shop = await newMerchant();
    await newCampaign([shop.id], { cashback: { rateBasisPoints: 500 } });
    await newCampaign([shop.id], { conditions: { firstPaymentOnly: true, maximumRewardsPerUser: 1 }, feeWaiver: {} });
    const person = await newFundedPerson('200.00');
    await waiverArrives(person, shop.id, '40.00');
    const paid = await pay(person, shop.id, '40.00');
    await eventually(async () => {
      const { benefits } = await rewardsOf(person, paid.id);
      expect(benefits.map((benefit: any) => benefit.status)).toEqual(['PAID', 'PAID']);
    }, { timeoutMs: 20_000 });
    await refund(shop.owner, paid.id, '10.00');
    await eventually(async () => {
      // 200.00 - 40.00 + 2.00 of cashback + 10.00 back - 0.50 of cashback back.
      expect(await balanceOf(person)).toBe('171.50');
      expect((await inboxOf(person)).map((message) => message.topic)).toContain('payment.refunded');
    }, { timeoutMs: 20_000 });
    await settled();
    await eventually(async () => {
      // All of these go out by mail too, and one that is still on its way would look like a new one.
      const mailed = (await inboxOf(person)).filter((message) => message.topic !== 'wallet.opened');
      expect(mailed.map((message) => message.topic).sort()).toEqual([
        'card.added', 'payment.refunded', 'payment.settled', 'reward.paid', 'reward.reversed', 'topup.settled',
      ]);
      expect(await received('mail', person.email)).toHaveLength(mailed.length);
    }, { timeoutMs: 20_000, describe: 'the mails are out' });
    return person;
  }

  it('thrice: nothing changes', async () => {
    const person = await aBusyPerson();
    const before = await everythingOf(person);
    const messages: BusMessage[] = [];
    for (const topic of Object.values(TOPICS)) for await (const message of bus.read(topic)) messages.push(message);
    expect(messages.length).toBeGreaterThan(10);
    for (let round = 0; round < 2; round++) await bus.publish(messages);
    await settled();
    expect(await everythingOf(person)).toEqual(before);
    await booksBalance();
  }, 120_000);

  it('replayed from offset 0: nothing changes', async () => {
    const person = await aBusyPerson();
    const before = await everythingOf(person);
    for (const group of GROUPS) await rewind(bus, group);
    await eventually(async () => expect((await must<any>(person.client, '{ viewer { id } }')).viewer.id).toBe(person.id), { timeoutMs: 30_000 });
    await settled();
    expect(await everythingOf(person)).toEqual(before);
    await booksBalance();
  }, 180_000);

  it('F22: an event of a type that only a newer sender knows is passed over by every service, and is no dead letter', async () => {
    const person = await newPerson();
    const mark = randomUUID();
    const newer = Object.values(TOPICS).map((topic) => ({
      topic, key: person.walletId, value: `{"mark": "${mark}"}`,
      headers: {
        ce_specversion: '1.0', ce_id: randomUUID(), ce_type: 'payment.disputed', ce_source: '/tael/e2e', ce_time: new Date().toISOString(),
        ce_subject: person.walletId, ce_dataschema: '/tael/events/payment.disputed/v1', 'content-type': 'application/json',
      },
    }));
    await bus.publish(newer);
    await settled();
    for (const group of GROUPS) {
      for (const topic of SUBSCRIPTIONS[group]) {
        for await (const letter of bus.read(deadLetterTopic(topic, group))) expect(letter.value).not.toContain(mark);
      }
    }
  });

  it('a poison event goes to the dead letters with its cause, and the partition goes on', async () => {
    const person = await newPerson();
    const poison = { topic: TOPICS.payments, key: person.walletId, headers: { ce_id: randomUUID(), ce_type: 'payment.settled', ce_source: '/tael/e2e' } };
    const mark = randomUUID();
    await bus.publish([{ ...poison, value: `{"not": "a payment", "mark": "${mark}"}` }, { ...poison, headers: { ...poison.headers, ce_id: randomUUID() }, value: `no JSON ${mark}` }]);
    for (const group of ['rewards', 'notifications']) {
      const dead = await eventually(async () => {
        const letters: BusMessage[] = [];
        for await (const letter of bus.read(deadLetterTopic(TOPICS.payments, group))) if (letter.value.includes(mark)) letters.push(letter);
        expect(letters).toHaveLength(2);
        return letters;
      }, { timeoutMs: 30_000, describe: `the dead letters of ${group}` });
      for (const letter of dead) expect(JSON.stringify(letter.headers)).toMatch(/MalformedEvent/);
    }
    // The same partition, right behind the poison: the person's top-up still becomes a message.
    await fund(person, '10.00');
    await eventually(async () => {
      expect((await inboxOf(person)).map((message) => message.topic)).toContain('topup.settled');
    }, { timeoutMs: 20_000 });
  });
});

/** Stops a service for a moment (it is started again by its supervisor) and sets its group back to the oldest message. */
async function rewind(bus: Bus, group: Group): Promise<void> {
  await eventually(async () => {
    process.kill(readStackFile().pids[group], 'SIGTERM');
    await eventually(() => bus.rewind(group, SUBSCRIPTIONS[group]), { timeoutMs: 3_000, describe: `the group ${group} is empty` });
  }, { timeoutMs: 60_000, describe: `${group} is rewound` });
}

async function booksBalance(): Promise<void> {
  const script = join(__dirname, '..', 'scripts', 'ledger-verify.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env: { ...process.env, TAEL_HOME: home } });
  expect(stdout).toMatch(/balance/i);
}
