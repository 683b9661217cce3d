import { eventually } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { allow, atPage, Browser, ConsentBank, issuer, newKey } from './consent-bank';
import { stack } from './stack';
import { inboxOf, must, newFundedPerson, operator, type Person } from './world';

const CUSTOMER = '{ customer { id wallets { id currency balance { amount } transactions(first: 3) { edges { node { kind amount { amount } } } } } } }';

let nord: ConsentBank;
let sud: ConsentBank;
let person: Person;
let euro: string;

beforeAll(async () => {
  [nord, sud, person] = await Promise.all([ConsentBank.open('Nordbank'), ConsentBank.open('Sudbank'), newFundedPerson('25.00')]);
  euro = (await must<any>(person.client, 'mutation { openWallet(input: { currency: "EUR" }) { wallet { id } userErrors { code } } }')).openWallet.wallet.id;
}, 120_000);

async function tokenOf(bank: ConsentBank, walletId?: string): Promise<string> {
  const { status, body } = await bank.redeem(await allow(bank, person, walletId));
  expect([status, body]).toEqual([200, expect.objectContaining({ token_type: 'DPoP', scope: 'wallets:read transactions:read' })]);
  return body.access_token;
}

const customerOf = async (bank: ConsentBank, token: string) => (await bank.graph(token, CUSTOMER)).body;

/** Lets a bank hear of consents that end; gives what has arrived, which the endpoint's key has signed. */
async function hearing(bank: ConsentBank): Promise<() => Promise<unknown[]>> {
  const post = (url: string, method: string, json: object = {}) =>
    fetch(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }).then((response) => response.text());
  const { url } = JSON.parse(await post(`${stack.sandboxUrl}/webhooks`, 'POST'));
  const { body: { access_token: token } } = await bank.ask('/token', { grant_type: 'client_credentials', scope: 'webhooks:manage' });
  const { body } = await bank.graph(token, `mutation { createWebhookEndpoint(input: { url: "${url}", eventTypes: ["consent.withdrawn", "consent.ended"] }) {
    endpoint { keys { publicKey } } userErrors { code message } } }`);
  expect(body.data.createWebhookEndpoint.userErrors).toEqual([]);
  await post(url, 'PUT', { publicKeys: body.data.createWebhookEndpoint.endpoint.keys.map(({ publicKey }: any) => publicKey) });
  return async () => {
    const { webhooks } = (await (await fetch(url)).json()) as any;
    return webhooks.toReversed().map(({ body: told, verified }: any) => ({ ...JSON.parse(told), verified }));
  };
}

describe('two banks that share a customer', () => {
  it('see each their own consent’s data only, and the person under other names', async () => {
    const [one, other] = [await tokenOf(nord), await tokenOf(sud, euro)];
    const [seen, alsoSeen] = [await customerOf(nord, one), await customerOf(sud, other)];
    expect(seen.errors).toBeUndefined();
    expect(seen.data.customer.wallets).toMatchObject([{ currency: 'USD', balance: { amount: '25.00' }, transactions: { edges: [{ node: { kind: 'TOP_UP', amount: { amount: '25.00' } } }] } }]);
    expect(alsoSeen.data.customer.wallets).toMatchObject([{ currency: 'EUR', balance: { amount: '0.00' }, transactions: { edges: [] } }]);
    expect(seen.data.customer.id).not.toBe(alsoSeen.data.customer.id);
    for (const secret of [person.id, person.walletId, euro, person.email]) expect(JSON.stringify([seen, alsoSeen])).not.toContain(secret);
    // Neither is worth anything in the other's hands.
    expect((await sud.graph(one, CUSTOMER)).status).toBe(401);
    expect((await nord.graph(other, CUSTOMER)).status).toBe(401);
  });

  it('lose it one by one: what was withdrawn is gone with the next request, and the other’s is not', async () => {
    const [one, other] = [await tokenOf(nord), await tokenOf(sud)];
    const listed = await must<any>(person.client, '{ viewer { consents(first: 20) { edges { node { id partnerName status wallets { id } } } } } }');
    const nodes = listed.viewer.consents.edges.map(({ node }: any) => node);
    const { consent_id: consentId } = decodeJwt(one);
    expect(nodes).toContainEqual({ id: consentId, partnerName: 'Nordbank', status: 'ACTIVE', wallets: [{ id: person.walletId }] });
    expect((await customerOf(nord, one)).data.customer).not.toBeNull();
    const [told, otherTold] = [await hearing(nord), await hearing(sud)];
    await must(person.client, 'mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { consent { status } userErrors { code } } }', { input: { consentId } });
    expect((await customerOf(nord, one)).data).toEqual({ customer: null });
    expect((await customerOf(sud, other)).data.customer).not.toBeNull();
    const { sub: customerId } = decodeJwt(one);
    await eventually(async () => expect(await told()).toMatchObject([{ type: 'consent.withdrawn', data: { customerId, reason: 'PERSON' }, verified: true }]),
      { describe: 'the bank is told', timeoutMs: 30_000 });
    expect(await otherTold()).toEqual([]);
  });
});

