import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import {
  campaign,
  deliveriesOf,
  fault,
  knownPerson,
  merchant,
  messagesOf,
  openWorld,
  payment,
  prefer,
  received,
  registerBrowser,
  sealer,
  workAll,
  type World,
} from './world';

let world: World;
const cafe = merchant('Harbour Coffee');
beforeAll(async () => {
  world = await openWorld('deliveries', { leaseMs: 30_000 });
  await world.handle('merchant.changed', cafe);
});
afterAll(() => world.close());
afterEach(async () => {
  world.clock.now = null;
  await fetch(`${world.sandbox.url}/faults`, { method: 'DELETE' });
});

const byChannel = async (personId: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await deliveriesOf(world, personId)).map(({ channel, status, reason }) => [
      channel,
      reason ? `${status} ${reason}` : status,
    ]),
  );
const pay = (personId: string): Promise<void> => world.handle('payment.settled', payment(personId, cafe.merchantId));
const offer = async (personId: string): Promise<void> => {
  await prefer(world, personId, { marketingOptIn: true });
  const shop = merchant('Corner Deli');
  await world.handle('merchant.changed', shop);
  for (let n = 0; n < 3; n++) await world.handle('payment.settled', payment(personId, shop.merchantId));
  await workAll(world);
  await world.handle('campaign.changed', campaign({ merchantIds: [shop.merchantId] }));
  await world.app.services.offers.scanStep();
  await world.app.services.messages.settleDue(10);
};

describe('handing over', () => {
  it('a mail and a web push arrive, and their events are told', async () => {
    const person = await knownPerson(world, { displayName: 'Lin Exämple', locale: 'zh-CN' });
    const browser = await registerBrowser(world, person.id);
    await pay(person.id);
    const [message] = await messagesOf(world, person.id);
    await workAll(world);
    expect(await byChannel(person.id)).toEqual({ EMAIL: 'HANDED_OFF', IN_APP: 'HANDED_OFF', PUSH: 'HANDED_OFF' });
    const [mail] = await received(world, 'mail', person.email);
    expect(mail).toMatchObject({ subject: '已支付 US$12.50' });
    expect(mail.body).toContain('Lin Exämple，您好：');
    expect(mail.body).toContain('Harbour Coffee');
    expect(mail.headers['message-id']).toBe(`<${message.id}@tael.example>`);
    expect(mail.headers['list-unsubscribe']).toBeUndefined();
    const [push] = await received(world, 'push', browser.endpoint);
    expect(JSON.parse(push.body)).toEqual({
      id: message.id,
      topic: 'payment.settled',
      title: message.title,
      body: message.body,
    });
    expect(push.headers.topic).toBe(message.id.replaceAll('-', ''));
    const events = await world.dataSource.query('SELECT value FROM outbox WHERE key = $1', [person.id]);
    expect(events.map((event: { value: string }) => JSON.parse(event.value).channel).sort()).toEqual([
      'EMAIL',
      'IN_APP',
      'PUSH',
    ]);
  });

  it('who has no browser and no phone is skipped, with the reason', async () => {
    const person = await knownPerson(world);
    await world.handle('card.added', {
      personId: person.id,
      paymentMethodId: uuidv7(),
      brand: 'Visa',
      last4: '4242',
      occurredAt: new Date(),
    });
    await workAll(world);
    expect(await byChannel(person.id)).toEqual({
      EMAIL: 'HANDED_OFF',
      IN_APP: 'HANDED_OFF',
      PUSH: 'SKIPPED NO_ADDRESS',
      SMS: 'SKIPPED NO_PROVIDER',
    });
  });

  it('a busy server gets the message later, a refusing one never', async () => {
    const [person, refused] = [await knownPerson(world), await knownPerson(world)];
    await fault(world, { channel: 'mail', mode: 'fail' });
    await pay(person.id);
    await workAll(world);
    expect((await byChannel(person.id))['EMAIL']).toBe('PLANNED SMTP 451');
    world.clock.now = new Date(Date.now() + 2_000);
    await workAll(world);
    expect((await byChannel(person.id))['EMAIL']).toBe('HANDED_OFF');
    expect(await received(world, 'mail', person.email)).toHaveLength(1);

    await fault(world, { channel: 'mail', mode: 'reject' });
    await pay(refused.id);
    await workAll(world);
    expect((await byChannel(refused.id))['EMAIL']).toBe('FAILED SMTP 550');
  });

  it('a browser that has gone is forgotten; another one still gets its push', async () => {
    const person = await knownPerson(world);
    const [gone, stays] = [await registerBrowser(world, person.id), await registerBrowser(world, person.id)];
    await fetch(gone.endpoint, { method: 'DELETE' });
    await pay(person.id);
    await workAll(world);
    expect((await byChannel(person.id))['PUSH']).toBe('HANDED_OFF');
    expect(await received(world, 'push', stays.endpoint)).toHaveLength(1);
    expect((await world.app.services.subscriptions.of(person.id)).map(({ endpoint }) => endpoint)).toEqual([
      stays.endpoint,
    ]);
  });

  it('a push service that asks to wait gets the push later', async () => {
    const person = await knownPerson(world);
    const browser = await registerBrowser(world, person.id);
    await fault(world, { channel: 'push', mode: 'fail' });
    await pay(person.id);
    await workAll(world);
    expect((await byChannel(person.id))['PUSH']).toBe('PLANNED PUSH 503');
    world.clock.now = new Date(Date.now() + 3_000);
    await workAll(world);
    expect(await received(world, 'push', browser.endpoint)).toHaveLength(1);
  });

  it('several workers at once hand everything over once', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => knownPerson(world)));
    for (const person of people) await pay(person.id);
    await Promise.all(Array.from({ length: 4 }, () => world.app.services.deliveries.deliverDue(10)));
    await workAll(world);
    for (const person of people) expect(await received(world, 'mail', person.email)).toHaveLength(1);
  });

  it('the pressing ones go first', async () => {
    const person = await knownPerson(world);
    await offer(person.id);
    await pay(person.id);
    await world.handle('session.reuse-detected', { personId: person.id, familyId: uuidv7(), occurredAt: new Date() });
    const order: string[] = [];
    for (let n = 0; n < 20 && (await world.app.services.deliveries.deliverDue(1)) > 0; n++) {
      const mails = (await received(world, 'mail', person.email)).map((mail) => mail.headers['x-tael-topic']);
      if (mails.length > 0) order.push(...mails.filter((topic: string) => !order.includes(topic)));
    }
    expect([...new Set(order)].sort()).toEqual(['offer.personal', 'payment.settled', 'session.reuse-detected'].sort());
    expect(order.indexOf('session.reuse-detected')).toBeLessThan(order.indexOf('offer.personal'));
  });
});

