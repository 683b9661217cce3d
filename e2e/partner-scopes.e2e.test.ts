import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { newBank, type Tael } from './banks';
import { must, operator } from './world';

const KEYS = '{ partner { clients { id scopes } } }';
const ENDPOINTS = '{ partnerWebhookEndpoints(first: 1) { edges { cursor } } }';
/** So many requests come after another client was narrowed. */
const AFTER = 20;

async function ask(tael: Tael, token: string, query: string): Promise<{ status: number; code: string | undefined }> {
  const response = await tael.connection.graph(token, query, {});
  const body = (await response.json()) as { errors?: { extensions: { code: string } }[] };
  return { status: response.status, code: body.errors?.[0]?.extensions.code };
}
const GOOD = { status: 200, code: undefined };

async function setScopes({ partnerId, clientId }: { partnerId: string; clientId: string }, scopes: string[]): Promise<void> {
  const staff = await operator();
  const { setPartnerClientScopes } = await must<any>(staff.client,
    'mutation ($input: SetPartnerClientScopesInput!) { setPartnerClientScopes(input: $input) { partner { clients { id scopes } } userErrors { code } } }',
    { input: { partnerId, clientId, scopes, reason: 'Another contract' } });
  expect(setPartnerClientScopes).toEqual({ partner: { clients: [{ id: clientId, scopes }] }, userErrors: [] });
}

it('a client that may less has its tokens end at once, whatever they were for, and gets those that are left', async () => {
  const [bank, other] = [await newBank('Narrowed bank', ['partner:read', 'webhooks:manage']), await newBank('Other bank', ['partner:read', 'webhooks:manage'])];
  const { tael, client } = bank;
  const [whole, own, others] = [await tael.token(), await client({ scope: 'webhooks:manage' }).token(), await other.tael.token()];
  expect([await ask(tael, whole, ENDPOINTS), await ask(tael, own, ENDPOINTS), await ask(other.tael, others, ENDPOINTS)]).toEqual([GOOD, GOOD, GOOD]);

  await setScopes(bank, ['partner:read']);
  for (const token of [whole, own]) {
    await eventually(async () => expect(await ask(tael, token, ENDPOINTS)).toEqual({ status: 401, code: 'UNAUTHENTICATED' }), { describe: 'the token is refused', timeoutMs: 5_000 });
  }
  await expect(client({ scope: 'webhooks:manage' }).token()).rejects.toThrow(/invalid_scope/);
  await expect(client({}).token()).rejects.toThrow(/invalid_scope/);
  // The second of its revocation counts as before it: a token of the next one is good.
  const narrow = client({ scope: 'partner:read' });
  await eventually(async () => {
    narrow.forgetToken();
    expect(await ask(narrow, await narrow.token(), KEYS)).toEqual(GOOD);
  }, { describe: 'a token of what is left is good', timeoutMs: 5_000 });
  expect((await ask(narrow, await narrow.token(), ENDPOINTS)).code).toBe('FORBIDDEN');
  for (let left = AFTER; left > 0; left -= 1) expect(await ask(other.tael, others, ENDPOINTS)).toEqual(GOOD);
});

it('a client that may more keeps its tokens, and gets new ones with more', async () => {
  const bank = await newBank('Widened bank', ['partner:read']);
  const { tael, client } = bank;
  const before = await tael.token();
  expect((await ask(tael, before, ENDPOINTS)).code).toBe('FORBIDDEN');
  await setScopes(bank, ['partner:read', 'webhooks:manage']);
  const wide = client({ scope: 'partner:read webhooks:manage' });
  await eventually(async () => expect(decodeJwt(await wide.token())['scope']).toBe('partner:read webhooks:manage'), { describe: 'the token endpoint knows', timeoutMs: 15_000 });
  expect(await ask(wide, await wide.token(), ENDPOINTS)).toEqual(GOOD);
  for (let left = AFTER; left > 0; left -= 1) expect(await ask(tael, before, KEYS)).toEqual(GOOD);
});
