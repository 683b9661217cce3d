import { createLocalJWKSet, jwtVerify } from 'jose';
import { stateHash } from '../src/authorization/authorization-state.service';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import {
  allow, answerOf, askAsBank, authorizeAddress, Browser, type ConsentBank, openConsentBank, proof, push, redeem, SCOPES, signInAt, toPage,
} from './support/consent-flow';
import { askForToken, assertion, AUDIENCE, clientOf, ISSUER, makeKey, send, tellPartner } from './support/partner-bank';

const CUSTOMER = `{ customer { id scopes consentExpiresAt wallets { id currency balance { amount } available { amount }
  transactions(first: 5) { edges { node { id kind amount { amount } balanceAfter { amount } bookedAt } } pageInfo { hasNextPage endCursor } } } } }`;
const CONSENTS = `{ viewer { consents(first: 10) { edges { node { id partnerName scopes status givenAt expiresAt withdrawnAt wallets { id currency } } } } } }`;
const WITHDRAW = `mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { consent { id status } userErrors { code field } } }`;
const OPEN = `mutation { openWallet(input: { currency: "EUR" }) { wallet { id } userErrors { code } } }`;

let world: PeopleWorld;
let nord: ConsentBank;
let sud: ConsentBank;
let ada: NewPerson;
let euro: string;

beforeAll(async () => {
  world = await startPeopleWorld('accounts_consents', { FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: 1_000 });
  nord = await openConsentBank(world, 'Nordbank');
  sud = await openConsentBank(world, 'Sudbank');
  ada = await world.signUp();
  euro = (await world.ask(OPEN, {}, ada.as)).data.openWallet.wallet.id;
});
afterAll(() => world.end());

async function tokenFor(bank: ConsentBank, person: NewPerson, walletIds = [person.walletId]) {
  const given = await allow(world, bank, person, { walletIds });
  const { status, body } = await redeem(world, bank, given);
  expect([status, body]).toEqual([200, expect.objectContaining({ token_type: 'DPoP', expires_in: 300, scope: SCOPES, refresh_token: expect.any(String) })]);
  return { ...given, token: body.access_token as string, refresh: body.refresh_token as string };
}

