import type { Identity } from '@tael/platform/identity';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'graphql';
import { newBank } from './partner-world';
import { activate, operator, register, somebody } from './support';
import { answer } from './webhook-receiver';
import { consume, createEndpoint, deliveriesOf, must, newShop, payment, startWebhookWorld, type WebhookWorld } from './webhook-world';

// Who changed what of a merchant or of a bank's endpoints, with what was before and after.

let world: WebhookWorld;
beforeAll(async () => {
  world = await startWebhookWorld('merchant_trail');
});
afterAll(() => world?.stop());

const idOf = (who: Identity): string => who.principal!.personId;

async function mutate(as: Identity, name: string, input: object, shown: string): Promise<any> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  const data = await must(world.subject, as, `mutation ($input: ${type}!) { ${name}(input: $input) { ${shown} userErrors { code message } } }`, { input });
  expect(data[name].userErrors).toEqual([]);
  return data[name];
}

/** The trail of a merchant or a bank as an operator reads it, the oldest first. */
async function trailOf(kind: 'merchant' | 'partnerById', id: string): Promise<any[]> {
  const data = await must(world.subject, operator(), `query ($id: ID!) { ${kind}(id: $id) {
    auditTrail(first: 50) { edges { node { action actorKind actorId before after reason } } } } }`, { id });
  return data[kind].auditTrail.edges.map(({ node }: any) => ({ ...node, before: JSON.parse(node.before ?? 'null'), after: JSON.parse(node.after ?? 'null') })).reverse();
}

async function activeShop() {
  const [owner, staff] = [somebody(), operator()];
  const { merchant } = await register(world.subject, owner);
  await activate(world.subject, staff, merchant.id);
  return { owner, staff, merchantId: merchant.id as string };
}

const by = (who: Identity, reason: string) => ({ actorKind: 'PERSON', actorId: idOf(who), reason });

it('tells of people who are invited, come, become something else and go', async () => {
  const { owner, staff, merchantId } = await activeShop();
  const member = somebody();
  const { invitation } = await mutate(owner, 'inviteMerchantPerson', { merchantId, role: 'CASHIER' }, 'invitation { code }');
  await mutate(member, 'joinMerchant', { code: invitation.code }, 'merchant { id }');
  await mutate(member, 'joinMerchant', { code: invitation.code }, 'merchant { id }');
  const change = { merchantId, personId: idOf(member), role: 'MANAGER', reason: 'The owner wrote to us' };
  await mutate(staff, 'changeMerchantRole', change, 'merchant { id }');
  await mutate(staff, 'changeMerchantRole', change, 'merchant { id }');
  await mutate(owner, 'removeMerchantPerson', { merchantId, personId: idOf(member).toUpperCase() }, 'merchant { id }');
  const trail = (await trailOf('merchant', merchantId)).slice(2);
  const personId = idOf(member);
  expect(trail).toEqual([
    { ...by(owner, 'By the merchant'), action: 'PERSON_INVITED', before: null, after: { invitationId: expect.any(String), role: 'CASHIER', expiresAt: expect.any(String) } },
    { ...by(member, 'By the merchant'), action: 'PERSON_JOINED', before: null, after: { personId, role: 'CASHIER', invitationId: trail[0].after.invitationId } },
    { ...by(staff, 'The owner wrote to us'), action: 'ROLE_CHANGED', before: { personId, role: 'CASHIER' }, after: { personId, role: 'MANAGER' } },
    { ...by(owner, 'By the merchant'), action: 'PERSON_REMOVED', before: { personId, role: 'MANAGER' }, after: null },
  ]);
  expect(JSON.stringify(trail)).not.toContain(invitation.code);
});

