import type { Identity } from '@tael/platform/identity';
import { type Calls, reason, shopOf, type Stage, type Told, uuid } from './operator-calls';
import { somebody } from './support';
import { consume, createEndpoint, deliveriesOf, must, newShop, payment } from './webhook-world';

const PLACE = {
  addressLines: ['1 Main Street'], city: 'Utrecht', country: 'NL', latitude: 52.09, longitude: 5.12, timeZone: 'Europe/Amsterdam', openingHours: [],
};
async function storeOf({ world: { subject } }: Stage, { owner, merchantId }: { owner: Identity; merchantId: string }): Promise<string> {
  const { addStore } = await must(subject, owner, 'mutation ($input: AddStoreInput!) { addStore(input: $input) { store { id } userErrors { code } } }',
    { input: { merchantId, name: 'Corner', ...PLACE } });
  return addStore.store.id;
}
const at = (merchantId: string, action: string, before: object | null, after: Told['after']): Told => ({ action, about: ['MERCHANT', merchantId], before, after });

const STORES: Calls = {
  addStore: async (stage) => {
    const { merchantId } = await shopOf(stage);
    return {
      input: { merchantId, name: 'Corner', ...PLACE, reason }, payload: 'store { id }', isNewEachTime: true,
      told: [at(merchantId, 'STORE_ADDED', null, expect.objectContaining({ storeId: uuid, name: 'Corner', city: 'Utrecht', status: 'OPEN' }))],
    };
  },
  updateStore: async (stage) => {
    const shop = await shopOf(stage);
    const storeId = await storeOf(stage, shop);
    return {
      input: { storeId, name: 'New Corner', reason }, payload: 'store { id }',
      told: [at(shop.merchantId, 'STORE_CHANGED', { storeId, name: 'Corner' }, { storeId, name: 'New Corner' })],
    };
  },
  closeStore: async (stage) => {
    const shop = await shopOf(stage);
    const storeId = await storeOf(stage, shop);
    return { input: { storeId, reason }, payload: 'store { id }', told: [at(shop.merchantId, 'STORE_CLOSED', { storeId, status: 'OPEN' }, { storeId, status: 'CLOSED' })] };
  },
};

async function memberOf({ world: { subject } }: Stage, { owner, merchantId }: { owner: Identity; merchantId: string }): Promise<string> {
  const member = somebody();
  const { inviteMerchantPerson } = await must(subject, owner,
    'mutation ($input: InviteMerchantPersonInput!) { inviteMerchantPerson(input: $input) { invitation { code } userErrors { code } } }', { input: { merchantId, role: 'CASHIER' } });
  await must(subject, member, 'mutation ($input: JoinMerchantInput!) { joinMerchant(input: $input) { userErrors { code } } }', { input: { code: inviteMerchantPerson.invitation.code } });
  return member.principal!.personId;
}

const PEOPLE: Calls = {
  inviteMerchantPerson: async (stage) => {
    const { merchantId } = await shopOf(stage);
    return {
      input: { merchantId, role: 'MANAGER', reason }, payload: 'invitation { code }', isNewEachTime: true,
      told: [at(merchantId, 'PERSON_INVITED', null, { invitationId: uuid, role: 'MANAGER', expiresAt: expect.any(String) })],
    };
  },
  changeMerchantRole: async (stage) => {
    const shop = await shopOf(stage);
    const personId = await memberOf(stage, shop);
    const { merchantId } = shop;
    return {
      input: { merchantId, personId, role: 'MANAGER', reason }, payload: 'merchant { id }',
      told: [at(merchantId, 'ROLE_CHANGED', { personId, role: 'CASHIER' }, { personId, role: 'MANAGER' })],
    };
  },
  removeMerchantPerson: async (stage) => {
    const shop = await shopOf(stage);
    const personId = await memberOf(stage, shop);
    const { merchantId } = shop;
    return { input: { merchantId, personId, reason }, payload: 'merchant { id }', told: [at(merchantId, 'PERSON_REMOVED', { personId, role: 'CASHIER' }, null)] };
  },
};

async function endpointOf(stage: Stage): Promise<{ merchantId: string; endpointId: string }> {
  const { owner, merchantId } = await shopOf(stage);
  const { endpoint } = await createEndpoint(stage.world.subject, owner, { merchantId, url: 'https://hooks.shop.example/tael', eventTypes: ['payment.settled'] });
  return { merchantId, endpointId: endpoint.id };
}
const stateOf = (endpointId: string, status: string) => ({ endpointId, host: 'hooks.shop.example', eventTypes: ['payment.settled'], status });

const WEBHOOKS: Calls = {
  createWebhookEndpoint: async (stage) => {
    const { merchantId } = await shopOf(stage);
    return {
      input: { merchantId, url: 'https://hooks.shop.example/tael', eventTypes: ['payment.settled'], reason }, payload: 'endpoint { id }',
      told: [at(merchantId, 'WEBHOOK_CREATED', null, stateOf(uuid, 'ENABLED'))],
    };
  },
  updateWebhookEndpoint: async (stage) => {
    const { merchantId, endpointId } = await endpointOf(stage);
    return {
      input: { endpointId, enabled: false, reason }, payload: 'endpoint { id }',
      told: [at(merchantId, 'WEBHOOK_CHANGED', stateOf(endpointId, 'ENABLED'), { ...stateOf(endpointId, 'DISABLED'), isNew: { url: false, description: false } })],
    };
  },
  rotateWebhookKey: async (stage) => {
    const { merchantId, endpointId } = await endpointOf(stage);
    return {
      input: { endpointId, reason }, payload: 'endpoint { id }', isNewEachTime: true,
      told: [at(merchantId, 'WEBHOOK_KEY_ROTATED', null, { endpointId, publicKey: expect.stringMatching(/^whpk_/) })],
    };
  },
  redeliverWebhook: async ({ world }) => {
    const shop = await newShop(world, '/redelivered');
    await consume(world, [payment(shop.merchantId)]);
    await world.webhooks.deliveries.deliverDue(50);
    const [{ id: deliveryId }] = await deliveriesOf(world, shop);
    return { input: { deliveryId, reason }, payload: 'delivery { id }', told: [at(shop.merchantId, 'WEBHOOK_REDELIVERED', null, { endpointId: shop.endpoint.id, deliveryId })] };
  },
  deleteWebhookEndpoint: async (stage) => {
    const { merchantId, endpointId } = await endpointOf(stage);
    return { input: { endpointId, reason }, payload: 'endpointId', told: [at(merchantId, 'WEBHOOK_DELETED', stateOf(endpointId, 'ENABLED'), null)] };
  },
};

/** A good call of each that operators may call beside a merchant's own people. */
export const SHARED_CALLS: Calls = { ...STORES, ...PEOPLE, ...WEBHOOKS };
