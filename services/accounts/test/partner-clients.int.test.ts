import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { inTransaction } from '@tael/platform/postgres';
import { CONSENT_SCOPES, IDENTITY_HEADER, PARTNER_SCOPES, signIdentity } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { eventually, proxyTo } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from '../src/app';
import { accountsDataSource } from '../src/data-source';
import { takePartner } from '../src/partners/partner-copy.service';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { askForToken, assertion, clientOf, makeKey, openPartner, proof, send, tellPartner } from './support/partner-bank';

let world: PeopleWorld;

beforeAll(async () => {
  world = await startPeopleWorld('accounts_partner_clients', { FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: 4 });
});
afterAll(() => world.end());

// A network of its own for each, since failures are counted by network.
let networks = 0;
const elsewhere = () => ({ identity: { address: `198.51.100.${++networks}` } });
const REFUSED = { status: 401, body: { error: 'invalid_client', error_description: 'client authentication failed' } };

/** Asks as the gateway does every other second. */
async function ended(since = 0): Promise<{ clients: { id: string; endedAt: number }[] }> {
  const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '' };
  const response = await world.app.server.inject({
    method: 'GET', url: `/.well-known/ended-sessions?since=${since}`,
    headers: { [IDENTITY_HEADER]: signIdentity(identity, '', world.settings.IDENTITY_KEYS, world.now().getTime()) },
  });
  return response.json();
}
const endedAt = async (id: string, since?: number) => (await ended(since)).clients.find((client) => client.id === id)?.endedAt;

describe('what merchants tells of a partner', () => {
  it('counts by its version: an older state changes nothing, comes it late or again', async () => {
    const { client, state } = await openPartner(world);
    const revoked = { ...state, version: 3, clients: [clientOf(client, { status: 'REVOKED', tokensRefusedUntil: world.now() })] };
    await tellPartner(world, revoked);
    const at = await endedAt(client.id);
    for (const version of [1, 2, 3]) await tellPartner(world, { ...state, version });
    await tellPartner(world, revoked);
    expect(await askForToken(world, client, elsewhere())).toMatchObject(REFUSED);
    expect(await endedAt(client.id)).toBe(at);
  });

  it('revokes a client that is not in it any more, for good against what comes late', async () => {
    const { client, state } = await openPartner(world);
    await tellPartner(world, { ...state, version: 3, clients: [] });
    await tellPartner(world, { ...state, version: 2, clients: [clientOf(client), clientOf({ ...client, id: uuidv7() })] });
    expect(await askForToken(world, client, elsewhere())).toMatchObject(REFUSED);
    const rows = await world.rows('SELECT status FROM partner_client_copy WHERE "partnerId" = $1', [state.partnerId]);
    expect(rows).toEqual([{ status: 'REVOKED' }]);
  });

  it('lets no key sign in that has ended, and every other one', async () => {
    const { client, state } = await openPartner(world);
    const { key: other } = { key: await makeKey('ES256') };
    const ends = (seconds: number) => ({ ...client.key.publicJwk, exp: Math.floor(world.now().getTime() / 1_000) + seconds });
    const tell = (version: number, ...keys: object[]) => tellPartner(world, { ...state, version, clients: [clientOf(client, { keys: keys as never })] });
    await tell(2, ends(-1), other.publicJwk);
    expect(await askForToken(world, client, elsewhere())).toMatchObject(REFUSED);
    expect(await askForToken(world, { ...client, key: other }, elsewhere())).toMatchObject({ status: 200 });
    await tell(3, ends(60));
    expect(await askForToken(world, client, elsewhere())).toMatchObject({ status: 200 });
    await tell(4, ends(-1));
    expect(await askForToken(world, client, elsewhere())).toMatchObject(REFUSED);
  });

  it('cannot take the client of another partner over', async () => {
    const [{ client }, other] = [await openPartner(world), await openPartner(world)];
    const taken = clientOf({ ...client, key: other.client.key });
    await tellPartner(world, { ...other.state, version: 2, clients: [clientOf(other.client), taken] });
    expect((await askForToken(world, client, elsewhere())).status).toBe(200);
    expect(await askForToken(world, { ...client, key: other.client.key }, elsewhere())).toMatchObject(REFUSED);
  });

  it('gives no scope that this version does not know', async () => {
    const { client, state } = await openPartner(world);
    await tellPartner(world, { ...state, version: 2, clients: [clientOf(client, { scopes: ['partner:read', 'future:everything'] })] });
    expect((await askForToken(world, client, elsewhere())).status).toBe(200);
    expect((await askForToken(world, client, { ...elsewhere(), form: { scope: 'future:everything' } })).body.error).toBe('invalid_scope');
  });
});