async function claims(token: string) {
  const { body } = await send(world, 'GET', '/jwks');
  return (await jwtVerify(token, createLocalJWKSet(body), { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt' })).payload;
}

const consentsOf = async (person: NewPerson) => (await world.ask(CONSENTS, {}, person.as)).data.viewer.consents.edges.map(({ node }: { node: unknown }) => node);
const refresh = (bank: ConsentBank, token: string, change: object = {}) =>
  askForToken(world, bank, { form: { grant_type: 'refresh_token', scope: undefined, refresh_token: token }, ...change });

describe('a person lets a bank see', () => {
  it('what they chose, and nothing else', async () => {
    const person = await world.signUp();
    const { token } = await tokenFor(nord, person);
    const { data, errors } = await askAsBank(world, token, CUSTOMER);
    expect(errors).toBeUndefined();
    expect(data.customer).toEqual({
      id: (await claims(token)).sub, scopes: ['wallets:read', 'transactions:read'], consentExpiresAt: expect.any(String),
      wallets: [{
        id: expect.any(String), currency: 'USD', balance: { amount: '0.00' }, available: { amount: '0.00' },
        transactions: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } },
      }],
    });
    expect(JSON.stringify(data)).not.toContain(person.walletId);
    expect(JSON.stringify(data)).not.toContain(person.id);
  });

  it('by a token that names the consent, and the person as this bank alone knows them', async () => {
    const [one, other] = [await tokenFor(nord, ada), await tokenFor(sud, ada)];
    const [mine, theirs] = [await claims(one.token), await claims(other.token)];
    expect(mine).toMatchObject({ client_id: nord.id, partner_id: nord.partnerId, scope: SCOPES, cnf: { jkt: nord.key.thumbprint }, consent_id: expect.any(String) });
    expect(mine['sub']).not.toBe(ada.id);
    expect(mine['sub']).not.toBe(theirs['sub']);
    expect((await claims((await tokenFor(nord, ada)).token))['sub']).toBe(mine['sub']);
  });

  it('each bank its own, and under other names', async () => {
    const person = await world.signUp();
    const second = (await world.ask(OPEN, {}, person.as)).data.openWallet.wallet.id as string;
    const [one, other] = [await tokenFor(nord, person, [person.walletId]), await tokenFor(sud, person, [person.walletId, second])];
    const [seen, alsoSeen] = [await askAsBank(world, one.token, CUSTOMER), await askAsBank(world, other.token, CUSTOMER)];
    expect(seen.data.customer.wallets.map(({ currency }: { currency: string }) => currency)).toEqual(['USD']);
    expect(alsoSeen.data.customer.wallets.map(({ currency }: { currency: string }) => currency)).toEqual(['USD', 'EUR']);
    expect(seen.data.customer.wallets[0].id).not.toBe(alsoSeen.data.customer.wallets[0].id);
  });

  it('and finds it among their consents', async () => {
    const person = await world.signUp();
    await tokenFor(nord, person);
    expect(await consentsOf(person)).toEqual([{
      id: expect.any(String), partnerName: 'Nordbank', scopes: ['wallets:read', 'transactions:read'], status: 'ACTIVE', withdrawnAt: null,
      givenAt: expect.any(String), expiresAt: expect.any(String), wallets: [{ id: person.walletId, currency: 'USD' }],
    }]);
    const [given] = (await world.events('consent.given')).slice(-1);
    expect(given).toMatchObject({ personId: person.id, partnerId: nord.partnerId, walletIds: [person.walletId], scopes: ['wallets:read', 'transactions:read'] });
  });

  it('for as long as the bank asked, and the page said', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord, { form: { consent_days: '7' } });
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    expect((await browser.visit(page)).html).toContain('7 days, until');
    await signInAt(browser, page, person);
    await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: person.walletId }));
    const [{ givenAt, expiresAt }] = await consentsOf(person);
    expect(Date.parse(expiresAt) - Date.parse(givenAt)).toBe(7 * 86_400_000);
  });
});