describe('a worker that dies between hand-over and outcome', () => {
  /** Claims and sends, but the outcome is not written: as after kill -9. */
  async function claimAndDie(personId: string, sendFirst: boolean): Promise<void> {
    if (sendFirst) {
      await world.app.services.deliveries.deliverDue(50);
    }
    await world.dataSource.query(
      `UPDATE delivery SET status = 'CLAIMED', attempts = 1, "attemptId" = gen_random_uuid(), "leaseUntil" = now() + interval '30 seconds'
       WHERE "personId" = $1 AND channel = 'EMAIL' AND status = ANY($2)`,
      [personId, sendFirst ? ['HANDED_OFF'] : ['PLANNED']],
    );
  }

  it('a receipt is sent again, under the same id', async () => {
    const person = await knownPerson(world);
    await pay(person.id);
    await claimAndDie(person.id, true);
    expect(await world.app.services.deliveries.reclaim(10)).toBe(0);
    world.clock.now = new Date(Date.now() + 31_000);
    expect(await world.app.services.deliveries.reclaim(10)).toBe(1);
    expect((await byChannel(person.id))['EMAIL']).toBe('PLANNED WORKER_LOST');
    world.clock.now = new Date(Date.now() + 60_000);
    await workAll(world);
    expect((await byChannel(person.id))['EMAIL']).toBe('HANDED_OFF');
    const mails = await received(world, 'mail', person.email);
    expect(mails).toHaveLength(2);
    expect(new Set(mails.map((mail) => mail.headers['message-id'])).size).toBe(1);
  });

  it('an offer is not sent again', async () => {
    const person = await knownPerson(world);
    await offer(person.id);
    await claimAndDie(person.id, false);
    world.clock.now = new Date(Date.now() + 31_000);
    await world.app.services.deliveries.reclaim(10);
    await workAll(world);
    const offers = (await deliveriesOf(world, person.id)).filter(
      (delivery) => delivery.class === 'MARKETING' && delivery.channel === 'EMAIL',
    );
    expect(offers).toEqual([expect.objectContaining({ status: 'UNKNOWN', reason: 'WORKER_LOST' })]);
    expect(
      (await received(world, 'mail', person.email)).filter((mail) => mail.headers['x-tael-topic'] === 'offer.personal'),
    ).toEqual([]);
  });

  it('a worker that slept through its lease changes nothing', async () => {
    const person = await knownPerson(world);
    await pay(person.id);
    await fault(world, { channel: 'mail', mode: 'delay' });
    const sleeper = world.app.services.deliveries.deliverDue(50);
    // Another worker takes the delivery over while the mail server makes the first one wait.
    for (let taken = 0; taken === 0;) {
      const [, count] = await world.dataSource.query(
        `UPDATE delivery SET "attemptId" = gen_random_uuid() WHERE "personId" = $1 AND channel = 'EMAIL' AND status = 'CLAIMED'`,
        [person.id],
      );
      taken = count;
    }
    await sleeper;
    expect((await byChannel(person.id))['EMAIL']).toBe('CLAIMED');
  });
});

