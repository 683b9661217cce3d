import { createHmac } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { exportJWK, generateKeyPair, type JWTPayload } from 'jose';
import { newPerson } from '../issuer';
import { ask, Bank, type Changes, PARTNER_QUERY, type PartnerGateway, seconds, startPartnerGateway } from './bank';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let gateway: PartnerGateway;
let bank: Bank;
let stranger: Bank;
beforeAll(async () => {
  gateway = await startPartnerGateway();
  [bank, stranger] = await Promise.all([Bank.make(), Bank.make()]);
  await Promise.all([bank.greet(gateway), stranger.greet(gateway)]);
});
afterAll(() => gateway.close());

/** Sends a request that must be refused, and that no subgraph may see. */
async function refused(headers: Record<string, string>): Promise<{ challenge: string; nonce: string | null }> {
  const before = gateway.subgraphs.seen.length;
  const answer = await ask(gateway, headers);
  expect([answer.status, answer.body.errors?.map((error) => error.extensions['code'])]).toEqual([401, ['UNAUTHENTICATED']]);
  expect(answer.body.data).toBeUndefined();
  expect(answer.text).not.toMatch(/JW[SE]|kid|expired|claim|unexpected/);
  expect(gateway.subgraphs.seen.length).toBe(before);
  return { challenge: answer.headers.get('www-authenticate')!, nonce: answer.headers.get('dpop-nonce') };
}
const withProof = async (token: string, changes: Changes = {}, by = bank): Promise<Record<string, string>> => ({
  authorization: `DPoP ${token}`,
  dpop: await by.proof(token, changes),
});

describe('a good token with a good proof', () => {
  test('says which bank asks, and is never a person', async () => {
    const answer = await bank.ask(gateway, { headers: { 'accept-language': 'de-CH' } });
    expect(answer.body).toEqual({ data: { partner: { id: bank.partnerId, name: bank.clientId } } });
    const { identity } = gateway.subgraphs.seen.at(-1)!;
    expect(identity).toMatchObject({
      principal: null,
      partner: { partnerId: bank.partnerId, clientId: bank.clientId, scopes: ['partner:read', 'keys:manage'] },
      locale: 'de-CH',
      reference: answer.headers.get('x-request-id'),
    });
  });

  test('by a key for PS256 is good too', async () => {
    const other = await Bank.make('PS256');
    expect((await other.ask(gateway)).body).toMatchObject({ data: { partner: { id: other.partnerId } } });
  });

  test('is in English where nothing else is asked for; goes to its subgraph as it is the second time', async () => {
    for (let time = 0; time < 3; time++) expect((await bank.ask(gateway)).status).toBe(200);
    expect(gateway.subgraphs.seen.at(-1)!.identity.locale).toBe('en');
  });

  test('scopes that nobody knows give nothing', async () => {
    const token = await bank.token(gateway, { claims: { scope: 'partner:read admin *' } });
    expect((await bank.ask(gateway, { token })).status).toBe(200);
    expect(gateway.subgraphs.seen.at(-1)!.identity.partner!.scopes).toEqual(['partner:read']);
  });

  test('of a consent gives nothing of the bank’s own, whatever it says, and one without gives nothing of people’s', async () => {
    const scope = 'partner:read keys:manage wallets:read transactions:read';
    const [consentId, sub] = ['7d444840-9dc0-41d1-b245-5ffdce74fad2', '9b2f2c1e-5b1b-4a6e-8d0e-0c6a1b2d3e4f'];
    await bank.ask(gateway, { token: await bank.token(gateway, { claims: { scope, sub, consent_id: consentId } }) });
    expect(gateway.subgraphs.seen.at(-1)!.identity.partner).toEqual({
      partnerId: bank.partnerId, clientId: bank.clientId, environment: 'SANDBOX', scopes: [], consent: { consentId, scopes: ['wallets:read', 'transactions:read'] },
    });
    await bank.ask(gateway, { token: await bank.token(gateway, { claims: { scope } }) });
    expect(gateway.subgraphs.seen.at(-1)!.identity.partner).toEqual({
      partnerId: bank.partnerId, clientId: bank.clientId, environment: 'SANDBOX', scopes: ['partner:read', 'keys:manage'],
    });
  });

  test('the form of the address in the proof does not matter', async () => {
    const token = await bank.token(gateway);
    const htu = 'https://API.tael.test:443/partner/graphql?x=1#y';
    expect((await ask(gateway, await withProof(token, { claims: { htu } }))).status).toBe(200);
  });
});

