import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import {
  type Asked, askForToken, assertion, AUDIENCE, type Client, clientOf, ISSUER, type Key, makeKey, openPartner, proof, seconds, send, tellPartner,
} from './support/partner-bank';
import { selfSignedCertificate } from './support/partner-certificate';

let world: PeopleWorld;
let bank: Client;
let stranger: Client;
let rsa: Key;

beforeAll(async () => {
  world = await startPeopleWorld('accounts_partner_tokens', { FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: 1_000 });
  ({ client: bank } = await openPartner(world));
  ({ client: stranger } = await openPartner(world));
  rsa = await makeKey('RS256');
});
afterAll(() => world.end());

/** Checks a token as the gateway does, by the published keys. */
async function verified(token: string) {
  const { body } = await send(world, 'GET', '/jwks');
  expect(JSON.stringify(body)).not.toContain('"d"');
  return jwtVerify(token, createLocalJWKSet(body), { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['ES256'] });
}

describe('a bank gets a token', () => {
  it.each(['ES256', 'PS256'])('by a key of %s, bound to the key of its proof', async (alg) => {
    const { client, state } = await openPartner(world, alg);
    const proofKey = await makeKey(alg);
    const { status, body, headers } = await askForToken(world, client, { proof: await proof(proofKey), form: { resource: AUDIENCE } });
    expect([status, body]).toEqual([200, expect.objectContaining({ token_type: 'DPoP', expires_in: 300, scope: 'partner:read' })]);
    expect(headers['cache-control']).toBe('no-store');
    const { payload, protectedHeader } = await verified(body.access_token);
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' });
    expect(payload).toEqual({
      iss: ISSUER, aud: AUDIENCE, sub: client.id, client_id: client.id, partner_id: state.partnerId, scope: 'partner:read',
      rate: { perSecond: 50, burst: 500 }, environment: 'SANDBOX', cnf: { jkt: proofKey.thumbprint }, client_key: client.key.kid,
      jti: expect.any(String),
      iat: expect.any(Number), exp: payload.iat! + 300,
    });
    expect(Math.abs(payload.iat! - seconds())).toBeLessThan(5);
    expect(world.log()).toContain(payload.jti!);
    expect(world.log()).not.toContain(body.access_token);
  });

  it('by its certificate, bound to it', async () => {
    const certificate = selfSignedCertificate('bank');
    const client = { id: uuidv7(), key: bank.key };
    await tellPartner(world, { clients: [clientOf(client, { authentication: 'self_signed_tls_client_auth', keys: [certificate.jwk] })] });
    const ask = (identity: object, sent = certificate, more: Asked = {}) => send(world, 'POST', '/token', {
      form: { grant_type: 'client_credentials', scope: 'partner:read', client_id: client.id }, certificate: sent.der, identity, ...more,
    });
    const shown = { certificate: certificate.thumbprint };
    const { status, body } = await ask(shown);
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    const { payload } = await verified(body.access_token);
    expect(payload).toMatchObject({ cnf: { 'x5t#S256': certificate.thumbprint }, client_key: certificate.jwk.kid });

    const other = selfSignedCertificate('other');
    const refused = { status: 401, body: { error: 'invalid_client', error_description: 'client authentication failed' } };
    // The header alone is anybody's; a certificate that is not registered, or not the one that was shown, is none.
    expect(await ask({})).toMatchObject(refused);
    expect(await ask({ certificate: other.thumbprint })).toMatchObject(refused);
    expect(await ask({ certificate: other.thumbprint }, other)).toMatchObject(refused);
    expect(await ask(shown, other)).toMatchObject(refused);
    // An assertion is not its way, and a token has one binding.
    expect(await askForToken(world, client, { certificate: certificate.der, identity: shown })).toMatchObject(refused);
    expect(await ask(shown, certificate, { headers: { dpop: await proof(bank.key) } })).toMatchObject({ status: 400 });
    // A client that signs in by key has no way in by certificate either.
    expect(await ask(shown, certificate, { form: { grant_type: 'client_credentials', scope: 'partner:read', client_id: bank.id } }))
      .toMatchObject(refused);
  });

  it('with a nonce of another door, once it has got one of this server', async () => {
    const client = await openPartner(world).then((opened) => opened.client);
    const strange = await askForToken(world, client, { proof: await proof(client.key, { claims: { nonce: 'of.the-door-of-the-graph' } }) });
    expect(strange).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' }, headers: { 'dpop-nonce': expect.any(String) } });
    const { 'dpop-nonce': nonce } = strange.headers;
    expect((await askForToken(world, client, { proof: await proof(client.key, { claims: { nonce } }) })).status).toBe(200);
    expect((await askForToken(world, client)).status).toBe(200);
  });

  it('with either of two keys while they turn', async () => {
    const [old, next] = [await makeKey('ES256'), await makeKey('PS256')];
    const client = { id: uuidv7(), key: old };
    await tellPartner(world, { clients: [clientOf(client, { keys: [old.publicJwk, next.publicJwk] })] });
    expect((await askForToken(world, client)).status).toBe(200);
    expect((await askForToken(world, { ...client, key: next })).status).toBe(200);
  });
});

