import type { Identity } from '@tael/platform/identity';
import { eventually } from '@tael/testkit';
import { somebody } from './support';
import { isSignedBy } from './webhook-receiver';
import { consume, createEndpoint, endpointOf, must, newShop, partnerBank, payment, type Shop, startWebhookWorld, type WebhookWorld } from './webhook-world';

// An answer may be lost on its way. Whoever then asks again must not be worse off than with one call.

let world: WebhookWorld;
beforeEach(async () => {
  world = await startWebhookWorld('webhook_repeats');
});
afterEach(() => world?.stop());

const DAY = 86_400_000;

describe('a key that is turned again', () => {
  const rotate = async (shop: Shop) =>
    (await must(world.subject, shop.owner,
      'mutation ($input: RotateWebhookKeyInput!) { rotateWebhookKey(input: $input) { endpoint { keys { publicKey expiresAt } } userErrors { code field message } } }',
      { input: { endpointId: shop.endpoint.id } })).rotateWebhookKey;
  const first = (shop: Shop): string => shop.endpoint.keys[0]!.publicKey;
  /** By which of the keys the next message is signed. */
  const signed = async (shop: Shop, keys: readonly string[]): Promise<boolean[]> => {
    await consume(world, [payment(shop.merchantId)]);
    await world.webhooks.deliveries.deliverDue(10);
    return keys.map((key) => isSignedBy(world.receiver.received.at(-1)!, key));
  };

  it('leaves the one that the receiver has its whole day, and no more than that', async () => {
    const shop = await newShop(world);
    const lost = await rotate(shop);
    const { endpoint } = await rotate(shop);
    const [newest, middle, oldest] = endpoint.keys;
    expect([oldest.publicKey, middle.publicKey, newest.expiresAt]).toEqual([first(shop), lost.endpoint.keys[0].publicKey, null]);
    // Turned again, a key does not live longer than it was said at first.
    expect(oldest.expiresAt).toBe(lost.endpoint.keys[1].expiresAt);
    world.pass(DAY - 60_000);
    expect(await signed(shop, endpoint.keys.map(({ publicKey }: { publicKey: string }) => publicKey))).toEqual([true, true, true]);
    world.pass(120_000);
    expect(await signed(shop, endpoint.keys.map(({ publicKey }: { publicKey: string }) => publicKey))).toEqual([true, false, false]);
  });

  it('makes four that sign, and not a fifth until one has ended', async () => {
    const shop = await newShop(world);
    for (const living of [2, 3, 4]) expect((await rotate(shop)).endpoint.keys).toHaveLength(living);
    const before = await endpointOf(world, shop);
    expect(await rotate(shop)).toEqual({
      endpoint: null, userErrors: [{ code: 'LIMIT_EXCEEDED', field: ['input', 'endpointId'], message: 'Four keys sign already. Wait until the oldest of them has ended.' }],
    });
    expect(await endpointOf(world, shop)).toEqual(before);
    expect(await signed(shop, before.keys.map(({ publicKey }: { publicKey: string }) => publicKey))).toEqual([true, true, true, true]);
    world.pass(DAY + 1_000);
    const { owner, endpoint: { id } } = shop;
    const later = await world.webhooks.endpoints.rotateKey({ kind: 'PERSON', personId: owner.principal!.personId, isOperator: false }, id);
    expect(later).toMatchObject({ ok: true, value: { keys: [{ expiresAt: null }, { publicKey: before.keys[0].publicKey, expiresAt: expect.any(Date) }] } });
    expect(await world.subject.dataSource.query('SELECT id FROM webhook_key')).toHaveLength(2);
  });

  it('makes no more than four where many turn it at once', async () => {
    const shop = await newShop(world);
    const answers = await Promise.all(Array.from({ length: 8 }, () => rotate(shop)));
    expect(answers.filter(({ endpoint }) => endpoint)).toHaveLength(3);
    const { keys } = await endpointOf(world, shop);
    expect(keys.map(({ publicKey }: { publicKey: string }) => publicKey)).toContain(first(shop));
    expect(keys).toHaveLength(4);
  });
});