describe('a token is refused that', () => {
  test.each<[string, JWTPayload, Record<string, unknown>?]>([
    ['is expired', { iat: seconds() - 700, exp: seconds() - 400 }],
    ['is not valid yet', { nbf: seconds() + 120 }],
    ['was issued in the future', { iat: seconds() + 120, exp: seconds() + 300 }],
    ['lives longer than a revocation is remembered', { exp: seconds() + 3_600 }],
    ['has no end', { exp: undefined as never }],
    ['is of another issuer', { iss: 'https://evil.test' }],
    ['is for another audience', { aud: 'https://api.tael.test/graphql' }],
    ['is for another audience as well', { aud: ['https://api.tael.test/partner/graphql', 'https://evil.test'] }],
    ['is for people', { aud: 'tael', iss: 'https://tael.local' }],
    ['has no partner', { partner_id: undefined }],
    ['has a partner that is SQL', { partner_id: "' OR 1=1 --" }],
    ['is of a consent and for its client', { consent_id: '7d444840-9dc0-41d1-b245-5ffdce74fad2' }],
    ['is of no consent and for a person', { sub: '9b2f2c1e-5b1b-4a6e-8d0e-0c6a1b2d3e4f' }],
    ['is of a consent that is no id', { sub: '9b2f2c1e-5b1b-4a6e-8d0e-0c6a1b2d3e4f', consent_id: 'none' }],
    ['has no client', { client_id: undefined }],
    ['is for somebody else than its client', { sub: newPerson() }],
    ['has no rate', { rate: undefined }],
    ['has a rate of nothing', { rate: { perSecond: 0, burst: 0 } }],
    ['is not bound', { cnf: undefined }],
    ['is bound to nothing', { cnf: {} }],
    ['is bound in two ways', { cnf: { jkt: 'a'.repeat(43), 'x5t#S256': 'a'.repeat(43) } }],
    ['is bound to a key as it is', { cnf: { jwk: { kty: 'EC' } } }],
    ['is of no type', {}, { typ: undefined }],
    ['is of the type of a person', {}, { typ: 'JWT' }],
  ])('%s', async (_what, claims, header = {}) => {
    const bound = 'cnf' in claims ? {} : { cnf: { jkt: bank.thumbprint } };
    const token = await bank.token(gateway, { claims: { ...claims, ...bound }, header });
    expect((await refused(await withProof(token))).challenge).toMatch(/^DPoP error="invalid_token", algs="ES256 PS256"/);
  });

  test('is a person’s, however it is sent', async () => {
    const token = await gateway.issuer.token(newPerson());
    await refused(await withProof(token));
    await refused({ authorization: `Bearer ${token}` });
  });

  test('is signed by nobody, by HS256 with the public key, or by a key of its own', async () => {
    const [, claims] = (await bank.token(gateway)).split('.');
    await refused(await withProof(`${encode({ alg: 'none', typ: 'at+jwt' })}.${claims}.`));
    const text = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: 'k1' })}.${claims}`;
    const secret = JSON.stringify(await gateway.issuer.publicJwk());
    await refused(await withProof(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`));
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    await refused(await withProof(await bank.token(gateway, { key: privateKey, header: { jwk } })));
    await refused(await withProof(await bank.token(gateway, { key: privateKey, header: { kid: 'stranger' } })));
  });

  test('is bound to a key and sent as a bearer token, with and without the proof', async () => {
    const token = await bank.token(gateway);
    expect((await refused({ authorization: `Bearer ${token}` })).challenge).toContain('error="invalid_token"');
    await refused({ authorization: `Bearer ${token}`, dpop: await bank.proof(token) });
  });

  test('is bound to a certificate, and comes without it, or with the certificate in a header', async () => {
    const token = await bank.token(gateway, { claims: { cnf: { 'x5t#S256': 'a'.repeat(43) } } });
    await refused({ authorization: `Bearer ${token}` });
    await refused({ authorization: `Bearer ${token}`, 'x-tael-client-certificate': 'AAAA', 'x-forwarded-client-cert': 'AAAA' });
    await refused(await withProof(token));
  });

  test('is of a client that was revoked since; one that it got later is good', async () => {
    const [revoked, token] = [await Bank.make(), await bank.token(gateway)];
    const early = await revoked.token(gateway, { claims: { iat: seconds() - 60 } });
    expect((await revoked.ask(gateway, { token: early })).status).toBe(200);
    gateway.issuer.endClient(revoked.clientId, Date.now() - 30_000);
    await eventually(async () => expect((await revoked.ask(gateway, { token: early })).status).toBe(401), { timeoutMs: 8_000 });
    await refused(await withProof(early, { claims: { nonce: revoked.nonce } }, revoked));
    expect((await revoked.ask(gateway)).status).toBe(200);
    expect((await bank.ask(gateway, { token })).status).toBe(200);
  });
});

describe('who has no token', () => {
  test('is told the ways in', async () => {
    for (const headers of [{}, { authorization: '' }, { authorization: 'Basic YTpi' }, { authorization: 'DPoP' }] as const) {
      const { challenge, nonce } = await refused(headers as Record<string, string>);
      expect(challenge).toBe('DPoP algs="ES256 PS256", Bearer');
      expect(nonce).toMatch(/^\w+\.[\w-]{22}$/);
    }
  });

  test('a partner’s token is nothing at the door of people', async () => {
    const token = await bank.token(gateway);
    for (const headers of [{ authorization: `Bearer ${token}` }, await withProof(token)]) {
      expect((await gateway.ask('{ me }', { headers })).status).toBe(401);
    }
    // Not even one that says what a person's says, but for its type.
    const likeAPerson = await gateway.issuer.token(newPerson(), { header: { typ: 'at+jwt' } });
    expect((await gateway.ask('{ me }', { token: likeAPerson })).status).toBe(401);
    expect((await gateway.ask('{ me }', { token: await gateway.issuer.token(newPerson(), { header: { typ: 'JWT' } }) })).status).toBe(200);
  });
});

