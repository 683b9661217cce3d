import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { inTransaction } from '@tael/platform/postgres';
import { createSealer } from '@tael/platform/seal';
import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { takePartner } from '../src/partners/partner-copy.service';
import { askAsBank, type ConsentBank, openConsentBank } from './support/consent-flow';
import { type ConsentWorld, CUSTOMER, startConsentWorld } from './support/consent-world';
import { askForToken, type Client, clientOf, makeKey, tellPartner } from './support/partner-bank';

// What a client may ask for is set by merchants, and may become less: then nothing of before may show what was taken away.

let consents: ConsentWorld;
let world: ConsentWorld['world'];
beforeAll(async () => {
  consents = await startConsentWorld('accounts_client_scopes');
  world = consents.world;
});
afterAll(() => world.end());

/** The clients of which a gateway is told that tokens of before are refused. */
async function ended({ id }: Pick<Client, 'id'>): Promise<string[]> {
  const identity = { principal: null, locale: 'en', reference: 'test', traceparent: '', address: '' };
  const response = await world.app.server.inject({
    method: 'GET', url: '/.well-known/ended-sessions?since=0&keys=1',
    headers: { [IDENTITY_HEADER]: signIdentity(identity, '', world.settings.IDENTITY_KEYS, world.now().getTime()) },
  });
  const { clients, keys }: { clients: { id: string }[]; keys: { clientId: string }[] } = response.json();
  return [...clients.filter((one) => one.id === id).map(() => 'client'), ...keys.filter(({ clientId }) => clientId === id).map(() => 'key')];
}

const WIDE = ['partner:read', 'keys:manage'];
async function opened(scopes = WIDE) {
  const client = { id: uuidv7(), key: await makeKey('ES256') };
  const state = await tellPartner(world, { clients: [clientOf(client, { scopes })] });
  const tell = (version: number, change: Parameters<typeof clientOf>[1]) => tellPartner(world, { ...state, version, clients: [clientOf(client, change)] });
  const ask = (scope: string) => askForToken(world, client, { form: { scope } });
  return { client, state, tell, ask };
}

describe('a client that may less', () => {
  it('has its tokens refused as a whole, and gets new ones for what is left alone', async () => {
    const { client, tell, ask } = await opened();
    expect((await ask('keys:manage')).status).toBe(200);
    await tell(2, { scopes: ['partner:read'], tokensRefusedUntil: world.now() });
    expect(await ended(client)).toEqual(['client']);
    expect(await ask('keys:manage')).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect(decodeJwt((await ask('partner:read')).body.access_token)['scope']).toBe('partner:read');
  });

  it('as well where a key went in the same state, or before it in one that was not seen', async () => {
    const { client, tell } = await opened();
    const next = await makeKey('ES256');
    await tell(2, { scopes: WIDE, keys: [client.key.publicJwk, next.publicJwk] });
    await tell(4, { scopes: ['partner:read'], keys: [next.publicJwk], tokensRefusedUntil: world.now() });
    expect(await ended(client)).toEqual(['client', 'key']);
  });

  it('as well where merchants moved no instant', async () => {
    const { client, tell } = await opened();
    await tell(2, { scopes: ['partner:read'] });
    expect(await ended(client)).toEqual(['client']);
  });

  it('while its token is being made: that one is held back', async () => {
    const { client, state, ask } = await opened();
    const asked = await inTransaction(world.dataSource, async (tx) => {
      await takePartner(tx, { ...state, version: 2, clients: [clientOf(client, { scopes: ['partner:read'], tokensRefusedUntil: world.now() })] });
      const answer = ask('keys:manage');
      // It has read the client as it was, and waits for this change.
      await eventually(async () => {
        expect(await world.rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '/* partners.await */%' AND wait_event_type = 'Lock'`)).toHaveLength(1);
      });
      return { answer };
    });
    expect(await asked.answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});

it('a client that may more keeps its tokens, and gets new ones for the rest', async () => {
  const { client, tell, ask } = await opened(['partner:read']);
  expect((await ask('keys:manage')).status).toBe(400);
  await tell(2, { scopes: WIDE });
  expect(await ended(client)).toEqual([]);
  expect((await ask('keys:manage')).status).toBe(200);
});

describe('a consent of a client that may less', () => {
  /** Merchants says what the bank's client may now. */
  const may = (bank: ConsentBank, version: number, scopes: string[]) =>
    tellPartner(world, {
      partnerId: bank.partnerId, version, name: createSealer(world.settings.SEAL_KEYS).seal(bank.name, bank.partnerId),
      clients: [clientOf(bank, { scopes, redirectUris: [bank.redirectUri] })],
    });
  const given = async () => {
    const [bank, person] = [await openConsentBank(world, `Bank${uuidv7().slice(-6)}`), await world.signUp()];
    return { bank, person, ...(await consents.tokenFor(bank, person)) };
  };

  it('shows nothing of its wallets with the very next request, to a token of before or a new one', async () => {
    const { bank, token, refresh } = await given();
    expect((await askAsBank(world, token, CUSTOMER)).data.customer.wallets).toHaveLength(1);
    await may(bank, 2, ['partner:read']);
    expect(await askAsBank(world, token, CUSTOMER)).toEqual({ data: { customer: null } });
    expect(await consents.refresh(bank, refresh)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    // Where one scope of people's is left, a token comes that says it alone: and wallets are not shown by it.
    await may(bank, 3, ['partner:read', 'transactions:read']);
    const { body } = await consents.refresh(bank, refresh);
    expect(body.scope).toBe('transactions:read');
    expect((await askAsBank(world, body.access_token, CUSTOMER)).errors[0].extensions.code).toBe('FORBIDDEN');
    expect(await askAsBank(world, token, CUSTOMER)).toEqual({ data: { customer: null } });
  });

  it('shows wallets, and no bookings, where those were taken away', async () => {
    const { bank, token, refresh } = await given();
    await may(bank, 2, ['partner:read', 'wallets:read']);
    const { customer } = (await askAsBank(world, token, CUSTOMER)).data;
    expect([customer.scopes, customer.wallets.length]).toEqual([['wallets:read'], 1]);
    const fresh = await consents.refresh(bank, refresh);
    expect(fresh.body.scope).toBe('wallets:read');
    expect((await askAsBank(world, fresh.body.access_token, CUSTOMER)).errors[0].extensions.code).toBe('FORBIDDEN');
  });

  it('stands as the person gave it, and shows it all again where it is given back', async () => {
    const { bank, person, token } = await given();
    const [before] = await consents.consentsOf(person);
    await may(bank, 2, ['partner:read']);
    expect(await consents.consentsOf(person)).toEqual([before]);
    expect(before).toMatchObject({ status: 'ACTIVE', scopes: ['wallets:read', 'transactions:read'] });
    await may(bank, 3, ['partner:read', 'wallets:read', 'transactions:read']);
    expect((await askAsBank(world, token, CUSTOMER)).data.customer.scopes).toEqual(['wallets:read', 'transactions:read']);
  });

  it('shows nothing of a client that is revoked', async () => {
    const { bank, token } = await given();
    await tellPartner(world, { partnerId: bank.partnerId, version: 2, clients: [clientOf(bank, { status: 'REVOKED', scopes: ['wallets:read', 'transactions:read'] })] });
    expect(await askAsBank(world, token, CUSTOMER)).toEqual({ data: { customer: null } });
  });
});