describe('an operator', () => {
  it('ends one of them: the bank finds nothing with its next request, the other bank does, and the person is told', async () => {
    const [one, other, staff] = [await tokenOf(nord), await tokenOf(sud), await operator()];
    const { consent_id: consentId } = decodeJwt(one);
    const { consents } = await must<any>(staff.client,
      'query ($partnerId: ID!) { consents(partnerId: $partnerId, status: ACTIVE, first: 5) { edges { node { id partnerName personId walletCount } } } }', { partnerId: nord.partnerId });
    expect(consents.edges[0].node).toEqual({ id: consentId, partnerName: 'Nordbank', personId: person.id, walletCount: 1 });
    const { endConsent } = await must<any>(staff.client,
      'mutation ($input: EndConsentInput!) { endConsent(input: $input) { consent { status endedBy auditTrail { edges { node { actorId reason } } } } userErrors { code } } }',
      { input: { consentId, cause: 'BANK_COMPROMISED', reason: 'Nordbank lost a key' } });
    expect(endConsent.consent).toEqual({
      status: 'WITHDRAWN', endedBy: 'OPERATOR', auditTrail: { edges: [{ node: { actorId: staff.id, reason: 'Nordbank lost a key' } }] },
    });
    expect((await customerOf(nord, one)).data).toEqual({ customer: null });
    expect((await customerOf(sud, other)).data.customer).not.toBeNull();
    await eventually(async () => expect(await inboxOf(person)).toContainEqual(expect.objectContaining({ topic: 'consent.ended', class: 'SECURITY' })),
      { describe: 'the person is told', timeoutMs: 30_000 });
  });
});

describe('an operator who ends all consents of a bank', () => {
  it('has shut it with the answer, for everybody; each person and the bank are told, and another bank goes on', async () => {
    const [bank, second, staff] = [await ConsentBank.open('Leaving Bank'), await newFundedPerson('10.00'), await operator()];
    const heard = await hearing(bank);
    const tokens: string[] = [];
    for (const one of [person, second]) tokens.push((await bank.redeem(await allow(bank, one))).body.access_token);
    const other = await tokenOf(sud);
    for (const token of tokens) expect((await customerOf(bank, token)).data.customer).not.toBeNull();
    const input = { partnerId: bank.partnerId, cause: 'BANK_LEFT', reason: 'It leaves', idempotencyKey: randomUUID() };
    const END = 'mutation ($input: EndConsentsInput!) { endConsents(input: $input) { order { id total orderedBy } userErrors { code } } }';
    const { endConsents } = await must<any>(staff.client, END, { input });
    expect(endConsents.order).toEqual({ id: expect.any(String), total: 2, orderedBy: staff.id });
    for (const token of tokens) expect((await customerOf(bank, token)).data).toEqual({ customer: null });
    expect((await customerOf(sud, other)).data.customer).not.toBeNull();
    const { id } = endConsents.order;
    await eventually(async () => {
      const { consentOrder } = await must<any>(staff.client, 'query ($id: ID!) { consentOrder(id: $id) { status ended left auditTrail { edges { node { action } } } } }', { id });
      expect(consentOrder).toEqual({ status: 'FINISHED', ended: 2, left: 0, auditTrail: { edges: [{ node: { action: 'FINISHED' } }, { node: { action: 'ORDERED' } }] } });
    }, { describe: 'the order is worked off', timeoutMs: 30_000 });
    expect((await must<any>(staff.client, END, { input })).endConsents.order.id).toBe(id);
    await eventually(async () => {
      expect((await heard() as { type: string }[]).map(({ type }) => type)).toEqual(['consent.ended', 'consent.ended']);
      for (const one of [person, second]) {
        expect((await inboxOf(one)).map(({ body }: any) => body)).toContain('We ended your consent to a bank that no longer works with Tael. The bank sees nothing by it any more.');
      }
    }, { describe: 'the bank and its people are told', timeoutMs: 30_000 });
    // Nobody has suspended it: people may consent anew.
    const { body } = await bank.redeem(await allow(bank, second));
    expect((await customerOf(bank, body.access_token)).data.customer).not.toBeNull();
  });
});