it('tells of stores, and of a change only what is other', async () => {
  const { owner, staff, merchantId } = await activeShop();
  const place = { city: 'San Francisco', country: 'US', latitude: 37.784064, longitude: -122.40398, timeZone: 'America/Los_Angeles', openingHours: [{ weekday: 'MONDAY', opens: '08:00', closes: '18:00' }] };
  const { store } = await mutate(owner, 'addStore', { merchantId, name: 'Corner', addressLines: ['1 Main Street'], ...place }, 'store { id }');
  await mutate(staff, 'updateStore', { storeId: store.id, name: 'New Corner', reason: 'The owner wrote to us' }, 'store { id }');
  await mutate(staff, 'updateStore', { storeId: store.id, name: 'New Corner', openingHours: place.openingHours, reason: 'Once more' }, 'store { id }');
  await mutate(owner, 'updateStore', { storeId: store.id, addressLines: ['2 Hidden Lane'], latitude: 37.7841 }, 'store { id }');
  await mutate(owner, 'closeStore', { storeId: store.id }, 'store { id }');
  await mutate(owner, 'closeStore', { storeId: store.id }, 'store { id }');
  const storeId = store.id;
  const trail = (await trailOf('merchant', merchantId)).slice(2);
  expect(JSON.stringify(trail)).not.toMatch(/Main Street|Hidden Lane|latitude|longitude/);
  expect(trail).toEqual([
    { ...by(owner, 'By the merchant'), action: 'STORE_ADDED', before: null, after: expect.objectContaining({ storeId, name: 'Corner', city: 'San Francisco', status: 'OPEN' }) },
    { ...by(staff, 'The owner wrote to us'), action: 'STORE_CHANGED', before: { storeId, name: 'Corner' }, after: { storeId, name: 'New Corner' } },
    { ...by(owner, 'By the merchant'), action: 'STORE_CHANGED', before: { storeId }, after: { storeId, isNew: { address: true, place: true } } },
    { ...by(owner, 'By the merchant'), action: 'STORE_CLOSED', before: { storeId, status: 'OPEN' }, after: { storeId, status: 'CLOSED' } },
  ]);
});

it('tells of endpoints what was done to them, and nothing that opens them', async () => {
  const { owner, staff, merchantId } = await activeShop();
  const url = `${world.receiver.url}/hook?token=secret-of-the-shop`;
  const { endpoint } = await createEndpoint(world.subject, owner, { merchantId, url, eventTypes: ['payment.settled'] });
  const endpointId = endpoint.id;
  await mutate(staff, 'updateWebhookEndpoint', { endpointId, enabled: false, reason: 'It is flooded' }, 'endpoint { id }');
  await mutate(owner, 'updateWebhookEndpoint', { endpointId, enabled: true, url: `${url}-2`, description: 'Till 4' }, 'endpoint { id }');
  await mutate(owner, 'updateWebhookEndpoint', { endpointId, enabled: true }, 'endpoint { id }');
  const { endpoint: rotated } = await mutate(owner, 'rotateWebhookKey', { endpointId }, 'endpoint { keys { publicKey } }');
  await mutate(owner, 'deleteWebhookEndpoint', { endpointId }, 'endpointId');
  await mutate(owner, 'deleteWebhookEndpoint', { endpointId }, 'endpointId');
  const trail = (await trailOf('merchant', merchantId)).slice(2);
  const state = (status: string) => ({ endpointId, host: expect.any(String), eventTypes: ['payment.settled'], status });
  expect(trail).toEqual([
    { ...by(owner, 'By the merchant'), action: 'WEBHOOK_CREATED', before: null, after: state('ENABLED') },
    { ...by(staff, 'It is flooded'), action: 'WEBHOOK_CHANGED', before: state('ENABLED'), after: { ...state('DISABLED'), isNew: { url: false, description: false } } },
    { ...by(owner, 'By the merchant'), action: 'WEBHOOK_CHANGED', before: state('DISABLED'), after: { ...state('ENABLED'), isNew: { url: true, description: true } } },
    { ...by(owner, 'By the merchant'), action: 'WEBHOOK_KEY_ROTATED', before: null, after: { endpointId, publicKey: rotated.keys[0].publicKey } },
    { ...by(owner, 'By the merchant'), action: 'WEBHOOK_DELETED', before: state('ENABLED'), after: null },
  ]);
  expect(JSON.stringify(trail)).not.toMatch(/secret-of-the-shop|Till 4/);
});