/** The attacks, each with how the request differs from a good one. */
const attacks: [string, number, string, (client: Client) => Promise<Asked>][] = [
  ['an assertion for another server', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { aud: 'https://other.example' } }) })],
  ['an assertion for the token endpoint', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { aud: `${ISSUER}/token` } }) })],
  ['an assertion for two servers', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { aud: [ISSUER, 'https://other.example'] } }) })],
  ['an assertion that is over', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { exp: seconds() - 11 } }) })],
  ['an assertion that is not good yet', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { nbf: seconds() + 60 } }) })],
  ['an assertion from the future', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { iat: seconds() + 60 } }) })],
  ['an assertion of an hour', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { exp: seconds() + 3_600 } }) })],
  ['an assertion without an end', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { exp: undefined } }) })],
  ['an assertion without an id', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { jti: undefined } }) })],
  ['an assertion by another issuer', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { claims: { iss: stranger.id } }) })],
  ['a key of another client', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { key: stranger.key }) })],
  ['a key of another client under the kid of its own', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { key: stranger.key, header: { kid: c.key.kid } }) })],
  ['a key that comes with the assertion', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { key: stranger.key, header: { jwk: stranger.key.publicJwk, kid: c.key.kid } }) })],
  ['a proof as assertion', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { header: { typ: 'dpop+jwt' } }) })],
  ['alg none', 401, 'invalid_client', async (c) => ({ assertion: unsigned(await assertion(c)) })],
  ['HS256 with the public key as the secret', 401, 'invalid_client', async (c) => ({ assertion: await byPublicKey(c) })],
  ['RS256', 401, 'invalid_client', async (c) => ({ assertion: await assertion(c, { key: rsa }) })],
  ['a client that nobody knows', 401, 'invalid_client', async (c) => ({ assertion: await assertion({ ...c, id: uuidv7() }) })],
  ['a client whose id is none', 401, 'invalid_client', async (c) => ({ assertion: await assertion({ ...c, id: `'; DROP TABLE person` }) })],
  ['a client_id beside that of the assertion', 400, 'invalid_request', async () => ({ form: { client_id: stranger.id } })],
  ['client_secret_basic', 401, 'invalid_client', async (c) => ({
    form: { client_assertion: undefined, client_assertion_type: undefined },
    headers: { authorization: `Basic ${Buffer.from(`${c.id}:secret`).toString('base64')}` },
  })],
  ['client_secret_post', 401, 'invalid_client', async (c) => ({
    form: { client_assertion: undefined, client_assertion_type: undefined, client_id: c.id, client_secret: 'secret' },
  })],
  ['no client authentication', 401, 'invalid_client', async (c) => ({ form: { client_assertion: undefined, client_assertion_type: undefined, client_id: c.id } })],
  ['two assertions', 400, 'invalid_request', async (c) => ({ form: { client_assertion: [await assertion(c), await assertion(c)] } })],
  ['two grants', 400, 'invalid_request', async () => ({ form: { grant_type: ['client_credentials', 'password'] } })],
  ['two resources', 400, 'invalid_target', async () => ({ form: { resource: [AUDIENCE, 'https://other.example'] } })],
  ['two proofs', 400, 'invalid_dpop_proof', async (c) => ({ proof: `${await proof(c.key)}, ${await proof(c.key)}` })],
  ['a scope beyond the client’s', 400, 'invalid_scope', async () => ({ form: { scope: 'partner:read webhooks:manage' } })],
  ['a scope that there is not', 400, 'invalid_scope', async () => ({ form: { scope: 'partner:read openid' } })],
  ['no scope', 400, 'invalid_scope', async () => ({ form: { scope: undefined } })],
  ['another resource', 400, 'invalid_target', async () => ({ form: { resource: 'https://api.tael.example/graphql' } })],
  ['the password grant', 400, 'unsupported_grant_type', async () => ({ form: { grant_type: 'password', username: 'a', password: 'b' } })],
  ['the refresh token grant of a client that has it not', 400, 'invalid_request', async () => ({ form: { grant_type: 'refresh_token', refresh_token: 'x' } })],
  ['the authorization code grant of a client that has it not', 400, 'invalid_request', async () => ({ form: { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://x.example' } })],
  ['the implicit grant', 400, 'unsupported_grant_type', async () => ({ form: { grant_type: 'implicit' } })],
  ['no proof', 400, 'invalid_grant', async () => ({ proof: undefined })],
  ['a proof for another address', 400, 'invalid_dpop_proof', async (c) => ({ proof: await proof(c.key, { claims: { htu: 'https://other.example/token' } }) })],
  ['a proof for the graph', 400, 'invalid_dpop_proof', async (c) => ({ proof: await proof(c.key, { claims: { htu: AUDIENCE } }) })],
  ['a proof for another method', 400, 'invalid_dpop_proof', async (c) => ({ proof: await proof(c.key, { claims: { htm: 'GET' } }) })],
  ['a proof by another algorithm', 400, 'invalid_dpop_proof', async () => ({ proof: await proof(rsa) })],
  ['a proof of yesterday', 400, 'use_dpop_nonce', async (c) => ({ proof: await proof(c.key, { claims: { iat: seconds() - 86_400 } }) })],
  ['a proof of tomorrow', 400, 'use_dpop_nonce', async (c) => ({ proof: await proof(c.key, { claims: { iat: seconds() + 86_400 } }) })],
  ['a proof of another type', 400, 'invalid_dpop_proof', async (c) => ({ proof: await proof(c.key, { header: { typ: 'JWT' } }) })],
  ['a proof by another key than it says', 400, 'invalid_dpop_proof', async (c) => ({ proof: await proof(c.key, { header: { jwk: bareKey(stranger.key) } }) })],
  ['another host in the headers', 400, 'invalid_dpop_proof', async (c) => ({
    proof: await proof(c.key, { claims: { htu: 'https://other.example/partner/oauth/token' } }),
    headers: { host: 'other.example', 'x-forwarded-host': 'other.example', 'x-forwarded-proto': 'https' },
  })],
];

const bareKey = ({ publicJwk: { kid: _kid, alg: _alg, ...jwk } }: Key) => jwk;

function unsigned(token: string): string {
  const header = { ...decodeProtectedHeader(token), alg: 'none' };
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}.`;
}

/** Who takes the public key for a secret verifies this. */
async function byPublicKey(client: Client): Promise<string> {
  const secret = Buffer.from(JSON.stringify(client.key.publicJwk));
  return new SignJWT(decodeJwt(await assertion(client))).setProtectedHeader({ alg: 'HS256', kid: client.key.kid }).sign(secret);
}

describe('refused is', () => {
  it.each(attacks)('%s', async (_name, status, error, attack) => {
    const answer = await askForToken(world, bank, await attack(bank));
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(JSON.stringify(answer.body)).not.toMatch(/access_token|stack|node_modules|oidc-provider|koa|\bat \//i);
    expect((await askForToken(world, bank)).status).toBe(200);
  });

  it('an assertion that was used', async () => {
    const used = await assertion(bank);
    expect((await askForToken(world, bank, { assertion: used })).status).toBe(200);
    expect(await askForToken(world, bank, { assertion: used })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('a proof that was used', async () => {
    const used = await proof(bank.key);
    expect((await askForToken(world, bank, { proof: used })).status).toBe(200);
    expect(await askForToken(world, bank, { proof: used })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each(['assertion', 'proof'] as const)('all but one of eight requests at once with the same %s', async (which) => {
    const used = which === 'assertion' ? await assertion(bank) : await proof(bank.key);
    const answers = await world.atOnce('authorization_artifact', 8, () => askForToken(world, bank, { [which]: used }));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});