describe('at the doors', () => {
  it('a stolen token is refused without its key', async () => {
    const token = await tokenOf(nord);
    expect((await nord.graph(token, CUSTOMER, await newKey())).status).toBe(401);
    const bearer = await fetch(`${issuer.replace('/oauth', '/graphql')}`, {
      method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body: JSON.stringify({ query: CUSTOMER }),
    });
    expect(bearer.status).toBe(401);
  });

  it('a token of a consent opens nothing of the bank’s own, and the bank’s own no person', async () => {
    const token = await tokenOf(nord);
    expect((await nord.graph(token, '{ partner { id } }')).body.errors[0].extensions.code).toBe('FORBIDDEN');
    const { body } = await nord.ask('/token', { grant_type: 'client_credentials', scope: 'partner:read' });
    expect((await nord.graph(body.access_token, CUSTOMER)).body.errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('a code works once, for its own bank, address and verifier', async () => {
    const given = await allow(nord, person);
    expect(given.answer.get('iss')).toBe(issuer);
    expect(given.answer.get('state')).toBe(given.state);
    expect(await sud.redeem(given, { redirect_uri: nord.redirectUri })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await nord.redeem(given, { redirect_uri: sud.redirectUri })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await nord.redeem(given, { code_verifier: 'x'.repeat(43) })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const { body } = await nord.redeem(given);
    expect((await customerOf(nord, body.access_token)).data.customer).not.toBeNull();
    expect(await nord.redeem(given)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await customerOf(nord, body.access_token)).data).toEqual({ customer: null });
  });

  it('a request is pushed with PKCE, for a registered address, and used by its own bank, once', async () => {
    for (const form of [{ code_challenge: undefined, code_challenge_method: undefined }, { code_challenge_method: 'plain' }, { redirect_uri: sud.redirectUri }]) {
      expect((await nord.push(form)).status).toBe(400);
    }
    const { body } = await nord.push();
    expect((await new Browser().visit(nord.authorizeAddress(body.request_uri, sud.clientId))).status).toBe(400);
    const { browser, page } = await atPage(nord, person);
    const { location } = await browser.visit((await browser.visit(page, { form: { step: 'refuse' } })).location!);
    expect(new URL(location!).searchParams.get('error')).toBe('access_denied');
    expect((await browser.visit(page, { form: { step: 'allow', wallet: person.walletId } })).status).toBe(410);
  });

  it('the page is for people who come to it, and for nobody’s script or frame', async () => {
    const { browser, page } = await atPage(nord, person);
    const { status, html, headers } = await browser.visit(page, { headers: { 'accept-language': 'zh-CN,zh;q=0.9' } });
    expect([status, headers['content-language']]).toEqual([200, 'zh-CN']);
    expect(html).toContain('Nordbank 请求查看您的数据');
    expect(headers['content-security-policy']).toContain(`frame-ancestors 'none'`);
    expect((await browser.visit(page, { headers: { 'sec-fetch-dest': 'iframe' } })).status).toBe(403);
    const form = { step: 'allow', wallet: person.walletId };
    expect((await browser.visit(page, { form, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await browser.visit(page, { form })).location).toContain('/partner/oauth/authorize/');
  });
});