it('asks operators why they change a store or an endpoint, and does nothing until they say', async () => {
  const { owner, staff, merchantId } = await activeShop();
  const { endpoint } = await createEndpoint(world.subject, owner, { merchantId, url: `${world.receiver.url}/hook`, eventTypes: [] });
  const place = { city: 'Utrecht', country: 'NL', latitude: 52.09, longitude: 5.12, timeZone: 'Europe/Amsterdam', openingHours: [], addressLines: ['1 Street'] };
  const { store } = await mutate(owner, 'addStore', { merchantId, name: 'Corner', ...place }, 'store { id }');
  const before = await trailOf('merchant', merchantId);
  for (const [name, input] of [
    ['addStore', { merchantId, name: 'Other', ...place }], ['updateStore', { storeId: store.id, name: 'Other' }], ['closeStore', { storeId: store.id }],
    ['createWebhookEndpoint', { merchantId, url: `${world.receiver.url}/other`, eventTypes: [] }], ['updateWebhookEndpoint', { endpointId: endpoint.id, enabled: false }],
    ['rotateWebhookKey', { endpointId: endpoint.id }], ['deleteWebhookEndpoint', { endpointId: endpoint.id }], ['redeliverWebhook', { deliveryId: endpoint.id }],
  ] as const) {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    for (const reason of [undefined, ' ']) {
      const { data } = await world.subject.ask(staff, `mutation ($input: ${type}!) { done: ${name}(input: $input) { userErrors { code field } } }`, { input: { ...input, reason } });
      expect({ name, ...data }).toEqual({ name, done: { userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'reason'] }] } });
    }
  }
  expect(await trailOf('merchant', merchantId)).toEqual(before);
});

it('tells of a message that is sent again, and of an endpoint that Tael disables by itself', async () => {
  const shop = await newShop(world, '/gone');
  await consume(world, [payment(shop.merchantId)]);
  await world.webhooks.deliveries.deliverDue(10);
  const [delivery] = await deliveriesOf(world, shop);
  await mutate(shop.owner, 'redeliverWebhook', { deliveryId: delivery.id }, 'delivery { id }');
  world.receiver.reply = answer(410);
  await world.webhooks.deliveries.deliverDue(10);
  world.receiver.reply = answer(204);
  expect((await trailOf('merchant', shop.merchantId)).slice(-2)).toEqual([
    { ...by(shop.owner, 'By the merchant'), action: 'WEBHOOK_REDELIVERED', before: null, after: { endpointId: shop.endpoint.id, deliveryId: delivery.id } },
    { actorKind: 'TAEL', actorId: expect.any(String), reason: 'GONE', action: 'WEBHOOK_DISABLED', before: { endpointId: shop.endpoint.id, status: 'ENABLED' }, after: { endpointId: shop.endpoint.id, status: 'DISABLED' } },
  ]);
});

it('tells of a bank’s endpoints in the bank’s trail, by the client that did it', async () => {
  const bank = await newBank(world.subject);
  const { endpoint } = await createEndpoint(world.subject, bank.as, { url: `${world.receiver.url}/bank`, eventTypes: ['partner.changed'] });
  expect((await trailOf('partnerById', bank.partnerId)).at(-1)).toEqual({
    action: 'WEBHOOK_CREATED', actorKind: 'PARTNER_CLIENT', actorId: bank.clientId, reason: 'By the bank', before: null,
    after: { endpointId: endpoint.id, host: expect.any(String), eventTypes: ['partner.changed'], status: 'ENABLED' },
  });
});