describe('the page', () => {
  it('says who, what, how long and how to take it back, and is safe to be shown', async () => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    const { html, headers, status } = await browser.visit(page);
    expect(status).toBe(200);
    for (const said of ['Nordbank asks to see your data', 'Your wallets', 'Your transactions', '90 days', 'Withdraw it at any time', 'nordbank.example']) expect(html).toContain(said);
    expect(html).not.toMatch(/<script|onclick|https?:\/\//);
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self' https:\/\/nordbank\.example; frame-ancestors 'none'; base-uri 'none'$/,
      ),
    });
    const chinese = await new Browser(world, 'zh-CN').take(browser, 'tael_interaction').visit(page);
    expect(chinese.html).toContain('<html lang="zh-CN">');
    expect(chinese.html).toContain('Nordbank 请求查看您的数据');
  });

  it('writes what a bank is called, and nothing that it would make of the page', async () => {
    const odd = await openConsentBank(world, 'Odd');
    const { createSealer } = await import('@tael/platform/seal');
    await world.rows('UPDATE partner_copy SET name = $2 WHERE "partnerId" = $1', [odd.partnerId, createSealer(world.settings.SEAL_KEYS).seal(`<b>"O'dd" & co`, odd.partnerId)]);
    const { pushed } = await push(world, odd);
    const browser = new Browser(world);
    const { html } = await browser.visit(await toPage(browser, odd, pushed));
    expect(html).toContain('&lt;b&gt;&quot;O&#39;dd&quot; &amp; co asks');
    expect(html).not.toContain('<b>');
  });

  it('takes no answer from who knows its address alone, nor from who has only the first cookie', async () => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    expect(await signInAt(browser, page, ada)).toMatchObject({ status: 303 });
    expect(await new Browser(world).visit(page)).toMatchObject({ status: 410 });
    expect(await new Browser(world).visit(page, { step: 'allow', wallet: ada.walletId })).toMatchObject({ status: 410 });
    const thief = new Browser(world).take(browser, 'tael_interaction', 'tael_resume');
    const { status, html } = await thief.visit(page, { step: 'allow', wallet: ada.walletId });
    expect(status).toBe(422);
    expect(html).toContain('Sign in to Tael');
    expect(html).not.toContain('Ada Lovelace');
    expect((await browser.visit(page)).html).toContain('Signed in as Ada Lovelace');
  });

  it('refuses a wrong password as signIn does, counts it, and keeps no session after the answer', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    const live = async () => (await world.rows('SELECT 1 FROM session WHERE "personId" = $1 AND "endedAt" IS NULL', [person.id])).length;
    const before = await live();
    const wrong = await browser.visit(page, { step: 'sign-in', email: person.email, password: 'not the password' });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('role="alert"');
    expect(wrong.html).not.toContain('not the password');
    await signInAt(browser, page, person);
    expect(await live()).toBe(before + 1);
    await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: person.walletId }));
    expect(await live()).toBe(before);
    const limit = world.settings.FAILED_SIGN_INS_PER_15_MINUTES;
    const { pushed: again } = await push(world, nord);
    const other = new Browser(world);
    const next = await toPage(other, nord, again);
    for (let n = 1; n <= limit; n += 1) await other.visit(next, { step: 'sign-in', email: person.email, password: 'not the password' });
    expect(await signInAt(other, next, person)).toMatchObject({ status: 422 });
  });

  it('asks for at least one wallet, and of the person', async () => {
    const other = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, ada);
    expect((await browser.visit(page, { step: 'allow' })).html).toContain('Choose at least one wallet');
    for (const wallet of [other.walletId, 'none', [ada.walletId, other.walletId]]) {
      expect(await browser.visit(page, { step: 'allow', wallet })).toMatchObject({ status: 422 });
    }
    const ofRequest = () => world.rows('SELECT 1 FROM consent WHERE "requestId" = $1', [stateHash(pushed.requestUri.split(':').at(-1)!)]);
    expect(await ofRequest()).toEqual([]);
    expect((await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: [ada.walletId, euro] }))).get('code')).toEqual(expect.any(String));
    expect(await ofRequest()).toHaveLength(1);
  });

  it.each(['signed in', 'not signed in'])('sends a person who says no back, %s', async (how) => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    if (how === 'signed in') await signInAt(browser, page, ada);
    const answer = await answerOf(browser, await browser.visit(page, { step: 'refuse' }));
    expect(Object.fromEntries(answer)).toEqual({ error: 'access_denied', error_description: expect.any(String), state: pushed.state, iss: ISSUER });
    expect(await new Browser(world).visit(authorizeAddress(nord, pushed))).toMatchObject({ status: 400 });
  });

  it('gives no consent in one window once another has said no', async () => {
    const { pushed } = await push(world, nord);
    const [one, other] = [new Browser(world), new Browser(world)];
    const [here, there] = [await toPage(one, nord, pushed), await toPage(other, nord, pushed)];
    await signInAt(other, there, ada);
    await one.visit(here, { step: 'refuse' });
    expect(await other.visit(there, { step: 'allow', wallet: ada.walletId })).toMatchObject({ status: 422 });
    expect(await world.rows('SELECT 1 FROM consent WHERE "requestId" = $1', [stateHash(pushed.requestUri.split(':').at(-1)!)])).toEqual([]);
  });

  it.each(['\0', 'a\nb', '\u001b[31m'])('refuses a request with a control character in it: %j', async (state) => {
    expect(await push(world, nord, { form: { state } })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('gives one consent for two clicks at once', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, person);
    const seen = await world.atOnce('consent_dialog', 2, () => browser.visit(page, { step: 'allow', wallet: person.walletId }));
    expect(seen.map(({ status }) => status)).toEqual([303, 303]);
    expect(await consentsOf(person)).toHaveLength(1);
  });

  it('ends with the session that it is for: a new password is not passed by', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, person);
    await world.ask('mutation { endOtherSessions { endedCount userErrors { code } } }', {}, person.as);
    expect(await browser.visit(page, { step: 'allow', wallet: person.walletId })).toMatchObject({ status: 422 });
    expect(await consentsOf(person)).toEqual([]);
  });

  it('is swept with the session of who never answered', async () => {
    const person = await world.signUp();
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, person);
    await world.asOwner(`UPDATE consent_dialog SET "expiresAt" = now() - interval '1 second' WHERE "personId" = '${person.id}'`);
    expect(await world.app.services.dialogs.sweep()).toBeGreaterThan(0);
    expect(await world.rows('SELECT 1 FROM session WHERE "personId" = $1 AND "endedAt" IS NULL', [person.id])).toHaveLength(1);
    expect(await browser.visit(page, { step: 'allow', wallet: person.walletId })).toMatchObject({ status: 422 });
  });
});

