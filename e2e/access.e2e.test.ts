import { eventually, graphqlClient } from '@tael/testkit';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJwt, SignJWT } from 'jose';
import { readStackFile, type ServiceName } from './services';
import { home, stack } from './stack';
import {
  addCard, anonymous, balanceOf, inboxOf, must, newCampaign, newFundedPerson, newMerchant, newPerson, PAY, pay, payment, type Person, refund,
  REFUND, rewardsOf,
} from './world';

const nowhere = '0196a000-0000-7000-8000-00000000dead';

describe('what belongs to somebody else', () => {
  let owner: Person;
  let stranger: Person;
  let shop: Awaited<ReturnType<typeof newMerchant>>;
  let paymentId: string;

  beforeAll(async () => {
    [owner, stranger, shop] = await Promise.all([newFundedPerson('100.00'), newFundedPerson('100.00'), newMerchant()]);
    paymentId = (await pay(owner, shop.id, '20.00')).id;
  });

  /** Asks the same with an id of somebody else and with one that does not exist: the answers must not differ. */
  async function alike(query: string, variables: (id: string) => Record<string, unknown>, foreign: string): Promise<any> {
    const [theirs, none] = await Promise.all([
      stranger.client.request<any>(query, variables(foreign)), stranger.client.request<any>(query, variables(nowhere)),
    ]);
    const plain = (answer: object) => JSON.stringify(answer).replaceAll(foreign, 'ID').replaceAll(nowhere, 'ID').replace(/"(reference|requestId)":"[^"]*"/g, '');
    expect(plain(theirs)).toBe(plain(none));
    return theirs.data;
  }

  it('looks like what does not exist: a transaction', async () => {
    expect(await alike('query ($id: ID!) { transaction(id: $id) { id amount { amount } } }', (id) => ({ id }), paymentId))
      .toEqual({ transaction: null });
  });
  it('looks like what does not exist: a wallet to pay from', async () => {
    const data = await alike(PAY, (walletId) => payment(stranger, shop.id, '1.00', { walletId, idempotencyKey: randomUUID() }), owner.walletId);
    expect(data.payMerchant.userErrors[0].code).toBe('NOT_FOUND');
    expect(await balanceOf(owner)).toBe('79.80');
  });
  it('looks like what does not exist: a wallet to list', async () => {
    await alike('query ($id: ID!) { viewer { transactions(walletId: $id) { edges { node { id } } } } }', (id) => ({ id }), owner.walletId);
  });
  it('looks like what does not exist: a card to charge', async () => {
    const card = await addCard(owner);
    const data = await alike(
      'mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code field } } }',
      (paymentMethodId) => ({ input: { walletId: stranger.walletId, paymentMethodId, amount: { amount: '1.00', currency: 'USD' }, idempotencyKey: randomUUID() } }), card,
    );
    expect(data.topUp.userErrors[0].code).toBe('NOT_FOUND');
  });
  it('looks like what does not exist: a payment to refund', async () => {
    const data = await alike(REFUND, (transactionId) => ({ input: { transactionId, idempotencyKey: randomUUID() } }), paymentId);
    expect(data.refundPayment.userErrors[0].code).toBe('NOT_FOUND');
    const otherShop = await newMerchant();
    expect((await refund(otherShop.owner, paymentId)).userErrors[0].code).toBe('NOT_FOUND');
    expect(await balanceOf(owner)).toBe('79.80');
  });
  it('is not in the inbox, and cannot be marked as read', async () => {
    const [message] = await eventually(async () => {
      const inbox = await inboxOf(owner);
      expect(inbox.length).toBeGreaterThan(0);
      return inbox;
    }, { timeoutMs: 20_000 });
    const mark = 'mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { unreadCount userErrors { code } } }';
    await alike(mark, (id) => ({ input: { ids: [id] } }), message.id);
    expect((await inboxOf(owner)).find((entry) => entry.id === message.id).readAt).toBeNull();
    expect((await inboxOf(stranger)).map((entry) => entry.id)).not.toContain(message.id);
  });
  it('shows a merchant its payment without the payer\'s balance and rewards', async () => {
    await newCampaign([shop.id], { cashback: { rateBasisPoints: 100 } });
    const paid = await pay(owner, shop.id, '10.00');
    await eventually(async () => expect((await rewardsOf(owner, paid.id)).benefits).toHaveLength(1), { timeoutMs: 20_000 });
    const { transaction } = await must<any>(shop.owner.client,
      'query ($id: ID!) { transaction(id: $id) { amount { amount } direction balanceAfter { amount } benefits { id } rewardDecisions { outcome } } }', { id: paid.id });
    expect(transaction).toEqual({ amount: { amount: '10.00' }, direction: 'OUT', balanceAfter: null, benefits: null, rewardDecisions: null });
  });
});

