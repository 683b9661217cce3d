import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { example, type Key, newBank, type Tael } from './banks';
import { must, operator } from './world';

const QUERY = '{ partner { id } }';
/** So many requests come after the old key is out. */
const AFTER = 40;

async function statusOf(tael: Tael, token: string): Promise<number> {
  const response = await tael.connection.graph(token, QUERY, {});
  await response.arrayBuffer();
  return response.status;
}

async function change(tael: Tael, mutation: string, input: object): Promise<void> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  const { data } = await tael.query(`mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code } } }`, { input });
  expect(data[mutation]).toEqual({ userErrors: [] });
}

/** A bank with two keys, and a program that signs in with the new one. */
async function twoKeys(name: string) {
  const bank = await newBank(name, ['partner:read', 'keys:manage']);
  const next: Key = await (await example()).makeKey();
  await change(bank.tael, 'addPartnerKey', { jwk: JSON.stringify(next.jwk), proof: await bank.tael.proofOfKey(next) });
  const turned = bank.client({ key: next });
  await eventually(() => turned.token(), { describe: 'the new key gets a token', timeoutMs: 15_000 });
  return { ...bank, next, turned };
}

it('turns a key without a gap: what was got with the new one goes on, what was got with the old one ends', async () => {
  const { tael, client, key, next, turned, clientId, partnerId } = await twoKeys('Turning bank');
  const [oldToken, newToken] = [await tael.token(), await turned.token()];
  expect([decodeJwt(oldToken)['client_key'], decodeJwt(newToken)['client_key']]).toEqual([key.kid, next.kid]);
  expect([await statusOf(tael, oldToken), await statusOf(turned, newToken)]).toEqual([200, 200]);

  const seen: number[] = [];
  let left = Infinity;
  const asking = (async () => {
    for (; left > 0; left--) seen.push(await statusOf(turned, newToken));
  })();
  // New tokens, too, are had all the time.
  const signingIn = (async () => {
    while (left > 0) seen.push(await client({ key: next }).token().then(() => 200, () => 401));
  })();
  await change(turned, 'retirePartnerKey', { kid: key.kid, reason: 'turned' });
  await eventually(async () => expect(await statusOf(tael, oldToken)).toBe(401), { describe: 'the token of the old key is refused', timeoutMs: 5_000 });
  left = AFTER;
  await Promise.all([asking, signingIn]);
  expect([...new Set(seen)]).toEqual([200]);
  expect(seen.length).toBeGreaterThan(AFTER);
  await expect(client({}).token()).rejects.toThrow(/invalid_client/);

  // Who is shut out as a whole is so whatever the key.
  const staff = await operator();
  await must(staff.client, 'mutation ($input: RevokePartnerKeyInput!) { revokePartnerKey(input: $input) { userErrors { code } } }',
    { input: { partnerId, clientId, kid: next.kid, reason: 'lost' } });
  await eventually(async () => expect(await statusOf(turned, newToken)).toBe(401), { describe: 'every token is refused', timeoutMs: 5_000 });
});

it('ends the tokens of every key where its bank is suspended', async () => {
  const { tael, turned, partnerId } = await twoKeys('Halting bank');
  const tokens: [Tael, string][] = [[tael, await tael.token()], [turned, await turned.token()]];
  const staff = await operator();
  await must(staff.client, 'mutation ($input: SuspendPartnerInput!) { suspendPartner(input: $input) { userErrors { code } } }', { input: { partnerId, reason: 'a test' } });
  for (const [from, token] of tokens) {
    await eventually(async () => expect(await statusOf(from, token)).toBe(401), { describe: 'the token is refused', timeoutMs: 5_000 });
  }
});
