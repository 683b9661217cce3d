import type { EventData } from '@tael/events';
import { v7 as uuidv7 } from 'uuid';
import {
  campaign,
  deliveriesOf,
  knownPerson,
  merchant,
  messagesOf,
  openWorld,
  payment,
  prefer,
  received,
  type TestPerson,
  workAll,
  type World,
} from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld('offers');
});
afterAll(() => world.close());
afterEach(() => {
  world.clock.now = null;
});

const HOUR_MS = 3_600_000;
const offersOf = async (person: TestPerson): Promise<{ title: string; body: string }[]> =>
  (await messagesOf(world, person.id)).filter((message) => message.topic === 'offer.personal');

async function shopOf(name = 'Harbour Coffee'): Promise<EventData<'merchant.changed'>> {
  const shop = merchant(name);
  await world.handle('merchant.changed', shop);
  return shop;
}

/** A person who has paid so often at a merchant. */
async function regularOf(
  shop: { merchantId: string },
  given: { payments?: number; optIn?: boolean; person?: TestPerson } = {},
): Promise<TestPerson> {
  const person = given.person ?? (await knownPerson(world));
  if (given.optIn ?? true) await prefer(world, person.id, { marketingOptIn: true });
  for (let n = 0; n < (given.payments ?? 3); n++)
    await world.handle('payment.settled', payment(person.id, shop.merchantId));
  return person;
}

const intentsOf = (
  person: TestPerson,
): Promise<{ status: string; reason: string | null; dueAt: Date; trace: { steps: object[] }[] }[]> =>
  world.dataSource.query(
    `SELECT status, reason, "dueAt", trace FROM intent WHERE "personId" = $1 AND class = 'MARKETING' ORDER BY id`,
    [person.id],
  );

