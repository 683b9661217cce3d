import { selfSignedCertificate } from '@tael/testkit';
import { decodeJwt } from 'jose';
import { CertificateBank } from './certificate-bank';
import { allow, door, issuer } from './consent-bank';
import { stack } from './stack';
import { newFundedPerson, type Person } from './world';

const CUSTOMER = '{ customer { wallets { balance { amount } } } }';
const SEEN = { data: { customer: { wallets: [{ balance: { amount: '17.00' } }] } } };

let bank: CertificateBank;
let person: Person;
beforeAll(async () => {
  [bank, person] = await Promise.all([CertificateBank.open('Certbank'), newFundedPerson('17.00')]);
}, 120_000);

it('a bank with a certificate asks for a consent, reads, and gets new tokens; all of them are bound to its certificate', async () => {
  const { answer, ...given } = await allow(bank, person);
  expect([answer.get('iss'), answer.get('state')]).toEqual([issuer, given.state]);
  const { status, body } = await bank.redeem(given);
  expect([status, body]).toEqual([200, expect.objectContaining({ token_type: 'Bearer', scope: 'wallets:read transactions:read' })]);
  const next = await bank.ask('/token', { grant_type: 'refresh_token', refresh_token: body.refresh_token });
  for (const { access_token: token } of [body, next.body]) {
    expect(decodeJwt(token)['cnf']).toEqual({ 'x5t#S256': bank.certificate.digest });
    expect((await bank.graph(token, CUSTOMER)).body).toEqual(SEEN);
  }
});

it('what is stolen from it is worth nothing without the certificate, at either door', async () => {
  const thief = selfSignedCertificate('thief');
  const { answer: _answer, ...given } = await allow(bank, person);
  for (const shown of [null, thief]) expect(await bank.redeem(given, shown)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  const { body } = await bank.redeem(given);
  for (const shown of [null, thief]) {
    expect(await bank.graph(body.access_token, CUSTOMER, shown)).toMatchObject({ status: 401, body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
    expect(await bank.ask('/token', { grant_type: 'refresh_token', refresh_token: body.refresh_token }, shown)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  }
  const plain = await fetch(door, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${body.access_token}` }, body: JSON.stringify({ query: CUSTOMER }),
  });
  expect(plain.status).toBe(401);
  expect((await bank.graph(body.access_token, CUSTOMER)).body).toEqual(SEEN);
});

it('the metadata says where clients with certificates ask', async () => {
  const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
  expect(metadata).toMatchObject({
    issuer, tls_client_certificate_bound_access_tokens: true,
    mtls_endpoint_aliases: { token_endpoint: `${stack.partnerTls.url}/oauth/token`, pushed_authorization_request_endpoint: `${stack.partnerTls.url}/oauth/par` },
  });
});
