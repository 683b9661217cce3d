import { randomBytes } from 'node:crypto';
import type { SealRing } from '@tael/platform/env';
import { resealReport, resealStep } from '@tael/platform/reseal';
import { createSealer, type Sealer } from '@tael/platform/seal';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { PushSubscriptionService } from '../src/channels/push-subscription.service';
import { eventHandler } from '../src/events/event.consumer';
import { resealTasks } from '../src/key-turn.tasks';
import { createServices, type NotificationsParts } from '../src/services';
import { busMessage, knownPerson, log, merchant, messagesOf, newPerson, openWorld, payment, sealKeys, type World } from './world';

// Keys turn in steps, and instances one step apart work side by side. The world itself knows the first key alone.

const [k1] = sealKeys;
const k2 = { id: 'k2', key: randomBytes(32) };
const STAGES: Record<'begun' | 'added' | 'used' | 'retired', SealRing> = {
  begun: [k1], added: [k1, k2], used: [k2, k1], retired: [k2, { id: 'k1', key: null }],
};
const sealerOf = (stage: keyof typeof STAGES): Sealer => createSealer(STAGES[stage]);

let world: World;
beforeAll(async () => {
  world = await openWorld('key-turns');
});
afterAll(() => world.close());

const reseal = async (sealer = sealerOf('used')): Promise<void> => {
  for (const task of resealTasks(sealer)) while ((await resealStep(world.dataSource, task, 50)) > 0);
};
const left = (stage: keyof typeof STAGES) => resealReport(world.dataSource, resealTasks(sealerOf(stage)));
const browsers = (stage: keyof typeof STAGES) =>
  new PushSubscriptionService({ dataSource: world.dataSource, sealer: sealerOf(stage), now: () => new Date(), allowHttp: true });
const target = () => ({
  endpoint: `https://push.example/${uuidv7()}`,
  p256dh: Buffer.concat([Buffer.from([4]), randomBytes(64)]).toString('base64url'),
  auth: randomBytes(16).toString('base64url'),
});
/** A process with other keys than the world's, on the same database. */
const process = (stage: keyof typeof STAGES, dataSource = world.dataSource) => {
  const services = createServices({
    dataSource, log, sealer: sealerOf(stage), now: () => new Date(),
    mail: { smtpUrl: 'smtp://127.0.0.1:1', from: 'no-reply@tael.example', unsubscribeBase: 'https://tael.example' },
    push: { subject: 'mailto:ops@tael.example', publicKey: '', privateKey: '', allowHttp: true } as NotificationsParts['push'],
  });
  const handle = eventHandler(services);
  const hear = (...given: Parameters<typeof busMessage>) => dataSource.transaction((tx) => handle(tx, [busMessage(...given)]));
  return { services, hear };
};

it('A25: everything comes under the new key, and is readable when the old one is gone', async () => {
  const person = await knownPerson(world);
  const cafe = merchant('Harbour Coffee');
  await world.handle('merchant.changed', cafe);
  await browsers('begun').register(person.id, target());
  await world.handle('payment.settled', payment(person.id, cafe.merchantId));
  const link = await world.app.services.unsubscribe.urlFor(person.id);
  expect(Object.keys(await left('used')).sort()).toEqual([
    'merchant.name', 'notification.content', 'person.contact', 'push_subscription.endpointIndex', 'push_subscription.target',
    'unsubscribe_link.secret',
  ]);
  await reseal();
  expect(await left('used')).toEqual({});
  const { services } = process('retired');
  expect(await services.people.find(world.dataSource, person.id)).toMatchObject({ displayName: 'Ada Example', email: person.email });
  expect(await services.merchants.namesOf(world.dataSource.manager, [cafe.merchantId])).toEqual(new Map([[cafe.merchantId, 'Harbour Coffee']]));
  expect((await services.inbox.page(person.id, { limit: 5, after: undefined, unreadOnly: false }))[0]!.body).toContain('Harbour Coffee');
  expect(await browsers('retired').of(person.id)).toHaveLength(1);
  // A mail is kept for longer than a key.
  expect(await services.unsubscribe.personOf(new URL(link).searchParams.get('token'))).toBe(person.id);
});

