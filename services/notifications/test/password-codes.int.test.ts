import { randomUUID } from 'node:crypto';
import type { EventData } from '@tael/events';
import { deliveriesOf, knownPerson, messagesOf, newPerson, openWorld, prefer, received, sealer, type TestPerson, workAll, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld('password-codes');
});
afterAll(() => world.close());
afterEach(() => {
  world.clock.now = null;
});

const CODE = '7QK2-M8XN-04TZ-R5W1';
const asked = (person: TestPerson, minutes = 10): EventData<'password.reset-requested'> => ({
  personId: person.id, resetId: randomUUID(), code: sealer.seal(CODE, person.id), expiresAt: new Date(Date.now() + minutes * 60_000), occurredAt: new Date(),
});
const mailsOf = (person: TestPerson) => received(world, 'mail', person.email);

it.each([['en', 'Your code for a new password'], ['zh-CN', '重设密码的验证码']])('goes to the mail of its person, in %s, once', async (locale, subject) => {
  const person = await knownPerson(world, { locale });
  const event = asked(person);
  for (let round = 0; round < 3; round++) {
    await world.handle('password.reset-requested', event);
    await workAll(world);
  }
  const mails = await mailsOf(person);
  expect(mails).toHaveLength(1);
  expect(JSON.stringify(mails)).toContain(CODE);
  expect(mails[0].subject).toBe(subject);
});

it('for a lost second factor goes the same way, to the mail alone', async () => {
  const person = await knownPerson(world);
  const { personId, code, expiresAt, occurredAt } = asked(person);
  await world.handle('second-factor.removal-requested', { personId, requestId: randomUUID(), code, expiresAt, occurredAt });
  await workAll(world);
  const mails = await mailsOf(person);
  expect(mails.map(({ subject }: { subject: string }) => subject)).toEqual(['Your code to remove a lost second factor']);
  expect(JSON.stringify(mails)).toContain(CODE);
  expect(await messagesOf(world, person.id)).toEqual([]);
});

it('stands in no inbox, and goes out past what is muted and into the night', async () => {
  const person = await knownPerson(world);
  await prefer(world, person.id, { mutedChannels: ['PUSH', 'EMAIL', 'SMS'], quietHours: { from: '00:00', to: '23:59' } });
  await world.handle('password.reset-requested', asked(person));
  await workAll(world);
  expect(JSON.stringify(await mailsOf(person))).toContain(CODE);
  expect(await messagesOf(world, person.id)).toEqual([]);
  expect(await deliveriesOf(world, person.id)).toMatchObject([{ channel: 'EMAIL', status: 'HANDED_OFF', class: 'SECURITY' }]);
});

it('is not sent when it has expired: neither where the event comes late nor where the mail does', async () => {
  const [late, slow] = [await knownPerson(world), await knownPerson(world)];
  await world.handle('password.reset-requested', asked(late, -1));
  await world.handle('password.reset-requested', asked(slow, 10));
  world.clock.now = new Date(Date.now() + 11 * 60_000);
  await workAll(world);
  expect([await mailsOf(late), await mailsOf(slow)]).toEqual([[], []]);
  expect(await deliveriesOf(world, late.id)).toEqual([]);
  expect(await deliveriesOf(world, slow.id)).toMatchObject([{ channel: 'EMAIL', status: 'SKIPPED', reason: 'EXPIRED' }]);
});

it('waits for a person whose event comes later', async () => {
  const person = newPerson();
  await world.handle('password.reset-requested', asked(person));
  await workAll(world);
  await world.handle('person.registered', person.registered);
  await workAll(world);
  expect(JSON.stringify(await mailsOf(person))).toContain(CODE);
});

it('is kept sealed alone', async () => {
  const person = await knownPerson(world);
  await world.handle('password.reset-requested', asked(person));
  await workAll(world);
  const tables: { name: string }[] = await world.dataSource.query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
  for (const { name } of tables) {
    const rows = await world.asOwner(`SELECT t::text AS row FROM "${name}" t`);
    expect({ name, clear: JSON.stringify(rows).includes(CODE) }).toEqual({ name, clear: false });
  }
});
