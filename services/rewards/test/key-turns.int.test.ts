import { randomBytes } from 'node:crypto';
import type { SealRing } from '@tael/platform/env';
import { resealReport, resealStep } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { v7 as uuidv7 } from 'uuid';
import { createEventHandler } from '../src/events/event.consumer';
import { resealTasks } from '../src/people/person.reseal';
import { createServices } from '../src/services';
import { event, registered, startSubject, sealKeys, type Subject } from './support';

const [s1] = sealKeys;
const s2 = { id: 's2', key: randomBytes(32) };
const used: SealRing = [s2, s1];
const retired: SealRing = [s2, { id: 's1', key: null }];

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('rewards-key-turns');
});
afterAll(() => subject.stop());

const [task] = resealTasks(createSealer(used));
const contactOf = async (id: string): Promise<string | null> =>
  (await subject.dataSource.query('SELECT contact FROM person WHERE id = $1', [id]))[0].contact;
/** A process that has the new key alone, on the same database. */
const after = () => {
  const services = createServices({ dataSource: subject.dataSource, sealer: createSealer(retired), now: () => new Date() });
  const handle = createEventHandler(services);
  return { services, hear: (message: ReturnType<typeof event>) => subject.dataSource.transaction((tx) => handle(tx, [message])) };
};

it('A25: contacts come under the new key in small transactions, whoever is killed meanwhile, and are readable without the old one', async () => {
  const referrerId = uuidv7();
  const friends = Array.from({ length: 7 }, () => uuidv7());
  for (const id of friends) await subject.deliver(registered(id, { referredBy: referrerId }));
  expect(await resealStep(subject.dataSource, task!, 3)).toBe(3);
  const killed = {
    ...task!,
    step: async (...given: Parameters<NonNullable<typeof task>['step']>) => {
      await task!.step(...given);
      await given[0].query('SELECT pg_terminate_backend(pg_backend_pid())');
      return 0;
    },
  };
  await expect(resealStep(subject.dataSource, killed, 3)).rejects.toThrow(/does not answer/);
  expect(await resealReport(subject.dataSource, [task!])).toEqual({ 'person.contact': { s1: 4 } });
  while ((await resealStep(subject.dataSource, task!, 3)) > 0);
  expect(await resealReport(subject.dataSource, [task!])).toEqual({});
  const { services } = after();
  expect((await services.rewards.referrals(referrerId)).map(({ displayName }) => displayName)).toEqual(Array(7).fill('Mia'));
});

it('A25: an event whose key was destroyed changes nothing of what is known', async () => {
  const id = uuidv7();
  const old = registered(id);
  await subject.deliver(old);
  while ((await resealStep(subject.dataSource, task!, 50)) > 0);
  const kept = await contactOf(id);
  await after().hear(old);
  expect(await contactOf(id)).toBe(kept);
});

it('A25: a new group leaves friends out whose contact it cannot read, until it is told again', async () => {
  const [referrerId, friendId] = [uuidv7(), uuidv7()];
  const { hear, services } = after();
  await hear(registered(friendId, { referredBy: referrerId }));
  expect(await contactOf(friendId)).toBeNull();
  expect(await services.rewards.referrals(referrerId)).toEqual([]);
  const contact = (name: string) => createSealer([s2]).seal(JSON.stringify({ displayName: name, email: 'x@example.com' }), friendId);
  await hear(event('person.contact-resealed', { personId: friendId, contact: contact('Mia Lang'), occurredAt: new Date() }));
  await hear(event('person.contact-resealed', { personId: friendId, contact: contact('Somebody Else'), occurredAt: new Date() }));
  expect(await services.rewards.referrals(referrerId)).toEqual([{ displayName: 'Mia', status: 'JOINED' }]);
});