describe('a proof is refused', () => {
  const invalid = async (headers: Record<string, string>): Promise<void> => {
    const { challenge } = await refused(headers);
    expect(challenge).toMatch(/^DPoP error="invalid_dpop_proof", error_description="[^"]+", algs="ES256 PS256"$/);
  };

  test('that is not there', async () => invalid({ authorization: `DPoP ${await bank.token(gateway)}` }));

  test('by another key than the token’s: a token that was stolen is worth nothing', async () => {
    const token = await bank.token(gateway);
    await invalid(await withProof(token, {}, stranger));
    // The bank's key in the header, the thief's signature.
    await invalid(await withProof(token, { header: { jwk: bank.jwk } }, stranger));
  });

  test.each<[string, (token: string) => Promise<Changes> | Changes]>([
    ['for another token', async () => ({ claims: { ath: 'a'.repeat(43) } })],
    ['for no token', () => ({ claims: { ath: undefined } })],
    ['for another method', () => ({ claims: { htm: 'GET' } })],
    ['for another address', () => ({ claims: { htu: 'https://api.tael.test/partner/oauth/token' } })],
    ['for another host', () => ({ claims: { htu: 'https://evil.test/partner/graphql' } })],
    ['of long ago', () => ({ claims: { iat: seconds() - 120 } })],
    ['of the future', () => ({ claims: { iat: seconds() + 120 } })],
    ['without a time', () => ({ claims: { iat: undefined as never } })],
    ['without an id', () => ({ claims: { jti: undefined as never } })],
    ['with an id that is endless', () => ({ claims: { jti: 'x'.repeat(129) } })],
    ['of another type', () => ({ header: { typ: 'JWT' } })],
    ['with the private key in it', async () => ({ header: { jwk: await exportJWK(bank.keys.privateKey) } })],
    ['without a key in it', () => ({ header: { jwk: undefined } })],
  ])('%s', async (_what, changes) => {
    const token = await bank.token(gateway);
    await invalid(await withProof(token, await changes(token)));
  });

  test('by HS256, and by nobody', async () => {
    const token = await bank.token(gateway);
    const [, claims] = (await bank.proof(token)).split('.');
    const text = `${encode({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } })}.${claims}`;
    await invalid({ authorization: `DPoP ${token}`, dpop: `${text}.${createHmac('sha256', 'AAAA').update(text).digest('base64url')}` });
    await invalid({ authorization: `DPoP ${token}`, dpop: `${encode({ typ: 'dpop+jwt', alg: 'none', jwk: bank.jwk })}.${claims}.` });
    await invalid({ authorization: `DPoP ${token}`, dpop: 'garbage' });
    const good = await bank.proof(token);
    await invalid({ authorization: `DPoP ${token}`, dpop: `${good}, ${good}` });
  });

  test('that was used before, also by two at once', async () => {
    const headers = await withProof(await bank.token(gateway));
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(gateway, headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    await invalid(headers);
  });

  test('without a nonce of this gateway; with the one that is told it is good', async () => {
    const token = await bank.token(gateway);
    for (const nonce of [undefined, 'made-up', `${Date.now().toString(36)}.${'A'.repeat(22)}`]) {
      const { challenge, nonce: told } = await refused(await withProof(token, { claims: { nonce } }));
      expect(challenge).toBe('DPoP error="use_dpop_nonce", algs="ES256 PS256"');
      expect((await ask(gateway, await withProof(token, { claims: { nonce: told! } }))).status).toBe(200);
    }
  });

  test('that another gateway took, or this one before it was started again', async () => {
    const other = await startPartnerGateway({ JWKS_URL: [gateway.issuer.jwksUrl] });
    try {
      const headers = await withProof(await bank.token(gateway));
      expect((await ask(gateway, headers)).status).toBe(200);
      const replayed = await ask(other, headers);
      expect([replayed.status, replayed.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('use_dpop_nonce')]);
      expect(other.subgraphs.seen).toEqual([]);
    } finally {
      await other.close();
    }
  });
});

test('whoever goes on trying proofs has to wait, before another is looked at', async () => {
  const strict = await startPartnerGateway({ BAD_TOKEN_RATE: { perSecond: 0.01, burst: 3 } });
  try {
    const client = await Bank.make();
    await client.greet(strict);
    const token = await client.token(strict);
    const bad = async () => ask(strict, await withProof(token, { claims: { htm: 'GET', nonce: client.nonce } }, client));
    const statuses = [];
    for (let time = 0; time < 4; time++) statuses.push((await bad()).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    const answer = await ask(strict, await withProof(token, {}, client), { query: PARTNER_QUERY });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
  } finally {
    await strict.close();
  }
});
