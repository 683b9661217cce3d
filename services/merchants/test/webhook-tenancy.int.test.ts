import type { Identity } from '@tael/platform/identity';
import { v7 as uuidv7 } from 'uuid';
import { nobody, operator, register, somebody } from './support';
import {
  consume, createEndpoint, deliveriesOf, must, newShop, partnerBank, payment, type Shop, startWebhookWorld, type WebhookWorld,
} from './webhook-world';

let world: WebhookWorld;
beforeAll(async () => {
  world = await startWebhookWorld('webhook_tenancy');
});
afterAll(() => world?.stop());

type Mutation = readonly [name: string, input: string, field: 'endpointId' | 'deliveryId'];
const MUTATIONS: readonly Mutation[] = [
  ['updateWebhookEndpoint', 'UpdateWebhookEndpointInput', 'endpointId'],
  ['rotateWebhookKey', 'RotateWebhookKeyInput', 'endpointId'],
  ['sendTestWebhook', 'SendTestWebhookInput', 'endpointId'],
  ['redeliverWebhook', 'RedeliverWebhookInput', 'deliveryId'],
  ['deleteWebhookEndpoint', 'DeleteWebhookEndpointInput', 'endpointId'],
];

const attempt = async (as: Identity, [name, input, field]: Mutation, id: string) =>
  (await must(world.subject, as, `mutation ($input: ${input}!) { ${name}(input: $input) { userErrors { code field } } }`, {
    // Sending a test changes nothing, and wants no reason of an operator.
    input: { [field]: id, ...(name === 'sendTestWebhook' ? {} : { reason: 'A test' }) },
  }))[name];

const partnersOf = async (as: Identity) =>
  (await must(world.subject, as, '{ partnerWebhookEndpoints(first: 50) { edges { node { id } } } }')).partnerWebhookEndpoints.edges.map(
    (edge: any) => edge.node.id,
  );

async function shopWithDelivery(): Promise<Shop & { deliveryId: string }> {
  const shop = await newShop(world);
  await consume(world, [payment(shop.merchantId)]);
  await world.webhooks.deliveries.deliverDue(50);
  return { ...shop, deliveryId: (await deliveriesOf(world, shop))[0].id };
}

describe.each(MUTATIONS.map((mutation) => [mutation[0], mutation] as const))('%s', (_name, mutation) => {
  it('finds nothing of another merchant, and what is one’s own', async () => {
    const [mine, theirs] = [await shopWithDelivery(), await shopWithDelivery()];
    const idOf = (shop: typeof mine) => (mutation[2] === 'deliveryId' ? shop.deliveryId : shop.endpoint.id);
    const missing = { userErrors: [{ code: 'NOT_FOUND', field: ['input', mutation[2]] }] };
    for (const stranger of [mine.owner, somebody(), partnerBank()]) expect(await attempt(stranger, mutation, idOf(theirs))).toEqual(missing);
    expect(await attempt(mine.owner, mutation, 'none')).toEqual(missing);
    expect(await attempt(mine.owner, mutation, uuidv7())).toEqual(missing);
    expect(await attempt(mine.owner, mutation, idOf(mine))).toEqual({ userErrors: [] });
    if (mutation[0] === 'deleteWebhookEndpoint') expect(await attempt(mine.owner, mutation, idOf(mine))).toEqual({ userErrors: [] });
    expect(await attempt(operator(), mutation, idOf(theirs))).toEqual({ userErrors: [] });
  });
});