describe('an endpoint that is asked for again', () => {
  const input = { url: 'https://hooks.bank.example/tael', eventTypes: ['partner.changed', 'consent.ended'] };
  const made = async (as: Identity, given: object = input) => {
    const { endpoint, userErrors } = await createEndpoint(world.subject, as, given);
    expect(userErrors).toEqual([]);
    return endpoint;
  };
  const count = async () => (await world.subject.dataSource.query('SELECT id FROM webhook_endpoint')).length;

  it('is answered as it is, however its address and types are written', async () => {
    const bank = partnerBank();
    const endpoint = await made(bank, { ...input, description: 'Live' });
    expect(await made(bank, { ...input, description: 'Another word' })).toEqual(endpoint);
    expect(await made(bank, { url: 'https://HOOKS.bank.example:443/tael', eventTypes: ['consent.ended', 'partner.changed', 'consent.ended'] })).toEqual(endpoint);
    expect(await count()).toBe(1);
    expect(await world.subject.dataSource.query(`SELECT action FROM audit_entry WHERE action = 'WEBHOOK_CREATED'`)).toHaveLength(1);
  });

  it('is one where many ask at once', async () => {
    const bank = partnerBank();
    const ids = (await Promise.all(Array.from({ length: 8 }, () => made(bank)))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect(await count()).toBe(1);
  });

  it('is another one where it is another’s, at another address or of other types', async () => {
    const bank = partnerBank();
    const { id } = await made(bank);
    const others = [
      await made(partnerBank()), await made(bank, { ...input, url: `${input.url}/2` }), await made(bank, { ...input, eventTypes: ['partner.changed'] }),
      await made(bank, { ...input, eventTypes: [...input.eventTypes, 'consent.withdrawn'] }),
    ];
    expect(new Set([id, ...others.map((one) => one.id)]).size).toBe(5);
  });

  it('is answered to who has as many as there may be', async () => {
    const bank = partnerBank();
    const [first] = await Promise.all(Array.from({ length: 10 }, (_, number) => made(bank, { ...input, url: `${input.url}/${number}` })));
    expect((await made(bank, { ...input, url: `${input.url}/0` })).id).toBe(first.id);
    expect((await createEndpoint(world.subject, bank, input)).userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
  });

  it('is told of each payment once, as a merchant’s too', async () => {
    const shop = await newShop(world);
    const again = await made(shop.owner, { merchantId: shop.merchantId, url: world.receiver.url, eventTypes: ['payment.refunded', 'payment.settled'] });
    expect(again).toMatchObject(shop.endpoint);
    await consume(world, [payment(shop.merchantId)]);
    await world.webhooks.deliveries.deliverDue(10);
    await eventually(() => expect(world.receiver.received).toHaveLength(1));
    expect(await world.webhooks.deliveries.deliverDue(10)).toBe(0);
    expect((await createEndpoint(world.subject, somebody(), { merchantId: shop.merchantId, url: world.receiver.url, eventTypes: ['payment.settled', 'payment.refunded'] })).userErrors)
      .toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  it.each(['disabled', 'deleted'])('is a new one where the one that is there was %s: that one is told of nothing', async (how) => {
    const bank = partnerBank();
    const { id: endpointId } = await made(bank);
    const change = how === 'deleted'
      ? ['mutation ($input: DeleteWebhookEndpointInput!) { done: deleteWebhookEndpoint(input: $input) { userErrors { code } } }', { endpointId }] as const
      : ['mutation ($input: UpdateWebhookEndpointInput!) { done: updateWebhookEndpoint(input: $input) { userErrors { code } } }', { endpointId, enabled: false }] as const;
    expect((await must(world.subject, bank, change[0], { input: change[1] })).done.userErrors).toEqual([]);
    const fresh = await made(bank);
    expect(fresh).toMatchObject({ status: 'ENABLED' });
    expect(fresh.id).not.toBe(endpointId);
    expect((await made(bank)).id).toBe(fresh.id);
  });
});
