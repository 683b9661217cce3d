import { eventually } from '@tael/testkit';
import { stack } from './stack';
import { type Merchant, must, newFundedPerson, newMerchant, pay, refund } from './world';

async function atSandbox(path: string, method = 'GET', json?: object): Promise<any> {
  const url = path.startsWith('http') ? path : stack.sandboxUrl + path;
  const response = await fetch(url, {
    method, ...(json ? { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } } : {}),
  });
  const text = await response.text();
  return text ? JSON.parse(text) : undefined;
}

/** An endpoint of the shop at a receiver that takes only what the endpoint's key signed. */
async function newEndpoint(shop: Merchant): Promise<{ id: string; url: string }> {
  const { url } = await atSandbox('/webhooks', 'POST');
  const { createWebhookEndpoint } = await must<any>(shop.owner.client,
    `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id keys { publicKey } } userErrors { code } } }`,
    { input: { merchantId: shop.id, url, eventTypes: ['payment.settled', 'payment.refunded'] } });
  const { id, keys } = createWebhookEndpoint.endpoint;
  await atSandbox(url, 'PUT', { publicKeys: keys.map((key: any) => key.publicKey) });
  return { id, url };
}

const DELIVERIES = `query ($id: ID!) { merchant(id: $id) { webhookEndpoints { edges { node { status deliveries {
  edges { node { id status attempts eventType } } } } } } } }`;

// Goal: a shop hears of its payments and refunds, in order, over a failure, and can check who says so. Method: the sandbox's receiver.
it('a payment and its refund reach the shop, signed, once and in order', async () => {
  const [shop, person] = await Promise.all([newMerchant(), newFundedPerson('50.00')]);
  const endpoint = await newEndpoint(shop);
  await atSandbox(endpoint.url, 'PUT', { behaviour: 'fail', count: 1 });
  const paid = await pay(person, shop.id, '12.50');
  await refund(shop.owner, paid.id);
  const webhooks = await eventually(async () => {
    const { webhooks: all } = await atSandbox(endpoint.url);
    expect(all).toHaveLength(3);
    return all.toReversed();
  }, { describe: 'both webhooks have come, the first of them twice', timeoutMs: 30_000 });
  expect(webhooks.map((one: any) => [one.verified, one.answered])).toEqual([[true, 500], [true, 204], [true, 204]]);
  expect(webhooks[0].id).toBe(webhooks[1].id);
  const bodies = webhooks.map((one: any) => JSON.parse(one.body));
  expect(bodies[1]).toMatchObject({ type: 'payment.settled', data: { paymentId: paid.id, amount: { amount: '12.50', currency: 'USD' } } });
  expect(bodies[2]).toMatchObject({ type: 'payment.refunded', data: { paymentId: paid.id, merchantId: shop.id } });
  await eventually(async () => {
    const { merchant } = await must<any>(shop.owner.client, DELIVERIES, { id: shop.id });
    const log = merchant.webhookEndpoints.edges[0].node.deliveries.edges.map(({ node }: any) => [node.eventType, node.status, node.attempts]);
    expect(log.sort()).toEqual([['payment.refunded', 'DELIVERED', 1], ['payment.settled', 'DELIVERED', 2]]);
  }, { describe: 'the log says so', timeoutMs: 10_000 });
  expect((await must<any>(person.client, DELIVERIES, { id: shop.id })).merchant.webhookEndpoints).toBeNull();
});