describe('a personal offer', () => {
  it('comes to who buys there often when a campaign begins to act, once, and says why', async () => {
    const shop = await shopOf();
    const [regular, rare, unwilling] = [
      await regularOf(shop),
      await regularOf(shop, { payments: 2 }),
      await regularOf(shop, { optIn: false }),
    ];
    const begun = campaign({ merchantIds: [shop.merchantId] });
    for (let round = 0; round < 3; round++) await world.handle('campaign.changed', begun);
    await world.handle('campaign.changed', { ...begun, version: 2 });
    await workAll(world);
    expect(await offersOf(regular)).toEqual([
      expect.objectContaining({
        class: 'MARKETING',
        title: '2.5% cashback for you',
        body: 'You often pay at Harbour Coffee: get 2.5% cashback there now.',
        transaction: null,
      }),
    ]);
    expect([await offersOf(rare), await offersOf(unwilling)]).toEqual([[], []]);
    const [intent] = await intentsOf(regular);
    expect(intent!.trace[0]!.steps).toEqual([
      { gate: 'HABIT', said: expect.stringMatching(/^PAYMENTS 3 OF 30 DAYS, CATEGORY 5814/) },
    ]);
    expect(intent!.trace[1]!.steps).toContainEqual({ gate: 'CONSENT', said: 'OPTED_IN' });
  });

  it('comes when a payment makes it often while the campaign acts', async () => {
    const shop = await shopOf();
    await world.handle('campaign.changed', campaign({ merchantIds: null, merchantCategoryCodes: ['7997'] }));
    const person = await knownPerson(world);
    await prefer(world, person.id, { marketingOptIn: true });
    for (let n = 1; n <= 4; n++) {
      await world.handle('payment.settled', payment(person.id, shop.merchantId, { merchantCategoryCode: '7997' }));
      await workAll(world);
      expect((await offersOf(person)).length).toBe(n < 3 ? 0 : 1);
    }
    expect((await offersOf(person))[0]!.body).toContain('there and at similar shops');
  });

  it('does not come for old payments, another currency, or a paused campaign', async () => {
    const shop = await shopOf();
    const old = await knownPerson(world);
    await prefer(world, old.id, { marketingOptIn: true });
    const occurredAt = new Date(Date.now() - 31 * 24 * HOUR_MS);
    for (let n = 0; n < 3; n++) await world.handle('payment.settled', payment(old.id, shop.merchantId, { occurredAt }));
    const regular = await regularOf(shop);
    await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId], currency: 'EUR' as never }));
    await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId], status: 'PAUSED' }));
    await world.handle(
      'campaign.changed',
      campaign({ merchantIds: [shop.merchantId], endsAt: new Date(Date.now() - 1_000) }),
    );
    await world.handle(
      'campaign.changed',
      campaign({ merchantIds: [shop.merchantId], startsAt: new Date(Date.now() + HOUR_MS) }),
    );
    await workAll(world);
    expect(await offersOf(regular)).toEqual([]);
    await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId] }));
    await workAll(world);
    expect([(await offersOf(regular)).length, (await offersOf(old)).length]).toEqual([1, 0]);
  });

  it('comes to who opts in while the campaign acts', async () => {
    const shop = await shopOf();
    const person = await regularOf(shop, { optIn: false });
    await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId] }));
    await workAll(world);
    expect(await offersOf(person)).toEqual([]);
    await prefer(world, person.id, { marketingOptIn: true });
    await workAll(world);
    expect(await offersOf(person)).toHaveLength(1);
  });

  it('reaches everybody of a large crowd, in steps', async () => {
    const shop = await shopOf('Crowded');
    const people = Array.from({ length: 230 }, () => uuidv7());
    await world.dataSource.query(
      `INSERT INTO preferences SELECT id, true, NULL, NULL, 2, '{}', now() FROM unnest($1::uuid[]) AS p (id)`,
      [people],
    );
    await world.dataSource.query(
      `INSERT INTO purchase SELECT gen_random_uuid(), id, $2, '5814', 'USD', 100, now() FROM unnest($1::uuid[]) AS p (id), generate_series(1, 3)`,
      [people, shop.merchantId],
    );
    const begun = campaign({ merchantIds: [shop.merchantId] });
    await world.handle('campaign.changed', begun);
    let steps = 0;
    while ((await world.app.services.offers.scanStep()) > 0) steps += 1;
    const [{ count }] = await world.dataSource.query(
      'SELECT count(*)::integer AS count FROM intent WHERE "campaignId" = $1',
      [begun.campaignId],
    );
    expect([count, steps]).toEqual([230, 3]);
    await world.asOwner(`DELETE FROM intent WHERE "campaignId" = $1`, [begun.campaignId]);
  });
});

