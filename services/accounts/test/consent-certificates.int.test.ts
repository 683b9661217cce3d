import { createHash, randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { NewPerson } from './people-world';
import { answerOf, askAsBank, Browser, type ConsentBank, openConsentBank, SCOPES, signInAt, toPage } from './support/consent-flow';
import { type ConsentWorld, CUSTOMER, startConsentWorld } from './support/consent-world';
import { type Answer, clientOf, makeKey, proof, send, tellPartner } from './support/partner-bank';
import { type ClientCertificate, selfSignedCertificate } from './support/partner-certificate';

// The way of a consent for a client that signs in with a certificate: no assertion and no proof anywhere.
let world: ConsentWorld['world'];
let ada: NewPerson;
let bank: ConsentBank;
const [own, other] = [selfSignedCertificate('own'), selfSignedCertificate('other')];

const byCertificate = (...certificates: ClientCertificate[]) =>
  ({ authentication: 'self_signed_tls_client_auth', keys: certificates.map(({ jwk }) => jwk) }) as const;

beforeAll(async () => {
  ({ world, ada } = await startConsentWorld('accounts_consent_certificates', { PARTNER_TLS_ISSUER: 'https://tls.tael.example/partner/oauth' }));
  bank = await openConsentBank(world, 'Certbank', byCertificate(own));
});
afterAll(() => world.end());

type Form = Record<string, string>;
/** Asks as a client that showed this certificate at the TLS door; null: that showed none. */
const ask = (path: '/par' | '/token', form: Form, { shown = own, headers = {} }: { shown?: ClientCertificate | null; headers?: Record<string, string> } = {}): Promise<Answer> =>
  send(world, 'POST', path, { form: { client_id: bank.id, ...form }, headers, ...(shown ? { certificate: shown.der, identity: { certificate: shown.thumbprint } } : {}) });

function pushForm(): { form: Form; verifier: string; state: string } {
  const [verifier, state] = [randomBytes(32).toString('base64url'), randomBytes(8).toString('hex')];
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { verifier, state, form: { response_type: 'code', redirect_uri: bank.redirectUri, scope: SCOPES, state, code_challenge: challenge, code_challenge_method: 'S256' } };
}

/** A person says yes; gives what the code is redeemed with. */
async function allowed(): Promise<Form> {
  const { form, verifier, state } = pushForm();
  const { status, body } = await ask('/par', form);
  expect([status, body.expires_in]).toEqual([201, 60]);
  const browser = new Browser(world);
  const page = await toPage(browser, bank, { verifier, state, requestUri: body.request_uri });
  await signInAt(browser, page, ada);
  const answer = await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: ada.walletId }));
  return { grant_type: 'authorization_code', code: answer.get('code')!, redirect_uri: bank.redirectUri, code_verifier: verifier };
}

const boundTo = (token: string) => decodeJwt(token)['cnf'];
const REFUSED = { status: 401, body: { error: 'invalid_client' } };

it('is told where to ask', async () => {
  const { body } = await send(world, 'GET', '/.well-known/openid-configuration');
  expect(body.mtls_endpoint_aliases).toEqual({
    token_endpoint: 'https://tls.tael.example/partner/oauth/token', pushed_authorization_request_endpoint: 'https://tls.tael.example/partner/oauth/par',
  });
});

it('gets tokens that are bound to its certificate, and new ones for as long as the consent stands', async () => {
  const { status, body } = await ask('/token', await allowed());
  expect([status, body]).toEqual([200, expect.objectContaining({ token_type: 'Bearer', expires_in: 300, scope: SCOPES, refresh_token: expect.any(String) })]);
  expect(boundTo(body.access_token)).toEqual({ 'x5t#S256': own.thumbprint });
  expect((await askAsBank(world, body.access_token, CUSTOMER)).data.customer.wallets).toHaveLength(1);
  // Here is no gateway that asks subgraphs of banks.
  expect((await askAsBank(world, body.access_token, '{ customer { subject wallets { reference } } }')).data.customer).toEqual({ subject: null, wallets: [{ reference: null }] });
  const next = await ask('/token', { grant_type: 'refresh_token', refresh_token: body.refresh_token });
  expect(next).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
  expect(boundTo(next.body.access_token)).toEqual({ 'x5t#S256': own.thumbprint });
});

it('is refused at each step without its certificate, and with another', async () => {
  for (const shown of [null, other]) expect(await ask('/par', pushForm().form, { shown })).toMatchObject(REFUSED);
  const form = await allowed();
  for (const shown of [null, other]) expect(await ask('/token', form, { shown })).toMatchObject(REFUSED);
  // Who cannot have it cannot spoil it either.
  const { body } = await ask('/token', form);
  const again = { grant_type: 'refresh_token', refresh_token: body.refresh_token as string };
  for (const shown of [null, other]) expect(await ask('/token', again, { shown })).toMatchObject(REFUSED);
  expect(await ask('/token', again)).toMatchObject({ status: 200 });
});

it('has one binding: a proof beside the certificate is refused', async () => {
  const key = await makeKey('ES256');
  expect(await ask('/token', await allowed(), { headers: { dpop: await proof(key) } })).toMatchObject({ status: 400 });
});

it('gets nothing for the code of another client, which is none the worse for it', async () => {
  const stranger = await openConsentBank(world, 'Otherbank', byCertificate(other));
  const form = await allowed();
  expect(await ask('/token', { ...form, client_id: stranger.id }, { shown: other })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect(await ask('/token', form)).toMatchObject({ status: 200 });
});

it('keeps its consents when it turns its certificate: what comes then is bound to the new one, and the old one gets nothing', async () => {
  const [before, after] = [selfSignedCertificate('before'), selfSignedCertificate('after')];
  const turning = await openConsentBank(world, 'Turnbank', byCertificate(before));
  const saved = bank;
  bank = turning;
  try {
    const { form, verifier, state } = pushForm();
    const pushed = await ask('/par', form, { shown: before });
    const browser = new Browser(world);
    const page = await toPage(browser, turning, { verifier, state, requestUri: pushed.body.request_uri });
    await signInAt(browser, page, ada);
    const code = (await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: ada.walletId }))).get('code')!;
    const { body } = await ask('/token', { grant_type: 'authorization_code', code, redirect_uri: turning.redirectUri, code_verifier: verifier }, { shown: before });
    expect(boundTo(body.access_token)).toEqual({ 'x5t#S256': before.thumbprint });
    const client = clientOf(turning, { ...byCertificate(after), scopes: ['partner:read', 'wallets:read', 'transactions:read'], redirectUris: [turning.redirectUri] });
    await tellPartner(world, { partnerId: turning.partnerId, version: 2, clients: [client] });
    const again = { grant_type: 'refresh_token', refresh_token: body.refresh_token as string };
    expect(await ask('/token', again, { shown: before })).toMatchObject(REFUSED);
    const next = await ask('/token', again, { shown: after });
    expect([next.status, boundTo(next.body.access_token)]).toEqual([200, { 'x5t#S256': after.thumbprint }]);
  } finally {
    bank = saved;
  }
});