describe('gates at the moment of delivery', () => {
  it('a channel that was muted since is skipped', async () => {
    const person = await knownPerson(world);
    await pay(person.id);
    await prefer(world, person.id, { mutedChannels: ['EMAIL'] });
    await workAll(world);
    expect((await byChannel(person.id))['EMAIL']).toBe('SKIPPED MUTED');
    expect(await received(world, 'mail', person.email)).toEqual([]);
  });

  it('a retry that falls into the night waits for the morning', async () => {
    const person = await knownPerson(world);
    await offer(person.id);
    const now = new Date();
    const time = (ms: number): string => new Date(now.getTime() + ms).toISOString().slice(11, 16);
    await prefer(world, person.id, { quietHours: { from: time(-3_600_000), to: time(3_600_000) } });
    await workAll(world);
    const waiting = await world.dataSource.query(
      `SELECT status, "dueAt" > now() AS later FROM delivery WHERE "personId" = $1 AND class = 'MARKETING' AND channel = 'EMAIL'`,
      [person.id],
    );
    expect(waiting).toEqual([{ status: 'PLANNED', later: true }]);
    world.clock.now = new Date(now.getTime() + 2 * 3_600_000);
    await workAll(world);
    expect((await received(world, 'mail', person.email)).map((mail) => mail.headers['x-tael-topic'])).toContain(
      'offer.personal',
    );
  });
});

describe('unsubscribing from a mail', () => {
  /** As links were before each person had a secret. */
  const path = (personId: string): string => `/unsubscribe?token=${sealer.seal(personId, 'unsubscribe')}`;

  it('an offer names the way out; looking changes nothing, one click does', async () => {
    const person = await knownPerson(world);
    await offer(person.id);
    await workAll(world);
    const mail = (await received(world, 'mail', person.email)).find(
      (one) => one.headers['x-tael-topic'] === 'offer.personal',
    );
    expect(mail.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    const url = new URL(mail.headers['list-unsubscribe'].replace(/[<>\s]/g, ''));
    expect(mail.body.replace(/\s/g, '')).toContain(url.href);
    const look = await world.app.server.inject({ method: 'GET', url: url.pathname + url.search });
    expect(look.statusCode).toBe(200);
    expect(look.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'strict-transport-security': 'max-age=31536000' });
    const policy = String(look.headers['content-security-policy']);
    for (const rule of [`default-src 'none'`, `form-action 'self'`, `frame-ancestors 'none'`, `base-uri 'none'`]) expect(policy).toContain(rule);
    const style = /<style>(.*)<\/style>/.exec(look.body)![1]!;
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(look.body).not.toMatch(/ style=|<script/);
    expect((await world.app.services.preferences.of(person.id)).marketingOptIn).toBe(true);
    const click = await world.app.server.inject({
      method: 'POST',
      url: url.pathname + url.search,
      payload: 'List-Unsubscribe=One-Click',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(click.statusCode).toBe(200);
    expect((await world.app.services.preferences.of(person.id)).marketingOptIn).toBe(false);
  });

  it('every mail of a person names the same link, and a link of before leads there too', async () => {
    const person = await knownPerson(world);
    const urls = await Promise.all(Array.from({ length: 5 }, () => world.app.services.unsubscribe.urlFor(person.id)));
    expect(new Set(urls).size).toBe(1);
    await prefer(world, person.id, { marketingOptIn: true });
    expect((await world.app.server.inject({ method: 'POST', url: path(person.id) })).statusCode).toBe(200);
    expect((await world.app.services.preferences.of(person.id)).marketingOptIn).toBe(false);
  });

  it('a guessed secret, or that of somebody else, leads nowhere', async () => {
    const [ada, bob] = [await knownPerson(world), await knownPerson(world)];
    const secretOf = async (id: string) => (await world.app.services.unsubscribe.urlFor(id)).split('.').at(-1)!;
    for (const secret of ['', 'x', await secretOf(bob.id), (await secretOf(ada.id)).slice(1)]) {
      const url = `/unsubscribe?token=${ada.id}.${secret}`;
      expect((await world.app.server.inject({ method: 'POST', url })).statusCode).toBe(404);
    }
    expect((await world.app.server.inject({ method: 'POST', url: `/unsubscribe?token=${uuidv7()}.` })).statusCode).toBe(404);
  });

  it.each([
    '/unsubscribe',
    '/unsubscribe?token=x',
    '/unsubscribe?token=v1.k1.AAAA.BBBB',
    '/unsubscribe?token=a&token=b',
    `/unsubscribe?token=${'a'.repeat(600)}`,
  ])('%.40s leads nowhere', async (url) => {
    expect((await world.app.server.inject({ method: 'POST', url })).statusCode).toBe(404);
  });
  it('a token for something else leads nowhere', async () => {
    const id = uuidv7();
    const other = path(id).replace(/[^=]+$/, sealer.seal(id, id));
    expect((await world.app.server.inject({ method: 'POST', url: other })).statusCode).toBe(404);
  });
});