describe('what holds an offer back', () => {
  const NIGHT = new Date('2026-11-22T15:30:00Z');
  const MORNING = new Date('2026-11-23T00:00:00Z');

  async function heldInTheNight(): Promise<{ person: TestPerson; begun: EventData<'campaign.changed'> }> {
    const shop = await shopOf();
    world.clock.now = NIGHT;
    const person = await knownPerson(world, { timeZone: 'Asia/Shanghai' });
    await prefer(world, person.id, { marketingOptIn: true, quietHours: { from: '22:00', to: '08:00' } });
    for (let n = 0; n < 3; n++)
      await world.handle('payment.settled', payment(person.id, shop.merchantId, { occurredAt: NIGHT }));
    const begun = campaign({ merchantIds: [shop.merchantId] });
    await world.handle('campaign.changed', begun);
    await workAll(world);
    expect(await intentsOf(person)).toEqual([
      expect.objectContaining({ status: 'OPEN', reason: 'QUIET_HOURS', dueAt: MORNING }),
    ]);
    expect(await offersOf(person)).toEqual([]);
    return { person, begun };
  }
  const mailsOf = async (person: TestPerson): Promise<string[]> =>
    (await received(world, 'mail', person.email))
      .map((mail) => mail.subject)
      .filter((subject) => subject.includes('cashback'));

  it('the night: it is held, and goes out in the morning by every channel', async () => {
    const { person } = await heldInTheNight();
    world.clock.now = new Date(MORNING.getTime() - 1);
    await workAll(world);
    expect(await offersOf(person)).toEqual([]);
    world.clock.now = MORNING;
    await workAll(world);
    expect(await offersOf(person)).toHaveLength(1);
    expect(await mailsOf(person)).toHaveLength(1);
  });

  it('a change of mind in the night: it never goes out', async () => {
    const { person } = await heldInTheNight();
    await prefer(world, person.id, { marketingOptIn: false });
    world.clock.now = MORNING;
    await workAll(world);
    expect(await intentsOf(person)).toEqual([expect.objectContaining({ status: 'DROPPED', reason: 'NOT_OPTED_IN' })]);
    expect([await offersOf(person), await mailsOf(person)]).toEqual([[], []]);
  });

  it('a campaign that is paused in the night: nobody is told of it', async () => {
    const { person, begun } = await heldInTheNight();
    await world.handle('campaign.changed', { ...begun, version: 2, status: 'PAUSED' });
    world.clock.now = MORNING;
    await workAll(world);
    expect(await intentsOf(person)).toEqual([expect.objectContaining({ status: 'DROPPED', reason: 'OFFER_ENDED' })]);
  });

  it('quiet hours that are taken away let it go at once', async () => {
    const { person } = await heldInTheNight();
    await prefer(world, person.id, { quietHours: null });
    await workAll(world);
    expect(await offersOf(person)).toHaveLength(1);
  });

  it('opting out stops what is written but not handed over yet', async () => {
    const shop = await shopOf();
    const person = await regularOf(shop);
    await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId] }));
    await world.app.services.offers.scanStep();
    await world.app.services.messages.settleDue(100);
    await prefer(world, person.id, { marketingOptIn: false });
    await workAll(world);
    const offers = (await deliveriesOf(world, person.id)).filter(
      (delivery) => delivery.class === 'MARKETING' && delivery.channel !== 'IN_APP',
    );
    expect(offers.map(({ status, reason }) => [status, reason])).toEqual([
      ['SKIPPED', 'NOT_OPTED_IN'],
      ['SKIPPED', 'NOT_OPTED_IN'],
    ]);
    expect(await mailsOf(person)).toEqual([]);
  });
});

describe('the maximum a day', () => {
  async function waiting(person: TestPerson, offers: number): Promise<void> {
    const shop = await shopOf();
    await regularOf(shop, { person });
    for (let n = 0; n < offers; n++)
      await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId] }));
    while ((await world.app.services.offers.scanStep()) > 0);
  }

  it('is kept by fifty offers that are decided on at the same time', async () => {
    const person = await knownPerson(world);
    await prefer(world, person.id, { marketingOptIn: true, maximumMarketingPerDay: 3 });
    await waiting(person, 50);
    const { messages } = world.app.services;
    await Promise.all(Array.from({ length: 8 }, () => messages.settleDue(50)));
    await workAll(world);
    expect(await offersOf(person)).toHaveLength(3);
    const held = (await intentsOf(person)).filter((intent) => intent.status === 'OPEN');
    expect(held).toHaveLength(47);
    for (const intent of held) expect(intent.reason).toBe('DAILY_MAXIMUM');
  }, 60_000);

  it('lets the next ones go when a day is over', async () => {
    const person = await knownPerson(world);
    await prefer(world, person.id, { marketingOptIn: true, maximumMarketingPerDay: 1 });
    await waiting(person, 3);
    await workAll(world);
    expect(await offersOf(person)).toHaveLength(1);
    const { dueAt } = (await intentsOf(person)).find((intent) => intent.status === 'OPEN')!;
    expect(dueAt.getTime()).toBeGreaterThanOrEqual(Date.now() + 23 * HOUR_MS);
    world.clock.now = dueAt;
    await workAll(world);
    expect(await offersOf(person)).toHaveLength(2);
  });

  it('of zero drops them', async () => {
    const person = await knownPerson(world);
    await prefer(world, person.id, { marketingOptIn: true, maximumMarketingPerDay: 0 });
    await waiting(person, 1);
    await workAll(world);
    expect((await intentsOf(person))[0]).toMatchObject({ status: 'DROPPED', reason: 'DAILY_MAXIMUM_IS_ZERO' });
  });
});