it('is for owners and managers: a cashier finds nothing', async () => {
  const shop = await shopWithDelivery();
  const join = async (role: string): Promise<Identity> => {
    const person = somebody();
    await world.subject.dataSource.query('INSERT INTO merchant_person ("merchantId", "personId", role) VALUES ($1, $2, $3)', [shop.merchantId, person.principal!.personId, role]);
    return person;
  };
  const [cashier, manager] = [await join('CASHIER'), await join('MANAGER')];
  expect(await attempt(cashier, MUTATIONS[0]!, shop.endpoint.id)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
  expect(await attempt(manager, MUTATIONS[0]!, shop.endpoint.id)).toEqual({ userErrors: [] });
});

it('keeps two partners apart, and partners from people', async () => {
  const [bank, other] = [partnerBank(), partnerBank()];
  const input = { url: 'https://hooks.bank.example/tael', eventTypes: [] };
  const [mine, theirs] = [(await createEndpoint(world.subject, bank, input)).endpoint.id, (await createEndpoint(world.subject, other, input)).endpoint.id];
  expect(await partnersOf(bank)).toEqual([mine]);
  expect(await partnersOf(other)).toEqual([theirs]);
  for (const mutation of MUTATIONS.filter(([, , field]) => field === 'endpointId'))
    for (const stranger of [other, somebody(), operator()]) expect(await attempt(stranger, mutation, mine)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND' }] });
  expect(await attempt(bank, MUTATIONS[0]!, mine)).toEqual({ userErrors: [] });
});

it('lets only a partner with the scope in, and nobody who is not signed in', async () => {
  const code = async (as: Identity, query: string) => (await world.subject.ask(as, query)).errors?.[0]?.extensions?.code;
  const list = '{ partnerWebhookEndpoints { edges { node { id } } } }';
  const create = 'mutation { createWebhookEndpoint(input: { url: "https://a.example", eventTypes: [] }) { userErrors { code } } }';
  expect(await Promise.all([partnerBank(['partner:read']), somebody(), nobody].map((as) => code(as, list)))).toEqual([
    expect.any(String), 'FORBIDDEN', 'UNAUTHENTICATED',
  ]);
  expect([await code(partnerBank(['partner:read']), create), await code(nobody, create)]).toEqual([expect.any(String), 'UNAUTHENTICATED']);
});

it('shows a merchant’s endpoints to its people and operators, and to others that there is no list', async () => {
  const shop = await shopWithDelivery();
  const other = somebody();
  const own = (await register(world.subject, other)).merchant.id;
  await world.subject.database.asOwner(`UPDATE merchant SET status = 'ACTIVE'`);
  const listed = async (as: Identity, id: string) =>
    (await must(world.subject, as, 'query ($id: ID!) { merchant(id: $id) { webhookEndpoints { edges { node { id } } } } }', { id })).merchant.webhookEndpoints;
  expect(await listed(other, shop.merchantId)).toBeNull();
  expect(await listed(other, own)).toEqual({ edges: [] });
  for (const as of [shop.owner, operator()]) expect(await listed(as, shop.merchantId)).toEqual({ edges: [{ node: { id: shop.endpoint.id } }] });
});

it('refuses what cannot be an endpoint, in the language of the request', async () => {
  const shop = await newShop(world);
  const refused = async (as: Identity, input: object) => (await createEndpoint(world.subject, as, { url: 'https://a.example', eventTypes: [], ...input })).userErrors;
  expect(await refused(shop.owner, { merchantId: shop.merchantId, url: 'https://10.0.0.1/x', eventTypes: ['person.registered'] })).toEqual([
    { code: 'INVALID_INPUT', field: ['input', 'url'], message: 'This must be the https address of a public host, on port 443 or 8443.' },
    { code: 'INVALID_INPUT', field: ['input', 'eventTypes'], message: 'There is no such event to choose.' },
  ]);
  const missing = [{ code: 'NOT_FOUND', field: ['input', 'merchantId'], message: expect.any(String) }];
  expect(await refused(shop.owner, {})).toEqual(missing);
  expect(await refused(somebody(), { merchantId: shop.merchantId })).toEqual(missing);
  expect(await refused(partnerBank(), { merchantId: shop.merchantId })).toEqual(missing);
});

it('lets an owner have ten endpoints, however many are asked for at once', async () => {
  const shop = await newShop(world);
  const answers = await Promise.all(
    Array.from({ length: 14 }, (_, number) => createEndpoint(world.subject, shop.owner, { merchantId: shop.merchantId, url: `https://a.example/${number}`, eventTypes: [] })),
  );
  expect(answers.filter(({ endpoint }) => endpoint)).toHaveLength(9);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toContainEqual(expect.objectContaining({ code: 'LIMIT_EXCEEDED' }));
});
