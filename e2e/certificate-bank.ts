import { eventually, selfSignedCertificate, type TestCertificate } from '@tael/testkit';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { SignJWT } from 'jose';
import { type Answer, issuer } from './consent-bank';
import { stack } from './stack';
import { anonymous, must, operator } from './world';

const SCOPES = ['wallets:read', 'transactions:read'];
const TLS = stack.partnerTls;

interface Sent {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Sends to the door with TLS, over a connection of this certificate; null: of none. */
function send(path: string, { headers, body }: Sent, shown: TestCertificate | null): Promise<Answer> {
  const credentials = shown === null ? {} : { cert: shown.cert, key: shown.key };
  return new Promise((resolve, reject) => {
    const sent = request(`${TLS.url}${path}`, { method: 'POST', headers, agent: false, ca: readFileSync(TLS.certificate), ...credentials }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve({ status: response.statusCode!, body: JSON.parse(text) }));
    });
    sent.on('error', reject).end(body);
  });
}

/** A bank whose client signs in with a certificate, as docs/partners/tokens.md says: no assertion and no proof. */
export class CertificateBank {
  private constructor(readonly clientId: string, readonly certificate: TestCertificate, readonly redirectUri: string) {}

  /** Registers a bank by invitation, with one address that people are sent back to. */
  static async open(name: string): Promise<CertificateBank> {
    const [staff, certificate] = [await operator(), selfSignedCertificate(name)];
    const { invitePartner } = await must<any>(staff.client,
      'mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { invitation { code } userErrors { code } } }',
      { input: { name, environment: 'SANDBOX', scopes: ['partner:read', 'keys:manage', ...SCOPES], reason: 'a test' } });
    const { code } = invitePartner.invitation;
    const proof = await new SignJWT({ invitation: createHash('sha256').update(code).digest('base64url') })
      .setProtectedHeader({ alg: 'ES256', typ: 'tael-partner-registration+jwt' }).setAudience('urn:tael:partner-registration').setIssuedAt().sign(certificate.privateKey);
    const { registerPartnerClient } = await must<any>(anonymous,
      'mutation ($input: RegisterPartnerClientInput!) { registerPartnerClient(input: $input) { client { id } userErrors { code field message } } }',
      { input: { invitation: code, certificate: certificate.cert, proof: [proof] } });
    const bank = new CertificateBank(registerPartnerClient.client.id, certificate, `http://localhost:9/${randomUUID()}`);
    await bank.setUp();
    return bank;
  }

  private async setUp(): Promise<void> {
    const token = await eventually(async () => {
      const { status, body } = await this.ask('/token', { grant_type: 'client_credentials', scope: 'keys:manage' });
      expect(status).toBe(200);
      return body.access_token as string;
    }, { describe: 'the new client gets a token', timeoutMs: 15_000 });
    const { body } = await this.graph(token, `mutation { setRedirectUris(input: { uris: ["${this.redirectUri}"], reason: "a test" }) { userErrors { code } } }`);
    expect(body.data.setRedirectUris).toEqual({ userErrors: [] });
    await eventually(async () => expect((await this.push()).status).toBe(201), { describe: 'the address is known', timeoutMs: 15_000 });
  }

  /** Asks the authorization server. */
  ask(path: '/token' | '/par', form: Record<string, string>, shown: TestCertificate | null = this.certificate): Promise<Answer> {
    const body = new URLSearchParams({ client_id: this.clientId, ...form }).toString();
    return send(`/oauth${path}`, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }, shown);
  }

  graph(token: string, query: string, shown: TestCertificate | null = this.certificate): Promise<Answer> {
    return send('/graphql', { body: JSON.stringify({ query }), headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } }, shown);
  }

  async push(): Promise<Answer & { verifier: string; state: string }> {
    const [verifier, state] = [randomBytes(32).toString('base64url'), randomUUID()];
    const answer = await this.ask('/par', {
      response_type: 'code', redirect_uri: this.redirectUri, scope: SCOPES.join(' '), state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    });
    return { ...answer, verifier, state };
  }

  /** People come by the usual door: their browsers have no certificate. */
  authorizeAddress(requestUri: string): string {
    return `${issuer}/authorize?${new URLSearchParams({ client_id: this.clientId, request_uri: requestUri }).toString()}`;
  }

  redeem({ code, verifier }: { code: string; verifier: string }, shown: TestCertificate | null = this.certificate): Promise<Answer> {
    return this.ask('/token', { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: this.redirectUri }, shown);
  }
}