describe('stops at once', () => {
  it('a key that is revoked; the other key of the client goes on', async () => {
    const { client, state } = await openPartner(world);
    const next = await makeKey('ES256');
    const before = world.now().getTime();
    await tellPartner(world, {
      ...state, version: 2, clients: [clientOf(client, { keys: [next.publicJwk], tokensRefusedUntil: new Date(before - 60_000) })],
    });
    expect(await askForToken(world, client, elsewhere())).toMatchObject(REFUSED);
    expect((await askForToken(world, { ...client, key: next }, elsewhere())).status).toBe(200);
    // Not the instant of the revocation: in the minute since then tokens were issued by who could not know.
    expect(await endedAt(client.id)).toBeGreaterThanOrEqual(before - 1);
  });

  it('a partner that is suspended, until it is not any more', async () => {
    const { client, state } = await openPartner(world);
    await tellPartner(world, { ...state, version: 2, status: 'SUSPENDED' });
    expect(await askForToken(world, client, elsewhere())).toMatchObject(REFUSED);
    expect(await endedAt(client.id)).toBeDefined();
    await tellPartner(world, { ...state, version: 3 });
    expect((await askForToken(world, client, elsewhere())).status).toBe(200);
  });

  it('a token that is being made while the revocation is under way', async () => {
    const { client, state } = await openPartner(world);
    const answer = await inTransaction(world.dataSource, async (tx) => {
      await takePartner(tx, { ...state, version: 2, clients: [clientOf(client, { status: 'REVOKED', tokensRefusedUntil: world.now() })] });
      const asked = askForToken(world, client, elsewhere());
      await eventually(async () => {
        const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '/* partners.await */%'
          AND wait_event_type = 'Lock'`;
        expect(await world.rows(waiting)).toHaveLength(1);
      });
      // In an object: the transaction must end before the request can.
      return { asked };
    });
    expect(await answer.asked).toMatchObject(REFUSED);
  });
});

it('the gateway hears of clients beside sessions, for as long as their tokens may live', async () => {
  const { client, state } = await openPartner(world);
  expect(await endedAt(client.id)).toBeUndefined();
  await tellPartner(world, { ...state, version: 2, clients: [] });
  const at = (await endedAt(client.id))!;
  expect(await endedAt(client.id, at)).toBe(at);
  expect(await endedAt(client.id, at + 1)).toBeUndefined();
  expect(await ended()).toHaveProperty('sessions');
  world.later(10 * 60_000);
  expect(await endedAt(client.id)).toBe(at);
  world.later(60_000);
  expect(await endedAt(client.id)).toBeUndefined();
  world.later(-11 * 60_000);
});

describe('the door', () => {
  it('is for the gateway alone', async () => {
    for (const headers of [{}, { [IDENTITY_HEADER]: 'v1.i1.e30.x' }]) {
      for (const [method, path] of [['POST', '/token'], ['GET', '/jwks'], ['GET', '/.well-known/openid-configuration']] as const) {
        const answer = await world.app.server.inject({ method, url: `/partner/oauth${path}`, headers });
        expect([answer.statusCode, answer.json()]).toEqual([401, { error: 'unauthorized' }]);
      }
    }
    // Signed for another body.
    const { client } = await openPartner(world);
    const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '192.0.2.1' };
    const stolen = signIdentity(identity, 'grant_type=client_credentials', world.settings.IDENTITY_KEYS, world.now().getTime());
    expect((await askForToken(world, client, { headers: { [IDENTITY_HEADER]: stolen } })).status).toBe(401);
  });

  it.each([
    ['GET', '/auth'], ['POST', '/auth'], ['POST', '/request'], ['POST', '/token/introspection'], ['POST', '/token/revocation'], ['POST', '/reg'],
    ['GET', '/me'], ['GET', '/session/end'], ['POST', '/device/auth'], ['GET', '/token'], ['GET', '/interaction/x'],
  ] as const)('has no %s %s', async (method, path) => {
    expect((await send(world, method, path)).status).toBe(404);
  });

  it('tells of what there is, and nothing more', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      expect((await send(world, 'GET', path)).body).toEqual({
        issuer: 'https://api.tael.example/partner/oauth',
        token_endpoint: 'https://api.tael.example/partner/oauth/token',
        jwks_uri: 'https://api.tael.example/partner/oauth/jwks',
        authorization_endpoint: 'https://api.tael.example/partner/oauth/authorize',
        pushed_authorization_request_endpoint: 'https://api.tael.example/partner/oauth/par',
        require_pushed_authorization_requests: true,
        authorization_response_iss_parameter_supported: true,
        code_challenge_methods_supported: ['S256'],
        grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types_supported: ['code'],
        scopes_supported: [...PARTNER_SCOPES, ...CONSENT_SCOPES],
        token_endpoint_auth_methods_supported: ['private_key_jwt', 'self_signed_tls_client_auth'],
        token_endpoint_auth_signing_alg_values_supported: ['ES256', 'PS256'],
        dpop_signing_alg_values_supported: ['ES256', 'PS256'],
        tls_client_certificate_bound_access_tokens: true,
      });
    }
    const { body } = await send(world, 'GET', '/jwks');
    const keys = world.app.services.accessTokens.publicKeys().keys as unknown[];
    expect(body.keys).toEqual(keys);
  });

  it('serves one request after another on a connection', async () => {
    const { client } = await openPartner(world);
    const address = await world.app.server.listen({ host: '127.0.0.1', port: 0 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let connections = 0;
    world.app.server.server.on('connection', () => (connections += 1));
    for (let n = 0; n < 3; n++) {
      const body = new URLSearchParams({
        grant_type: 'client_credentials', scope: 'partner:read', client_assertion: await assertion(client),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }).toString();
      const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '192.0.2.9' };
      const headers = {
        'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, dpop: await proof(client.key),
        [IDENTITY_HEADER]: signIdentity(identity, body, world.settings.IDENTITY_KEYS, world.now().getTime()),
      };
      const [response] = (await once(
        request(`${address}/partner/oauth/token`, { method: 'POST', agent, headers }).end(body), 'response',
      )) as [IncomingMessage];
      expect([response.statusCode, JSON.parse(await text(response)).token_type]).toEqual([200, 'DPoP']);
    }
    agent.destroy();
    expect(connections).toBe(1);
  });

  it('is not for pages', async () => {
    const { client } = await openPartner(world);
    const plain = await askForToken(world, client, elsewhere());
    const fromPage = await askForToken(world, client, { ...elsewhere(), headers: { origin: 'https://page.example' } });
    expect([plain.status, fromPage.status, fromPage.body.error]).toEqual([200, 400, 'invalid_request']);
    for (const { headers } of [plain, fromPage]) expect(Object.keys(headers).join()).not.toContain('access-control');
  });

  it('reads 16 KiB and no more', async () => {
    const { client } = await openPartner(world);
    expect((await askForToken(world, client, { form: { padding: 'x'.repeat(14_000) } })).status).toBe(200);
    expect(await askForToken(world, client, { form: { padding: 'x'.repeat(16_384) } })).toMatchObject({ status: 413, body: { error: 'invalid_request' } });
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])('reads no %s', async (type) => {
    const { client } = await openPartner(world);
    expect(await askForToken(world, client, { headers: { 'content-type': type } })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('bounds what a network may get wrong, and lets nobody lock a bank out', async () => {
    const { client } = await openPartner(world);
    const thief = elsewhere();
    const wrong = async () => askForToken(world, client, { ...thief, assertion: await assertion(client, { claims: { aud: 'x' } }) });
    for (let n = 0; n < 4; n++) expect((await wrong()).status).toBe(401);
    const refused = await askForToken(world, client, thief);
    expect(refused).toMatchObject({ status: 429, body: { error: 'temporarily_unavailable' }, headers: { 'retry-after': '900' } });
    for (let n = 0; n < 5; n++) {
      await askForToken(world, client, { ...elsewhere(), assertion: await assertion(client, { claims: { aud: 'x' } }) });
    }
    expect((await askForToken(world, client, elsewhere())).status).toBe(200);
    expect(world.log()).toContain('fails to sign in again and again');
  });

  it('says nothing of the inside where something breaks, and says so where its clock is wrong', async () => {
    const { client } = await openPartner(world);
    await world.asOwner('ALTER TABLE authorization_artifact RENAME TO broken');
    const broken = await askForToken(world, client, elsewhere());
    await world.asOwner('ALTER TABLE broken RENAME TO authorization_artifact');
    expect(broken).toMatchObject({ status: 500, body: { error: 'server_error' }, headers: { 'cache-control': 'no-store' } });
    expect(Object.keys(broken.body)).toEqual(['error']);
    expect(world.log()).toContain('a partner token could not be issued');
    world.later(6_000);
    expect(await askForToken(world, client, elsewhere())).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    world.later(-6_000);
    expect((await askForToken(world, client, elsewhere())).status).toBe(200);
  });
});

it('says that it is away where its database is, before the first look and in the midst of it', async () => {
  const { client } = await openPartner(world);
  const proxy = await proxyTo(world.databaseUrl);
  const dataSource = await accountsDataSource({ url: proxy.url, poolSize: 2 }).initialize();
  const app = await createApp({ dataSource, log: createLogger({ service: 'test', level: 'silent' }), settings: world.settings, now: world.now });
  const through = { ...world, app };
  const away = { status: 503, body: { error: 'temporarily_unavailable' }, headers: { 'retry-after': '1', 'cache-control': 'no-store' } };
  const cut = proxy.resetAfter('authorization.use');
  expect(await askForToken(through, client, elsewhere())).toMatchObject(away);
  await cut;
  await proxy.cut();
  expect(await askForToken(through, client, elsewhere())).toMatchObject(away);
  await proxy.mend();
  await eventually(async () => expect((await askForToken(through, client, elsewhere())).status).toBe(200));
  await app.server.close();
  await dataSource.destroy();
  await proxy.close();
});

it('used ids are forgotten when nothing could use them any more, and not before', async () => {
  const { client } = await openPartner(world);
  const used = await proof(client.key);
  expect((await askForToken(world, client, { ...elsewhere(), proof: used })).status).toBe(200);
  await world.app.services.artifacts.sweep();
  expect((await askForToken(world, client, { ...elsewhere(), proof: used })).status).toBe(400);
  await world.asOwner(`UPDATE authorization_artifact SET "expiresAt" = now() - interval '1 second'`);
  expect(await world.app.services.artifacts.sweep()).toBeGreaterThan(0);
  expect(await world.rows('SELECT 1 FROM authorization_artifact')).toEqual([]);
});
