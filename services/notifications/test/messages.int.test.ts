import { v7 as uuidv7 } from 'uuid';
import { eventHandler } from '../src/events/event.consumer';
import {
  busMessage,
  deliveriesOf,
  inboxOf,
  knownPerson,
  merchant,
  messagesOf,
  newPerson,
  openWorld,
  payment,
  prefer,
  USD,
  workAll,
  type World,
} from './world';

let world: World;
beforeAll(async () => {
  world = await openWorld('messages');
});
afterAll(() => world.close());
afterEach(() => {
  world.clock.now = null;
});

const cafe = merchant('Harbour Coffee');
beforeAll(() => world.handle('merchant.changed', cafe));

const movement = (personId: string) => ({
  transactionId: uuidv7(),
  personId,
  walletId: uuidv7(),
  currency: USD,
  amount: 50n,
  balanceAfter: 1_000n,
  occurredAt: new Date(),
});
const statusOf = async (personId: string): Promise<{ status: string; reason: string | null }[]> =>
  world.dataSource.query('SELECT status, reason FROM intent WHERE "personId" = $1 ORDER BY "createdAt", id', [
    personId,
  ]);

describe('messages of events', () => {
  it('a payment becomes a message in the inbox, with its deliveries, and an event of its delivery', async () => {
    const person = await knownPerson(world, { locale: 'zh-CN' });
    const paid = payment(person.id, cafe.merchantId);
    await world.handle('payment.settled', paid);
    const inbox = await inboxOf(world, person.id);
    expect(inbox.unreadCount).toBe(1);
    expect(inbox.edges[0].node).toMatchObject({
      class: 'TRANSACTIONAL',
      topic: 'payment.settled',
      title: '已支付 US$12.50',
      body: '您已向Harbour Coffee支付 US$12.50。手续费 US$0.13。',
      readAt: null,
      transaction: { id: paid.transactionId },
    });
    expect(await deliveriesOf(world, person.id)).toEqual([
      { channel: 'EMAIL', status: 'PLANNED', reason: null, class: 'TRANSACTIONAL', attempts: 0 },
      { channel: 'IN_APP', status: 'HANDED_OFF', reason: null, class: 'TRANSACTIONAL', attempts: 0 },
      { channel: 'PUSH', status: 'SKIPPED', reason: 'NO_ADDRESS', class: 'TRANSACTIONAL', attempts: 0 },
    ]);
    const events = await world.dataSource.query(`SELECT headers, value FROM outbox WHERE key = $1`, [person.id]);
    expect(events).toHaveLength(2);
    expect(events[0].headers.ce_type).toBe('notification.delivered');
    expect(JSON.parse(events[0].value)).toMatchObject({
      channel: 'IN_APP',
      outcome: 'HANDED_OFF',
      topic: 'payment.settled',
    });
  });

  it('tripled events make one message each, also under other event ids', async () => {
    const person = await knownPerson(world);
    const paid = payment(person.id, cafe.merchantId);
    const got = {
      ...movement(person.id),
      grantId: uuidv7(),
      campaignId: uuidv7(),
      kind: 'CASHBACK' as const,
      credited: 31n,
      sourceTransactionId: paid.transactionId,
    };
    const back = {
      ...movement(person.id),
      paymentId: paid.transactionId,
      merchantId: cafe.merchantId,
      paymentAmount: 1_250n,
      refundedTotal: 50n,
      refundOrdinal: 1,
    };
    for (let round = 0; round < 3; round++) {
      await Promise.all([
        world.handle('payment.settled', paid),
        world.handle('reward.posted', got),
        world.handle('payment.refunded', back),
      ]);
      await world.handle('person.registered', person.registered);
    }
    expect((await messagesOf(world, person.id)).map((message) => message.topic).sort()).toEqual([
      'payment.refunded',
      'payment.settled',
      'reward.paid',
    ]);
    const [counted] = await world.dataSource.query('SELECT score FROM affinity WHERE "personId" = $1', [person.id]);
    expect(counted.score).toBe(1);
  });

  it('a dispute is told to who must answer it and to who opened it, once each', async () => {
    const [payer, owner, manager] = [await knownPerson(world), await knownPerson(world), await knownPerson(world)];
    const dispute = {
      disputeId: uuidv7(), transactionId: uuidv7(), personId: payer.id, walletId: uuidv7(), merchantId: cafe.merchantId, currency: USD, amount: 1_250n,
      merchantPeople: [owner.id, manager.id], occurredAt: new Date(),
    };
    for (let round = 0; round < 2; round++) {
      await world.handle('dispute.opened', { ...dispute, reason: 'OTHER', respondBy: new Date(Date.now() + 7 * 86_400_000) });
      await world.handle('dispute.answered', { ...dispute, answer: 'CONTESTED' });
      await world.handle('dispute.decided', { ...dispute, outcome: 'PERSON', by: 'OPERATOR', refundId: uuidv7(), refunded: 1_250n });
    }
    const topics = async (id: string) => (await messagesOf(world, id)).map(({ topic }) => topic).sort();
    expect(await topics(payer.id)).toEqual(['dispute.answered', 'dispute.decided']);
    for (const person of [owner, manager]) expect(await topics(person.id)).toEqual(['dispute.decided', 'dispute.opened']);
  });

  it('documents of a dispute are told to the other side alone, once a day however many come', async () => {
    const [payer, owner, manager] = [await knownPerson(world), await knownPerson(world), await knownPerson(world)];
    const dispute = {
      disputeId: uuidv7(), transactionId: uuidv7(), personId: payer.id, walletId: uuidv7(), merchantId: cafe.merchantId, currency: USD, amount: 1_250n,
      merchantPeople: [owner.id, manager.id], occurredAt: new Date(),
    };
    const [first, second, theirs] = [uuidv7(), uuidv7(), uuidv7()];
    for (let round = 0; round < 2; round++) {
      for (const documentId of [second, first]) await world.handle('dispute.document-added', { ...dispute, documentId, side: 'PERSON' });
      await world.handle('dispute.document-added', { ...dispute, documentId: theirs, side: 'MERCHANT' });
    }
    const told = async (id: string) => (await messagesOf(world, id)).map(({ topic }) => topic);
    expect(await told(payer.id)).toEqual(['dispute.document-added']);
    for (const person of [owner, manager]) expect(await told(person.id)).toEqual(['dispute.document-added']);
    const tomorrow = new Date(dispute.occurredAt.getTime() + 86_400_000);
    for (let round = 0; round < 2; round++) await world.handle('dispute.document-added', { ...dispute, documentId: uuidv7(), side: 'PERSON', occurredAt: tomorrow });
    for (const person of [owner, manager]) expect(await told(person.id)).toEqual(['dispute.document-added', 'dispute.document-added']);
    expect(await told(payer.id)).toHaveLength(1);
  });

  it('who acts for a merchant is told to its owners and to whom it is about, by name, once each, and whatever they have muted', async () => {
    const [real, joined] = [await knownPerson(world), await knownPerson(world, { displayName: 'Eve Example' })];
    await prefer(world, real.id, { mutedChannels: ['EMAIL', 'PUSH'] });
    const change = {
      changeId: uuidv7(), merchantId: cafe.merchantId, personId: joined.id, roleBefore: null, role: 'OWNER' as const, changedBy: joined.id,
      told: [joined.id, real.id], occurredAt: new Date(),
    };
    const gone = { ...change, changeId: uuidv7(), personId: real.id, roleBefore: 'OWNER' as const, role: null };
    for (let round = 0; round < 2; round++) {
      for (const event of [change, gone]) await world.handle('merchant.people-changed', event);
    }
    const told = async (id: string) => (await messagesOf(world, id)).map(({ class: kind, topic, body }) => `${kind} ${topic} ${body}`).sort();
    expect(await told(real.id)).toEqual([
      'SECURITY merchant-people.changed Eve Example is now an owner of Harbour Coffee. If no owner wanted that, tell us at once.',
      'SECURITY merchant-people.changed You no longer act for Harbour Coffee. If you did not expect that, tell us at once.',
    ]);
    expect(await told(joined.id)).toEqual([
      expect.stringMatching(/^SECURITY merchant-people.changed .* no longer acts for Harbour Coffee\. If no owner wanted that/),
      'SECURITY merchant-people.changed You are now an owner of Harbour Coffee. If you did not expect that, tell us at once.',
    ]);
  });

  it('every kind of event comes through', async () => {
    const [person, friend] = [await knownPerson(world), await knownPerson(world, { displayName: 'Bo Friend' })];
    await world.handle('wallet.opened', {
      personId: person.id,
      walletId: uuidv7(),
      currency: USD,
      occurredAt: new Date(),
    });
    await world.handle('card.added', {
      personId: person.id,
      paymentMethodId: uuidv7(),
      brand: 'Visa',
      last4: '4242',
      occurredAt: new Date(),
    });
    await world.handle('session.reuse-detected', { personId: person.id, familyId: uuidv7(), occurredAt: new Date() });
    await world.handle('topup.settled', { ...movement(person.id), paymentMethodId: uuidv7(), last4: '4242', method: 'CARD' });
    const atBank = { paymentMethodId: uuidv7(), last4: '3000' };
    await world.handle('bank-account.added', { ...atBank, personId: person.id, bankName: 'Bank', occurredAt: new Date() });
    await world.handle('bank-topup.failed', { ...movement(person.id), ...atBank, reason: 'RETURNED', owed: 1n });
    const { balanceAfter: _same, ...writtenOff } = movement(person.id);
    const collected = { ...movement(person.id), topUpId: uuidv7(), left: 25n };
    // Told of once, however often it comes.
    for (let round = 0; round < 3; round += 1) await world.handle('debt.collected', collected);
    await world.handle('debt.written-off', { ...writtenOff, topUpId: uuidv7(), left: 0n });
    const ofMerchant = { personId: person.id, merchantId: cafe.merchantId, transactionId: uuidv7(), currency: USD, amount: 80n, left: 0n, occurredAt: new Date() };
    for (let round = 0; round < 2; round += 1) await world.handle('merchant-debt.written-off', ofMerchant);
    await world.handle('card-topup.returned', { ...movement(person.id), paymentMethodId: uuidv7(), last4: '4242', reason: 'DISPUTED', owed: 1n });
    await world.handle('withdrawal.settled', { ...movement(person.id), ...atBank, fee: 25n });
    await world.handle('withdrawal.failed', { ...movement(person.id), ...atBank, fee: 25n, reason: 'ACCOUNT_CLOSED' });
    const { balanceAfter: _none, ...failed } = {
      ...movement(person.id),
      paymentMethodId: uuidv7(),
      last4: '0002',
      reason: 'CARD_DECLINED' as const,
    };
    await world.handle('topup.failed', failed);
    await world.handle('transfer.settled', { ...movement(person.id), counterpartyId: friend.id });
    await world.handle('transfer.received', { ...movement(person.id), counterpartyId: friend.id });
    await world.handle('reward.reversed', {
      ...movement(person.id),
      reversalId: uuidv7(),
      grantId: uuidv7(),
      campaignId: uuidv7(),
      owed: 0n,
      sourceTransactionId: uuidv7(),
    });
    const alarm = { personId: person.id, changeId: uuidv7(), occurredAt: new Date() };
    await world.handle('device.added', { ...alarm, sessionId: uuidv7(), browser: 'Firefox', platform: 'Linux' });
    await world.handle('password.changed', alarm);
    const consent = { personId: person.id, consentId: uuidv7(), partnerId: uuidv7(), subject: 'known-as', occurredAt: new Date() };
    await world.handle('consent.given', { ...consent, scopes: ['wallets:read'], walletIds: [uuidv7()], expiresAt: new Date() });
    await world.handle('consent.withdrawn', { ...consent, reason: 'CODE_REUSED' });
    await world.handle('consent.withdrawn', { ...consent, consentId: uuidv7(), reason: 'PERSON' });
    await world.handle('consent.ended', { ...consent, consentId: uuidv7(), onRequest: false, bankLeft: false });
    await world.handle('second-factor.changed', { ...alarm, change: 'ENABLED' });
    await world.handle('sessions.ended', { ...alarm, reason: 'ENDED_BY_OWNER', count: 2 });
    await world.handle('sessions.ended', { ...alarm, changeId: uuidv7(), reason: 'SIGNED_OUT', count: 1 });
    const messages = await messagesOf(world, person.id);
    expect(messages.map((message) => `${message.class} ${message.topic}`).sort()).toEqual([
      'SECURITY bank-account.added',
      'SECURITY card.added',
      'SECURITY consent.ended',
      'SECURITY consent.given',
      'SECURITY consent.withdrawn',
      'SECURITY device.added',
      'SECURITY password.changed',
      'SECURITY second-factor.changed',
      'SECURITY session.reuse-detected',
      'SECURITY sessions.ended',
      'SERVICE reward.reversed',
      'SERVICE wallet.opened',
      'TRANSACTIONAL debt.collected',
      'TRANSACTIONAL debt.written-off',
      'TRANSACTIONAL merchant-debt.written-off',
      'TRANSACTIONAL topup.failed',
      'TRANSACTIONAL topup.returned',
      'TRANSACTIONAL topup.returned',
      'TRANSACTIONAL topup.settled',
      'TRANSACTIONAL transfer.received',
      'TRANSACTIONAL transfer.sent',
      'TRANSACTIONAL withdrawal.failed',
      'TRANSACTIONAL withdrawal.settled',
    ]);
    expect(messages.find((message) => message.topic === 'transfer.sent').body).toBe('You sent $0.50 to Bo Friend.');
  });

  it('alarms come once, in quiet hours too, past what is muted, in the language of the person', async () => {
    const person = await knownPerson(world, { locale: 'zh-CN' });
    await prefer(world, person.id, { mutedChannels: ['PUSH', 'EMAIL', 'SMS'], quietHours: { from: '00:00', to: '23:59' } });
    const change = { personId: person.id, changeId: uuidv7(), occurredAt: new Date() };
    const device = { personId: person.id, sessionId: uuidv7(), browser: 'Chrome', platform: 'Windows', occurredAt: new Date() };
    for (let round = 0; round < 3; round++) {
      await world.handle('password.changed', change);
      await world.handle('device.added', device);
    }
    const inbox = await inboxOf(world, person.id);
    expect(inbox.edges.map((edge: { node: object }) => edge.node)).toEqual([
      expect.objectContaining({ class: 'SECURITY', title: '新设备登录', body: expect.stringContaining('Windows 上的 Chrome') }),
      expect.objectContaining({ class: 'SECURITY', title: '密码已修改', body: expect.stringContaining('其他设备均已退出登录') }),
    ]);
  });

  it('a message waits for a person whose event comes later', async () => {
    const person = newPerson();
    await world.handle('payment.settled', payment(person.id, cafe.merchantId));
    expect(await statusOf(person.id)).toEqual([{ status: 'OPEN', reason: 'PERSON_UNKNOWN' }]);
    await workAll(world);
    expect(await messagesOf(world, person.id)).toEqual([]);
    await world.handle('person.registered', person.registered);
    await workAll(world);
    expect((await messagesOf(world, person.id)).map((message) => message.body)).toEqual([
      'You paid $12.50 to Harbour Coffee. Fee: $0.13.',
    ]);
    expect(await statusOf(person.id)).toEqual([{ status: 'SENT', reason: null }]);
  });

  it('a message waits for a name, and does without it in the end', async () => {
    const person = await knownPerson(world);
    const [late, never] = [merchant('Late Bakery'), merchant('Never Told')];
    world.clock.now = new Date();
    await world.handle('payment.settled', payment(person.id, late.merchantId));
    await world.handle('payment.settled', payment(person.id, never.merchantId));
    expect(await statusOf(person.id)).toEqual([
      { status: 'OPEN', reason: 'NAME_UNKNOWN' },
      { status: 'OPEN', reason: 'NAME_UNKNOWN' },
    ]);
    await world.handle('merchant.changed', late);
    await workAll(world);
    expect((await messagesOf(world, person.id)).map((message) => message.body)).toEqual([
      'You paid $12.50 to Late Bakery. Fee: $0.13.',
    ]);
    world.clock.now = new Date(world.clock.now.getTime() + 11_000);
    await workAll(world);
    expect((await messagesOf(world, person.id)).map((message) => message.body)).toContain(
      'You paid $12.50 to a merchant. Fee: $0.13.',
    );
  });

  it('an older state of a merchant never replaces a newer one', async () => {
    const person = await knownPerson(world);
    const now = merchant('New Name', { version: 2 });
    await world.handle('merchant.changed', now);
    await world.handle('merchant.changed', merchant('Old Name', { id: now.merchantId, version: 1 }));
    await world.handle('payment.settled', payment(person.id, now.merchantId));
    expect((await messagesOf(world, person.id))[0].body).toContain('New Name');
  });

  it('old events make old news: in the inbox, but nobody is disturbed', async () => {
    const person = await knownPerson(world);
    await world.handle(
      'payment.settled',
      payment(person.id, cafe.merchantId, { occurredAt: new Date(Date.now() - 25 * 3_600_000) }),
    );
    expect((await deliveriesOf(world, person.id)).map((delivery) => delivery.channel)).toEqual(['IN_APP']);
  });

  it('in quiet hours a receipt goes out and a reward waits for the morning, except in the inbox', async () => {
    const person = await knownPerson(world, { timeZone: 'Asia/Shanghai' });
    await prefer(world, person.id, { quietHours: { from: '22:00', to: '08:00' } });
    world.clock.now = new Date('2026-11-22T15:30:00Z');
    await world.handle('payment.settled', payment(person.id, cafe.merchantId, { occurredAt: world.clock.now }));
    await world.handle('reward.posted', {
      ...movement(person.id),
      occurredAt: world.clock.now,
      grantId: uuidv7(),
      campaignId: uuidv7(),
      kind: 'CASHBACK',
      credited: 31n,
      sourceTransactionId: uuidv7(),
    });
    expect((await messagesOf(world, person.id)).map((message) => message.topic).sort()).toEqual([
      'payment.settled',
      'reward.paid',
    ]);
    const planned = await world.dataSource.query(
      `SELECT class, "dueAt" FROM delivery WHERE "personId" = $1 AND channel = 'EMAIL' ORDER BY class`,
      [person.id],
    );
    expect(planned).toEqual([
      { class: 'SERVICE', dueAt: new Date('2026-11-23T00:00:00Z') },
      { class: 'TRANSACTIONAL', dueAt: new Date('2026-11-22T15:30:00Z') },
    ]);
  });

  it('what is no event is poison; what is not for us is passed over', async () => {
    const handle = eventHandler(world.app.services);
    const good = busMessage('wallet.opened', {
      personId: uuidv7(),
      walletId: uuidv7(),
      currency: USD,
      occurredAt: new Date(),
    });
    await expect(handle(world.dataSource.manager, [{ ...good, value: 'no JSON' }])).rejects.toMatchObject({
      name: 'Poison',
      message: expect.stringContaining('MalformedEvent'),
    });
    await expect(handle(world.dataSource.manager, [{ ...good, value: '{}' }])).rejects.toMatchObject({ name: 'Poison' });
    const other = busMessage('referral.changed', {
      referrerId: uuidv7(),
      friendId: uuidv7(),
      status: 'JOINED',
      occurredAt: new Date(),
    });
    await expect(handle(world.dataSource.manager, [other])).resolves.toBeUndefined();
  });

  it('names and addresses stand in no column in clear', async () => {
    const person = await knownPerson(world, { displayName: 'Canary Quetzalcoatl' });
    const shop = merchant('Canary Zanzibar Shop');
    await world.handle('merchant.changed', shop);
    await world.handle('payment.settled', payment(person.id, shop.merchantId));
    expect((await messagesOf(world, person.id))[0].body).toContain('Canary Zanzibar');
    const tables: { name: string }[] = await world.dataSource.query(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    for (const { name } of tables) {
      const [{ found }] = await world.dataSource.query(
        `SELECT count(*)::integer AS found FROM "${name}" t WHERE t::text ~ 'Quetzalcoatl|Zanzibar' OR strpos(t::text, $1) > 0`,
        [person.email],
      );
      expect({ name, found }).toEqual({ name, found: 0 });
    }
  });
});