// Every mutation of the schema is here with the entry that it writes, or below with why it writes none. What operators do is called and compared in
// operator-trail.int.test.ts; of what remains it is only looked whether some test speaks of the entry.
const IN_THE_TRAIL: Readonly<Record<string, string>> = {
  registerMerchant: 'REGISTERED', activateMerchant: 'ACTIVATED', suspendMerchant: 'SUSPENDED',
  addStore: 'STORE_ADDED', updateStore: 'STORE_CHANGED', closeStore: 'STORE_CLOSED',
  inviteMerchantPerson: 'PERSON_INVITED', joinMerchant: 'PERSON_JOINED', removeMerchantPerson: 'PERSON_REMOVED', changeMerchantRole: 'ROLE_CHANGED',
  createWebhookEndpoint: 'WEBHOOK_CREATED', updateWebhookEndpoint: 'WEBHOOK_CHANGED', deleteWebhookEndpoint: 'WEBHOOK_DELETED', rotateWebhookKey: 'WEBHOOK_KEY_ROTATED',
  redeliverWebhook: 'WEBHOOK_REDELIVERED',
  publishDocuments: 'DOCUMENTS_PUBLISHED', withdrawDocuments: 'DOCUMENTS_WITHDRAWN', withdrawPartnerDocuments: 'DOCUMENTS_WITHDRAWN',
  beginMerchantApplication: 'BEGUN', updateMerchantApplication: 'UPDATED', submitMerchantApplication: 'SUBMITTED', withdrawMerchantApplication: 'WITHDRAWN',
  addMerchantDocument: 'DOCUMENT_ADDED', removeMerchantDocument: 'DOCUMENT_REMOVED', takeMerchantApplication: 'TAKEN', releaseMerchantApplication: 'RELEASED',
  askMoreOfMerchant: 'MORE_ASKED', approveMerchantApplication: 'APPROVED', rejectMerchantApplication: 'REJECTED',
  invitePartner: 'INVITED', renewPartnerInvitation: 'INVITATION_RENEWED', suspendPartner: 'SUSPENDED', resumePartner: 'RESUMED', setPartnerRate: 'RATE_SET', setPartnerClientScopes: 'SCOPES_SET',
  revokePartnerKey: 'KEY_REVOKED', addPartnerKey: 'KEY_ADDED', retirePartnerKey: 'KEY_RETIRED', setRedirectUris: 'REDIRECT_URIS_SET', registerPartnerClient: 'CLIENT_REGISTERED',
  publishSubgraph: 'SUBGRAPH_PUBLISHED', withdrawSubgraph: 'SUBGRAPH_WITHDRAWN', approveSubgraph: 'SUBGRAPH_LIVE', rejectSubgraph: 'SUBGRAPH_REJECTED',
  suspendSubgraph: 'SUBGRAPH_SUSPENDED',
};
const NOT_IN_IT: Readonly<Record<string, string>> = {
  addMerchantDocumentChunk: 'a part of a document: the document is there as it is begun',
  createPaymentCode: 'a sale at the till: the code is a record of its own, with who made it',
  sendTestWebhook: 'changes nothing: its message is in the log of deliveries',
};

describe('the guard', () => {
  const text = readFileSync(join(__dirname, '..', 'schema.graphql'), 'utf8');
  const mutation = parse(text).definitions.find((one) => one.kind === 'ObjectTypeDefinition' && one.name.value === 'Mutation') as any;
  const names: string[] = mutation.fields.map((field: any) => field.name.value);
  // What the tests of this folder expect of a trail; this table is no expectation.
  const expectations = readdirSync(__dirname).filter((file) => file.endsWith('.int.test.ts'))
    .map((file) => readFileSync(join(__dirname, file), 'utf8').split('// Every mutation of the schema is here')[0]).join('\n');

  it.each(names)('%s is in a trail, or there is a reason why not', (name) => {
    expect([name in IN_THE_TRAIL, name in NOT_IN_IT].filter(Boolean)).toHaveLength(1);
  });
  it('knows no mutation that is not there', () => {
    expect([...Object.keys(IN_THE_TRAIL), ...Object.keys(NOT_IN_IT)].filter((name) => !names.includes(name))).toEqual([]);
  });
  it.each(Object.entries(IN_THE_TRAIL))('%s: some test reads %s', (_name, entry) => {
    expect(expectations).toMatch(new RegExp(`\\b${entry}\\b`));
  });
});
