import {
  allow, answerOf, askAsBank, authorizeAddress, Browser, type ConsentBank, openConsentBank, proof, push, redeem, SCOPES, signInAt, toPage,
} from './support/consent-flow';
import { type ConsentWorld, CUSTOMER, startConsentWorld } from './support/consent-world';
import { assertion, clientOf, ISSUER, makeKey, send, tellPartner } from './support/partner-bank';

let world: ConsentWorld['world'];
let nord: ConsentWorld['nord'];
let sud: ConsentWorld['sud'];
let ada: ConsentWorld['ada'];
let tokenFor: ConsentWorld['tokenFor'];
let consentsOf: ConsentWorld['consentsOf'];
let refresh: ConsentWorld['refresh'];

beforeAll(async () => {
  ({ world, nord, sud, ada, tokenFor, consentsOf, refresh } = await startConsentWorld('accounts_consent_requests'));
});
afterAll(() => world.end());

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
    const page = `${ISSUER}/consent/${[...browser.jar.keys()].find((key) => key.startsWith('__Secure-tael_interaction'))!.split('/').at(-1)!}`;
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