it('A25: a browser stands for one person, in instances one step apart and at the same moment', async () => {
  for (const [one, other] of [['begun', 'added'], ['added', 'used'], ['used', 'added']] as const) {
    const [ada, bob] = [uuidv7(), uuidv7()];
    const known = target();
    await browsers(one).register(ada, known);
    await browsers(other).register(bob, known);
    expect([await browsers('added').of(ada), await browsers('used').of(bob)]).toEqual([[], [expect.objectContaining(known)]]);
    for (let n = 0; n < 5; n += 1) {
      const raced = target();
      const people = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
      await Promise.all(people.map((id, index) => browsers(index % 2 ? one : other).register(id, raced)));
      expect((await Promise.all(people.map((id) => browsers('used').of(id)))).flat()).toHaveLength(1);
    }
  }
  await reseal();
  expect(await left('used')).toEqual({});
});

describe('A25: events whose key was destroyed', () => {
  it('change nothing of what is known, and are no dead letters', async () => {
    const person = await knownPerson(world);
    const cafe = merchant('Corner Deli');
    await world.handle('merchant.changed', cafe);
    await reseal();
    const rows = () => world.dataSource.query('SELECT p.*, m.* FROM person p, merchant m WHERE p.id = $1 AND m.id = $2', [person.id, cafe.merchantId]);
    const before = await rows();
    const { hear } = process('retired');
    await hear('person.registered', person.registered);
    await hear('person.contact-resealed', { personId: person.id, contact: person.registered.contact, occurredAt: new Date() });
    await hear('merchant.changed', cafe);
    expect(await rows()).toEqual(before);
    // A key that is not known yet is another matter: that event must be worked off later.
    const stranger = newPerson();
    const unknown = createSealer([{ id: 'k9', key: randomBytes(32) }]).seal('{}', stranger.id);
    await expect(hear('person.registered', { ...stranger.registered, contact: unknown })).rejects.toThrow('names no key');
  });

  it('leave a new group without a name or an address, until it is told again; then what waited goes out', async () => {
    const person = newPerson();
    const cafe = merchant('Old Mill');
    const { hear, services } = process('retired');
    await hear('person.registered', person.registered);
    await hear('merchant.changed', cafe);
    await hear('payment.settled', payment(person.id, cafe.merchantId));
    await services.messages.settleDue(10);
    expect(await services.people.find(world.dataSource, person.id)).toBeNull();
    expect(await messagesOf(world, person.id)).toEqual([]);

    const contact = createSealer([k2]).seal(JSON.stringify({ displayName: 'Ada Example', email: person.email }), person.id);
    await hear('person.contact-resealed', { personId: person.id, contact, occurredAt: new Date() });
    await hear('merchant.changed', { ...cafe, version: cafe.version + 1, name: createSealer([k2]).seal('Old Mill', cafe.merchantId) });
    await eventually(async () => {
      await services.messages.settleDue(10);
      expect(await services.inbox.page(person.id, { limit: 5, after: undefined, unreadOnly: false })).toHaveLength(1);
    });
    const [message] = await services.inbox.page(person.id, { limit: 5, after: undefined, unreadOnly: false });
    expect(message!.body).toContain('Old Mill');
    expect(await services.people.find(world.dataSource, person.id)).toMatchObject({ email: person.email });
  });
});

it('A25: a row from a backup, under a key that was destroyed, is a masked fault and in nobody else’s way', async () => {
  const [lost, other] = [await knownPerson(world), await knownPerson(world)];
  await reseal();
  await world.dataSource.query('UPDATE person SET contact = $2 WHERE id = $1', [lost.id, lost.registered.contact]);
  const { services } = process('retired');
  await expect(services.people.find(world.dataSource, lost.id)).rejects.toMatchObject({ name: 'SealKeyRetired' });
  expect(await services.people.find(world.dataSource, other.id)).toMatchObject({ email: other.email });
  expect(await left('retired')).toEqual({ 'person.contact': { k1: 1 } });
  await reseal(sealerOf('retired'));
  await world.asOwner('DELETE FROM person WHERE id = $1', [lost.id]);
});
