import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { takePartner } from '../src/partners/partner-copy.service';
import { type PeopleWorld, startPeopleWorld } from './people-world';
import { type Answer, askForToken, assertion, type Client, clientOf, type Key, makeKey, send, tellPartner } from './support/partner-bank';
import { selfSignedCertificate as certificateOf } from './support/partner-certificate';
import { soonerThan } from './support/sooner';

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_partner_key_turn', { FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: 1_000 });
});
afterAll(() => world.end());

const REFUSED = { status: 401, body: { error: 'invalid_client' } };

interface Told {
  readonly clients: { id: string; endedAt: number }[];
  readonly keys: { clientId: string; kid: string; endedAt: number }[];
}

/** Asks as the gateway does; one of before does not ask for keys. */
async function told(client: Client, query = 'since=0&keys=1'): Promise<Told> {
  const { clients, keys } = await ask(query);
  return { clients: clients.filter(({ id }) => id === client.id), keys: keys.filter(({ clientId }) => clientId === client.id) };
}

async function ask(query: string): Promise<Told & { mark: string }> {
  const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '' };
  const response = await world.app.server.inject({
    method: 'GET', url: `/.well-known/ended-sessions?${query}`,
    headers: { [IDENTITY_HEADER]: signIdentity(identity, '', world.settings.IDENTITY_KEYS, world.now().getTime()) },
  });
  return response.json();
}

type Change = Parameters<typeof clientOf>[1];

/** A client with two keys, and what merchants says of it next. */
async function twoKeys(): Promise<{ client: Client; next: Key; tell: (version: number, change: Change, partner?: object) => Promise<unknown>; state: Awaited<ReturnType<typeof tellPartner>> }> {
  const [key, next] = [await makeKey('ES256'), await makeKey('ES256')];
  const client = { id: uuidv7(), key };
  const state = await tellPartner(world, { clients: [clientOf(client, { keys: [key.publicJwk, next.publicJwk] })] });
  return { client, next, state, tell: (version, change, partner = {}) => tellPartner(world, { ...state, ...partner, version, clients: [clientOf(client, change)] }) };
}
/** As merchants says that the old key is retired: with an instant up to which the accounts of before refuses all. */
const retired = (next: Key): Change => ({ keys: [next.publicJwk], tokensRefusedUntil: world.now() });
const keyOf = ({ body }: Answer): unknown => decodeJwt(body.access_token)['client_key'];

describe('a token says which key it was got with', () => {
  it('whether its assertion does or not', async () => {
    const { client, next } = await twoKeys();
    for (const key of [client.key, next]) {
      for (const header of [{}, { kid: undefined }]) {
        const answer = await askForToken(world, client, { assertion: await assertion(client, { key, header }) });
        expect([answer.status, keyOf(answer)]).toEqual([200, key.kid]);
      }
    }
  });

  it('of two certificates too', async () => {
    const [one, two] = [certificateOf('one'), certificateOf('two')];
    const client = { id: uuidv7(), key: await makeKey('ES256') };
    await tellPartner(world, { clients: [clientOf(client, { authentication: 'self_signed_tls_client_auth', keys: [one.jwk, two.jwk] })] });
    for (const { der, thumbprint, jwk } of [one, two]) {
      const answer = await send(world, 'POST', '/token', {
        form: { grant_type: 'client_credentials', scope: 'partner:read', client_id: client.id }, certificate: der, identity: { certificate: thumbprint },
      });
      expect([answer.status, keyOf(answer)]).toEqual([200, jwk.kid]);
    }
  });
});

