import { addKey, additionProof, bankIdentity, call, codes, invite, newBank, newPair, registerClient, SCOPES } from './partner-world';
import { answer } from './webhook-receiver';
import { createEndpoint, must, startWebhookWorld, type WebhookWorld } from './webhook-world';

// docs/partners/door.md says of each mutation what comes of the same once more, after a connection that was cut. What accounts answers for is asked there.

// A subgraph is composed with the whole graph, in a thread of its own.
jest.setTimeout(120_000);
let world: WebhookWorld;
beforeAll(async () => {
  world = await startWebhookWorld('partner_repeats');
});
afterAll(() => world?.stop());

const reason = 'A test';

async function bankWithAll() {
  const bank = await newBank(world.subject);
  return { ...bank, as: bankIdentity(bank.partnerId, bank.clientId, [...SCOPES, 'documents:publish', 'subgraph:publish']) };
}
type Asking = Awaited<ReturnType<typeof bankWithAll>>;

async function mutate(bank: Asking, name: string, input: object, shown: string): Promise<any> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
  return (await must(world.subject, bank.as, `mutation ($input: ${type}!) { ${name}(input: $input) { ${shown} userErrors { code } } }`, { input }))[name];
}
const ENDPOINT = 'endpoint { id url status eventTypes keys { publicKey } }';
const endpointOf = async (bank: Asking): Promise<string> =>
  (await createEndpoint(world.subject, bank.as, { url: `${world.receiver.url}/${bank.partnerId}`, eventTypes: ['partner.changed'] })).endpoint.id;
const SLUGS = ['repeated', 'again'];
const publishSubgraph = (bank: Asking, slug: string): Promise<any> => {
  const type = `${slug[0]!.toUpperCase()}${slug.slice(1)}Bank`;
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) type Query { ${slug}: ${type} } type ${type} { motto: String }`;
  return mutate(bank, 'publishSubgraph', { slug, address: 'https://graph.bank.example/graphql', sdl }, 'subgraph { id version status }');
};

it.each<[string, (bank: Asking) => Promise<[input: object, shown: string]>]>([
  ['createWebhookEndpoint', async () => [{ url: 'https://hooks.bank.example/tael', eventTypes: ['partner.changed'] }, ENDPOINT]],
  ['updateWebhookEndpoint', async (bank) => [{ endpointId: await endpointOf(bank), enabled: false, eventTypes: [] }, ENDPOINT]],
  ['deleteWebhookEndpoint', async (bank) => [{ endpointId: await endpointOf(bank) }, 'endpointId']],
  ['setRedirectUris', async () => [{ uris: ['https://bank.example/back'], reason }, 'partner { clients { redirectUris } }']],
  ['retirePartnerKey', async (bank) => {
    await addKey(world.subject, bank, newPair());
    return [{ kid: bank.pair.kid, reason }, 'partner { clients { tokensRefusedUntil keys { kid status revokedAt } } }'];
  }],
  ['publishDocuments', async () => [{ documents: ['{ partner { name } }', '{ partner { status } }'] }, 'documents { id publishedAt }']],
  ['withdrawSubgraph', async (bank) => [{ id: (await publishSubgraph(bank, SLUGS[0]!)).subgraph.id }, 'subgraph { id version status }']],
])('%s is answered as it is, and nothing is done twice', async (name, prepare) => {
  const bank = await bankWithAll();
  const [input, shown] = await prepare(bank);
  const first = await mutate(bank, name, input, shown);
  expect(first.userErrors).toEqual([]);
  const done = () => world.subject.dataSource.query('SELECT count(*)::int AS trail, (SELECT count(*)::int FROM outbox) AS outbox FROM audit_entry');
  const before = await done();
  expect(await mutate(bank, name, input, shown)).toEqual(first);
  expect(await done()).toEqual(before);
});

it('withdrawDocuments names what was still there', async () => {
  const bank = await bankWithAll();
  const { documents: [{ id }] } = await mutate(bank, 'publishDocuments', { documents: ['{ partner { id } }'] }, 'documents { id }');
  const withdraw = () => mutate(bank, 'withdrawDocuments', { documents: [id], reason }, 'withdrawn');
  expect([await withdraw(), await withdraw()]).toEqual([{ withdrawn: [id], userErrors: [] }, { withdrawn: [], userErrors: [] }]);
});

it('addPartnerKey is refused: the key is there', async () => {
  const bank = await bankWithAll();
  const pair = newPair();
  const input = { jwk: JSON.stringify(pair.jwk), proof: await additionProof(pair, bank.clientId) };
  const [first, second] = [await call(world.subject, bank.as, 'addPartnerKey', input), await call(world.subject, bank.as, 'addPartnerKey', input)];
  expect([codes(first), codes(second)]).toEqual([[], ['input ALREADY_EXISTS']]);
});

it('redeliverWebhook is refused while the message waits, and then sends it under the same id', async () => {
  const bank = await bankWithAll();
  const endpointId = await endpointOf(bank);
  world.receiver.reply = answer(204);
  const { delivery: { id } } = await mutate(bank, 'sendTestWebhook', { endpointId }, 'delivery { id }');
  await world.webhooks.deliveries.deliverDue(10);
  const redeliver = async () => (await mutate(bank, 'redeliverWebhook', { deliveryId: id }, 'delivery { id status }')).userErrors;
  expect([await redeliver(), await redeliver()]).toEqual([[], [{ code: 'NOT_ALLOWED' }]]);
  await world.webhooks.deliveries.deliverDue(10);
  expect(await redeliver()).toEqual([]);
  await world.webhooks.deliveries.deliverDue(10);
  expect(world.receiver.received.filter(({ path }) => path.endsWith(bank.partnerId)).map((one) => one.id)).toEqual([id, id, id]);
});

it('rotateWebhookKey gives one more key, and sendTestWebhook one more test', async () => {
  const bank = await bankWithAll();
  const endpointId = await endpointOf(bank);
  const rotate = async () => (await mutate(bank, 'rotateWebhookKey', { endpointId }, 'endpoint { keys { publicKey } }'));
  const counts = [];
  for (let turn = 0; turn < 4; turn += 1) {
    const { endpoint, userErrors } = await rotate();
    counts.push(endpoint?.keys.length ?? userErrors[0].code);
  }
  expect(counts).toEqual([2, 3, 4, 'LIMIT_EXCEEDED']);
  const test = async () => (await mutate(bank, 'sendTestWebhook', { endpointId }, 'delivery { id }')).delivery.id;
  expect(await test()).not.toBe(await test());
});

it('publishSubgraph is one more version, which takes the place of the one that waits', async () => {
  const bank = await bankWithAll();
  const [first, second] = [await publishSubgraph(bank, SLUGS[1]!), await publishSubgraph(bank, SLUGS[1]!)];
  expect([first.subgraph.version, second.subgraph.version]).toEqual([1, 2]);
  const { partner } = await must(world.subject, bank.as, '{ partner { subgraphs { version status } } }');
  expect(partner.subgraphs).toEqual([{ version: 2, status: 'PUBLISHED' }, { version: 1, status: 'REPLACED' }]);
});

it('registerPartnerClient finds the code used up, and with another code the key taken', async () => {
  const [pair, { code }, { code: another }] = [newPair(), await invite(world.subject), await invite(world.subject)];
  expect(codes(await registerClient(world.subject, code, pair))).toEqual([]);
  expect(codes(await registerClient(world.subject, code, pair))).toEqual(['input.invitation NOT_FOUND']);
  expect(codes(await registerClient(world.subject, another, pair))).toEqual(['input ALREADY_EXISTS']);
});