describe('a consent ends', () => {
  it('with the next request where its person withdraws it, and for no other bank', async () => {
    const person = await world.signUp();
    const [one, other] = [await tokenFor(nord, person), await tokenFor(sud, person)];
    const { consent_id: consentId } = await claims(one.token);
    const withdraw = () => world.ask(WITHDRAW, { input: { consentId } }, person.as);
    expect((await withdraw()).data.withdrawConsent).toEqual({ consent: { id: consentId, status: 'WITHDRAWN' }, userErrors: [] });
    expect((await askAsBank(world, one.token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await refresh(nord, one.refresh)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await askAsBank(world, other.token, CUSTOMER)).data.customer.wallets).toHaveLength(1);
    // Once more changes nothing, and tells nobody.
    expect((await withdraw()).data.withdrawConsent.userErrors).toEqual([]);
    expect((await world.events('consent.withdrawn')).filter((event) => event['consentId'] === consentId)).toMatchObject([{ reason: 'PERSON', personId: person.id }]);
    expect(await world.rows('SELECT change FROM consent_change WHERE "consentId" = $1 ORDER BY id', [consentId])).toEqual([{ change: 'GIVEN' }, { change: 'WITHDRAWN' }]);
  });

  it('between giving the code and using it, too', async () => {
    const person = await world.signUp();
    const given = await allow(world, nord, person);
    const [{ id }] = await consentsOf(person);
    await world.ask(WITHDRAW, { input: { consentId: id } }, person.as);
    expect(await redeem(world, nord, given)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('by its time, for a token that is still good', async () => {
    const person = await world.signUp();
    const { token, refresh: kept } = await tokenFor(nord, person);
    const { consent_id: consentId } = await claims(token);
    await world.asOwner(`UPDATE consent SET "givenAt" = now() - interval '1 day', "expiresAt" = now() - interval '1 millisecond' WHERE id = '${String(consentId)}'`);
    expect((await askAsBank(world, token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await refresh(nord, kept)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await consentsOf(person)).toMatchObject([{ status: 'EXPIRED' }]);
  });

  it('for nobody but its person', async () => {
    const { token } = await tokenFor(nord, ada);
    const { consent_id: consentId } = await claims(token);
    const stranger = await world.signUp();
    for (const id of [consentId, 'none', stranger.id]) {
      const { data } = await world.ask(WITHDRAW, { input: { consentId: id } }, stranger.as);
      expect(data.withdrawConsent).toEqual({ consent: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'consentId'] }] });
    }
    expect((await askAsBank(world, token, CUSTOMER)).data.customer).not.toBeNull();
  });

  it('is not read by another bank that names it', async () => {
    const { token } = await tokenFor(nord, ada);
    const { consent_id: consentId } = await claims(token);
    const forged = { partnerId: sud.partnerId, consentId: consentId as string };
    const { customers } = world.app.services;
    expect(await customers.find(forged, 'wallets:read')).toBeUndefined();
    expect(await customers.wallets(forged)).toEqual([]);
    expect(await customers.entries(forged, ada.walletId, { limit: 5 })).toEqual([]);
    // Nor of a wallet that is not part of it.
    expect(await customers.entries({ ...forged, partnerId: nord.partnerId }, euro, { limit: 5 })).toEqual([]);
  });

  it('with its bank, where that is suspended', async () => {
    const bank = await openConsentBank(world, 'Endbank');
    const { token } = await tokenFor(bank, ada);
    await tellPartner(world, { partnerId: bank.partnerId, version: 2, status: 'SUSPENDED' });
    expect((await askAsBank(world, token, CUSTOMER)).data).toEqual({ customer: null });
  });
});

describe('a token', () => {
  it('of a consent gives nothing that is the bank’s own, and the other way round', async () => {
    const { token } = await tokenFor(nord, ada);
    expect((await askAsBank(world, token, '{ partnerAccounts(first: 1) { edges { cursor } } }')).errors[0].extensions.code).toBe('FORBIDDEN');
    const own = await askForToken(world, nord);
    expect((await askAsBank(world, own.body.access_token, CUSTOMER)).errors[0].extensions.code).toBe('FORBIDDEN');
    expect(await askForToken(world, nord, { form: { scope: 'wallets:read' } })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect((await world.ask(CUSTOMER, {}, ada.as)).errors![0]!.extensions['code']).toBe('FORBIDDEN');
  });

  it('is fetched again for as long as the consent stands, by its own client alone', async () => {
    const { refresh: kept, token } = await tokenFor(nord, ada);
    const { body } = await refresh(nord, kept);
    expect(body).toMatchObject({ token_type: 'DPoP', scope: SCOPES });
    expect((await claims(body.access_token))['consent_id']).toBe((await claims(token))['consent_id']);
    expect(await refresh(sud, kept)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(nord, kept, { proof: undefined })).toMatchObject({ status: 400 });
    expect(await refresh(nord, kept, { form: { grant_type: 'refresh_token', refresh_token: kept, scope: 'partner:read' } })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    const fewer = await refresh(nord, kept, { form: { grant_type: 'refresh_token', refresh_token: kept, scope: 'wallets:read' } });
    expect((await askAsBank(world, fewer.body.access_token, CUSTOMER)).errors[0].extensions).toMatchObject({ code: 'FORBIDDEN', scope: 'transactions:read' });
  });

  it('leaves no secret in the database or the log', async () => {
    const { code, refresh: kept, pushed, token } = await tokenFor(nord, ada);
    const [rows, log] = [await world.dump(), world.log()];
    for (const secret of [code, kept, token, pushed.requestUri.split(':').at(-1)!, pushed.verifier]) {
      expect(rows).not.toContain(secret);
      expect(log).not.toContain(secret);
    }
  });
});

const bad = (form: Record<string, string | readonly string[] | undefined>) => ({ form });
describe('a pushed request is refused', () => {
  it.each<[string, Record<string, string | readonly string[] | undefined>, string]>([
    ['without PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['with PKCE in plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['with PKCE that names no method', { code_challenge_method: undefined }, 'invalid_request'],
    ['for another address', { redirect_uri: 'https://other.example/back' }, 'invalid_request'],
    ['for a longer address', { redirect_uri: 'https://nordbank.example/back/more' }, 'invalid_request'],
    ['for an address with a query', { redirect_uri: 'https://nordbank.example/back?x=1' }, 'invalid_request'],
    ['without an address', { redirect_uri: undefined }, 'invalid_request'],
    ['for a token at once', { response_type: 'token' }, 'unsupported_response_type'],
    ['for an id token', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['that is pushed already', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
    ['as a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
    ['for the bank’s own scopes', { scope: 'partner:read' }, 'invalid_scope'],
    ['for both', { scope: 'partner:read wallets:read' }, 'invalid_scope'],
    ['for transactions of no wallet', { scope: 'transactions:read' }, 'invalid_scope'],
    ['for no scope', { scope: undefined }, 'invalid_scope'],
    ['for another resource', { resource: 'https://api.tael.example/graphql' }, 'invalid_target'],
    ['for too long', { consent_days: '91' }, 'invalid_request'],
    ['for no days', { consent_days: '0' }, 'invalid_request'],
    ['in another’s name', { client_id: '018f6d1e-0000-7000-8000-000000000000' }, 'invalid_request'],
  ])('%s', async (_what, form, error) => {
    expect(await push(world, nord, bad(form))).toMatchObject({ status: 400, body: { error } });
  });

  it('by a client that may not ask people, and without its keys', async () => {
    const none = await openConsentBank(world, 'Nobank', { redirectUris: [] });
    expect(await push(world, none)).toMatchObject({ status: 400 });
    const unscoped = await openConsentBank(world, 'Ownbank', { scopes: ['partner:read'] });
    expect(await push(world, unscoped)).toMatchObject({ status: 400 });
    const strange = { ...nord, key: await makeKey('ES256') };
    expect(await push(world, nord, bad({ client_assertion: await assertion(strange) }))).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const used = await assertion(nord);
    expect(await push(world, nord, bad({ client_assertion: used }))).toMatchObject({ status: 201 });
    expect(await push(world, nord, bad({ client_assertion: used }))).toMatchObject({ status: 401 });
  });
});

describe('the authorization endpoint', () => {
  it('takes nothing that was not pushed, and nothing beside it', async () => {
    const query = new URLSearchParams({ client_id: nord.id, response_type: 'code', redirect_uri: nord.redirectUri, scope: SCOPES });
    const { location } = await new Browser(world).visit(`${ISSUER}/authorize?${query.toString()}`);
    expect(new URL(location!).searchParams.get('error')).toBe('invalid_request');
    // What stands beside the pushed request is not looked at.
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    await browser.visit(`${authorizeAddress(nord, pushed)}&scope=wallets:read&redirect_uri=https://other.example/&consent_days=1&state=other`);
    const person = await world.signUp();
    const page = `${ISSUER}/consent/${[...browser.jar.keys()].find((key) => key.startsWith('tael_interaction'))!.split('/').at(-1)!}`;
    await signInAt(browser, page, person);
    const answered = await browser.visit((await browser.visit(page, { step: 'allow', wallet: person.walletId })).location!);
    expect(answered.location).toMatch(/^https:\/\/nordbank\.example\/back\?/);
    expect(new URL(answered.location!).searchParams.get('state')).toBe(pushed.state);
    expect(await consentsOf(person)).toMatchObject([{ scopes: ['wallets:read', 'transactions:read'] }]);
  });

  it('says who answers (RFC 9207), so that an answer is not taken for another server’s', async () => {
    const { pushed } = await push(world, nord);
    const browser = new Browser(world);
    const page = await toPage(browser, nord, pushed);
    await signInAt(browser, page, ada);
    const answer = await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: ada.walletId }));
    expect([answer.get('iss'), answer.get('state')]).toEqual([ISSUER, pushed.state]);
    const { body } = await send(world, 'GET', '/.well-known/oauth-authorization-server');
    expect(body).toMatchObject({
      issuer: ISSUER, authorization_response_iss_parameter_supported: true, require_pushed_authorization_requests: true,
      pushed_authorization_request_endpoint: `${ISSUER}/par`, authorization_endpoint: `${ISSUER}/authorize`, code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
    });
  });

  it('takes a request of its own client alone, within a minute, and once', async () => {
    const { pushed } = await push(world, nord);
    expect(await new Browser(world).visit(authorizeAddress(sud, pushed))).toMatchObject({ status: 400 });
    expect(await new Browser(world).visit(authorizeAddress(nord, { requestUri: `${pushed.requestUri}x` }))).toMatchObject({ status: 400 });
    // Two pages of one request: one answer.
    const [first, second] = [new Browser(world), new Browser(world)];
    const [page, other] = [await toPage(first, nord, pushed), await toPage(second, nord, pushed)];
    const person = await world.signUp();
    await signInAt(first, page, person);
    await signInAt(second, other, person);
    await answerOf(first, await first.visit(page, { step: 'allow', wallet: person.walletId }));
    expect(await second.visit(other, { step: 'allow', wallet: person.walletId })).toMatchObject({ status: 422 });
    expect(await consentsOf(person)).toHaveLength(1);
    const { status, headers, html } = await new Browser(world).visit(authorizeAddress(nord, pushed));
    expect([status, headers['content-security-policy']]).toEqual([400, expect.stringContaining(`default-src 'none'`)]);
    expect(html).toContain('This request is over');

    const { pushed: late } = await push(world, nord);
    await world.rows(`UPDATE authorization_state SET payload = jsonb_set(payload, '{exp}', to_jsonb(extract(epoch FROM now())::bigint - 11)) WHERE kind = 'PushedAuthorizationRequest' AND "consumedAt" IS NULL`);
    expect(await new Browser(world).visit(authorizeAddress(nord, late))).toMatchObject({ status: 400 });
  });
});

describe('a code is refused', () => {
  it.each<[string, (bank: ConsentBank) => Promise<Parameters<typeof redeem>[3]>, string]>([
    ['to another bank', async () => ({ by: sud }), 'invalid_grant'],
    ['for another address', async () => ({ form: { redirect_uri: 'https://nordbank.example/' } }), 'invalid_grant'],
    ['without an address', async () => ({ form: { redirect_uri: undefined } }), 'invalid_request'],
    ['without the verifier', async () => ({ form: { code_verifier: undefined } }), 'invalid_grant'],
    ['with another verifier', async () => ({ form: { code_verifier: 'x'.repeat(43) } }), 'invalid_grant'],
    ['without a proof', async () => ({ proof: undefined }), 'invalid_grant'],
    ['with a proof for another address', async () => ({ proof: await proof(nord.key, { claims: { htu: `${ISSUER}/par` } }) }), 'invalid_dpop_proof'],
  ])('%s', async (_what, change, error) => {
    const given = await allow(world, nord, ada);
    expect(await redeem(world, nord, given, await change(nord))).toMatchObject({ status: 400, body: { error } });
    // Who cannot have it cannot spoil it either.
    expect(await redeem(world, nord, given)).toMatchObject({ status: 200 });
  });

  it('by another key than the request was pushed with', async () => {
    const [key, other] = [await makeKey('ES256'), await makeKey('ES256')];
    const bound = async () => {
      const { pushed, body } = await push(world, nord, { proof: await proof(key, { claims: { htu: `${ISSUER}/par` } }) });
      expect(body).toMatchObject({ expires_in: 60 });
      const browser = new Browser(world);
      const page = await toPage(browser, nord, pushed);
      await signInAt(browser, page, ada);
      return { code: (await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: ada.walletId }))).get('code')!, pushed };
    };
    expect(await redeem(world, nord, await bound(), { proof: await proof(other) })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await redeem(world, nord, await bound(), { proof: await proof(key) })).status).toBe(200);
  });

  it('a second time, and what came of the first ends', async () => {
    const person = await world.signUp();
    const { token, refresh: kept, code, pushed } = await tokenFor(nord, person);
    expect((await askAsBank(world, token, CUSTOMER)).data.customer).not.toBeNull();
    expect(await redeem(world, nord, { code, pushed })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await askAsBank(world, token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await refresh(nord, kept)).toMatchObject({ status: 400 });
    expect((await world.events('consent.withdrawn')).at(-1)).toMatchObject({ personId: person.id, reason: 'CODE_REUSED' });
  });

  it('to all but one who bring it at once, and to that one it is worth nothing', async () => {
    const person = await world.signUp();
    const given = await allow(world, nord, person);
    const answers = await Promise.all(Array.from({ length: 4 }, () => redeem(world, nord, given)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBeLessThanOrEqual(1);
    for (const { body } of good) expect((await askAsBank(world, body.access_token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await consentsOf(person)).toMatchObject([{ status: 'WITHDRAWN' }]);
  });

  it('after a minute', async () => {
    const given = await allow(world, nord, ada);
    await world.rows(`UPDATE authorization_state SET payload = jsonb_set(payload, '{exp}', to_jsonb(extract(epoch FROM now())::bigint - 11)) WHERE kind = 'AuthorizationCode' AND "consumedAt" IS NULL`);
    expect(await redeem(world, nord, given)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const [row] = await world.rows(`SELECT (payload ->> 'exp')::bigint - (payload ->> 'iat')::bigint AS life FROM authorization_state WHERE kind = 'AuthorizationCode' AND "consumedAt" IS NOT NULL LIMIT 1`);
    expect(Number(row!['life'])).toBe(60);
  });

  it('where the client was revoked meanwhile, or may not ask people any more', async () => {
    const bank = await openConsentBank(world, 'Laterbank');
    const given = await allow(world, bank, ada);
    await tellPartner(world, { partnerId: bank.partnerId, version: 2, clients: [clientOf(bank, { status: 'REVOKED', tokensRefusedUntil: world.now() })] });
    expect(await redeem(world, bank, given)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