describe('a key that is retired', () => {
  it('is told by itself: the client is not', async () => {
    const { client, next, tell } = await twoKeys();
    const before = world.now().getTime();
    await tell(2, retired(next));
    const { clients, keys } = await told(client);
    expect(clients).toEqual([]);
    expect(keys).toEqual([{ clientId: client.id, kid: client.key.kid, endedAt: expect.any(Number) }]);
    expect(keys[0]!.endedAt).toBeGreaterThanOrEqual(before - 1);
    expect(await askForToken(world, client)).toMatchObject(REFUSED);
    expect(await askForToken(world, { ...client, key: next })).toMatchObject({ status: 200 });
    // As long as a token of it may live, and not told again for what happens after.
    await tell(3, retired(next), { rate: { perSecond: 51, burst: 500 } });
    expect((await told(client)).keys).toEqual(keys);
    expect((await told(client, `since=${keys[0]!.endedAt + 1}&keys=1`)).keys).toEqual([]);
  });

  it.each([
    ['a key', (_: Key, next: Key) => retired(next)],
    ['a client', (...keys: Key[]) => ({ status: 'REVOKED' as const, keys: keys.map(({ publicJwk }) => publicJwk) })],
  ])('is told at once to a gateway whose question is held: %s', async (_, change) => {
    const prepare = async () => ({ ...(await twoKeys()), mark: (await ask('since=0&keys=1')).mark });
    await soonerThan(2_000, prepare, async ({ client, next, tell, mark }) => {
      const held = told(client, `since=0&keys=1&mark=${encodeURIComponent(mark)}&waitMs=2000`);
      await tell(2, change(client.key, next));
      const { clients, keys } = await held;
      expect(clients.length + keys.length).toBe(1);
    });
  });

  it('is the whole client to a gateway that does not ask for keys', async () => {
    const { client, next, tell } = await twoKeys();
    await tell(2, retired(next));
    const { keys } = await told(client);
    expect(await told(client, 'since=0')).toEqual({ clients: [{ id: client.id, endedAt: keys[0]!.endedAt }], keys: [] });
  });

  it('takes back nothing of what ended the client before', async () => {
    const { client, next, tell } = await twoKeys();
    await tell(2, { keys: [client.key.publicJwk, next.publicJwk] }, { status: 'SUSPENDED' });
    const { clients } = await told(client);
    expect(clients).toHaveLength(1);
    await tell(3, { keys: [client.key.publicJwk, next.publicJwk] });
    await tell(4, retired(next));
    expect(await told(client)).toMatchObject({ clients, keys: [{ kid: client.key.kid }] });
  });

  it('takes back nothing of what an accounts of before ended, which writes the client alone', async () => {
    const { client, next, tell } = await twoKeys();
    const ended = `UPDATE partner_client_copy SET "refusedAt" = clock_timestamp() WHERE "clientId" = $1`;
    await world.rows(ended, [client.id]);
    const { clients } = await told(client);
    await tell(2, retired(next));
    expect((await told(client)).clients).toEqual(clients);
    await world.rows(ended, [client.id]);
    expect((await told(client)).clients[0]!.endedAt).toBeGreaterThanOrEqual(clients[0]!.endedAt);
    expect((await told(client)).clients).toEqual((await told(client, 'since=0')).clients);
  });

  it.each<[string, (next: Key, client: Client) => [Change, object?]]>([
    ['its client is revoked with it', (next) => [{ ...retired(next), status: 'REVOKED' }]],
    ['its partner is suspended with it', (next) => [retired(next), { status: 'SUSPENDED' }]],
    ['merchants wants the tokens refused, and no key has gone', (next, client) => [{ ...retired(next), keys: [client.key.publicJwk, next.publicJwk] }]],
  ])('is the whole client where %s', async (_what, change) => {
    const { client, next, tell } = await twoKeys();
    await tell(2, ...change(next, client));
    expect((await told(client)).clients).toEqual([{ id: client.id, endedAt: expect.any(Number) }]);
  });

  it('while tokens are being made: the one by it is held back, the one by the other key goes out', async () => {
    const { client, next, state } = await twoKeys();
    const asked = await inTransaction(world.dataSource, async (tx) => {
      await takePartner(tx, { ...state, version: 2, clients: [clientOf(client, retired(next))] });
      const answers = [client.key, next].map((key) => askForToken(world, { ...client, key }));
      await eventually(async () => {
        const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '/* partners.await */%'
          AND wait_event_type = 'Lock'`;
        expect(await world.rows(waiting)).toHaveLength(2);
      });
      // In an object: the transaction must end before the requests can.
      return { answers };
    });
    const [old, fresh] = await Promise.all(asked.answers);
    expect(old).toMatchObject(REFUSED);
    expect([fresh!.status, keyOf(fresh!)]).toEqual([200, next.kid]);
    expect(world.log()).not.toContain(`"kid":"${client.key.kid}"`);
  });
});

it('a key that is added while a token is being made holds it back no more', async () => {
  const { client, next, state } = await twoKeys();
  const third = await makeKey('ES256');
  const asked = await inTransaction(world.dataSource, async (tx) => {
    await takePartner(tx, { ...state, version: 2, clients: [clientOf(client, { keys: [client.key, next, third].map(({ publicJwk }) => publicJwk) })] });
    const answer = askForToken(world, client);
    await eventually(async () => {
      expect(await world.rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '/* partners.await */%' AND wait_event_type = 'Lock'`)).toHaveLength(1);
    });
    return { answer };
  });
  expect((await asked.answer).status).toBe(200);
});