describe('roles', () => {
  const operatorsOnly = [
    ['activateMerchant', `mutation { activateMerchant(input: { merchantId: "${nowhere}" }) { userErrors { code } } }`],
    ['createCampaign', `mutation { createCampaign(input: { name: "x", currency: "USD", budget: { amount: "1.00", currency: "USD" }, conditions: {}, cashback: { rateBasisPoints: 1 } }) { userErrors { code } } }`],
    ['activateCampaign', `mutation { activateCampaign(input: { campaignId: "${nowhere}" }) { userErrors { code } } }`],
    ['pauseCampaign', `mutation { pauseCampaign(input: { campaignId: "${nowhere}" }) { userErrors { code } } }`],
  ] as const;
  it.each(operatorsOnly)('a customer may not %s', async (_name, mutation) => {
    const person = await newPerson();
    const answer = await person.client.request(mutation);
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    expect((await anonymous.request(mutation)).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });
});

describe('tokens', () => {
  const viewer = '{ viewer { id } }';
  const ask = async (token: string) => graphqlClient({ url: stack.gatewayUrl, token }).request(viewer);

  it('that are missing, garbage, unsigned, forged, of another algorithm or expired are refused', async () => {
    const person = await newPerson();
    const claims = decodeJwt(person.token);
    const [head = '', body = '', signature = ''] = person.token.split('.');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const kid = JSON.parse(Buffer.from(head, 'base64url').toString()).kid as string;
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body}.`;
    const other = `${head}.${Buffer.from(JSON.stringify({ ...claims, roles: ['CUSTOMER', 'OPERATOR'] })).toString('base64url')}.${signature}`;
    const expired = await new SignJWT({ ...claims, iat: 1, exp: 2 }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
    const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(Buffer.from('secret'.repeat(8)));
    expect((await ask(person.token)).data).toEqual({ viewer: { id: person.id } });
    for (const token of ['garbage', 'a.b.c', none, other, expired, forged, symmetric, `${person.token}x`, `${head}.${body}`]) {
      const answer = await ask(token);
      expect(answer.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
      expect(answer.data?.viewer ?? null).toBeNull();
    }
    expect((await anonymous.request(viewer)).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  });

  it('for a refresh work once; reuse ends every session descended from it', async () => {
    const person = await newPerson();
    const REFRESH = 'mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken refreshToken } userErrors { code } } }';
    const refresh = async (refreshToken: string) => (await anonymous.request<any>(REFRESH, { input: { refreshToken } })).data.refreshSession;
    const second = await refresh(person.refreshToken);
    expect(second.session).not.toBeNull();
    expect((await refresh(person.refreshToken)).userErrors[0].code).toBe('SESSION_EXPIRED');
    expect((await refresh(second.session.refreshToken)).userErrors[0].code).toBe('SESSION_EXPIRED');
    expect((await refresh('nonsense')).userErrors[0].code).toBe('SESSION_EXPIRED');
  });

  it('do not tell who exists on sign-in', async () => {
    const person = await newPerson();
    const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { user { id } session { accessToken } userErrors { code message field } } }';
    const known = await anonymous.request<any>(SIGN_IN, { input: { email: person.email, password: 'wrong-password' } });
    const unknown = await anonymous.request<any>(SIGN_IN, { input: { email: `no-${person.email}`, password: 'wrong-password' } });
    expect(known.data).toEqual(unknown.data);
    expect(known.data.signIn.userErrors[0].code).toBe('WRONG_CREDENTIALS');
  });
});

describe('a subgraph', () => {
  it.each<ServiceName>(['accounts', 'merchants', 'rewards', 'notifications'])('%s refuses whoever is not the gateway', async (name) => {
    const person = await newPerson();
    const port = readStackFile().ports[name];
    const direct = graphqlClient({ url: `http://127.0.0.1:${port}/graphql`, token: person.token });
    const query = `query { _entities(representations: [{ __typename: "User", id: "${person.id}" }]) { __typename } }`;
    for (const text of [query, '{ __typename }', '{ _service { sdl } }']) {
      const answer = await direct.request(text);
      expect(answer.status).toBe(401);
      expect(answer.data ?? null).toBeNull();
    }
  });
  it('is not reachable through the gateway by its own federation fields', async () => {
    const answer = await anonymous.request('{ _service { sdl } }');
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});

it('a sign-in that failed can be told from a good one in the log of the door, without whose it was', async () => {
  const person = await newPerson();
  const signIn = (password: string) => anonymous.request<any>(
    'mutation ($input: SignInInput!) { signIn(input: $input) { user { id } userErrors { code } } }', { input: { email: person.email, password } });
  const [good, bad] = [await signIn(person.password), await signIn('another-password')];
  expect([good.data.signIn.userErrors, bad.data.signIn.userErrors]).toEqual([[], [{ code: 'WRONG_CREDENTIALS' }]]);
  await eventually(() => {
    const lines = readFileSync(join(home, 'logs', 'gateway.log'), 'utf8').split('\n').filter((line) => line.includes('Mutation.signIn'));
    expect(lines.some((line) => line.includes('"refused":["WRONG_CREDENTIALS"]'))).toBe(true);
    expect(lines.some((line) => !line.includes('"refused"'))).toBe(true);
    expect(lines.join()).not.toContain(person.email);
    return Promise.resolve();
  }, { timeoutMs: 10_000 });
});
