import { createHmac } from 'node:crypto';
import { generateKeyPair, type JWTPayload } from 'jose';
import { startGateway, type TestGateway } from '../gateway';
import { AUDIENCE, ISSUER, newPerson } from '../issuer';
import { told, whileServed } from './attack';

const seconds = (): number => Math.floor(Date.now() / 1000);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = (changes: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: newPerson(),
  sid: newPerson(),
  roles: ['OPERATOR'],
  iat: seconds(),
  exp: seconds() + 600,
  ...changes,
});

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ BAD_TOKEN_RATE: { perSecond: 0.001, burst: 60 } });
  await gateway.ask('{ me }', { token: await gateway.issuer.token(newPerson()) });
});
afterAll(() => gateway.close());

type Make = (one: TestGateway) => Promise<string> | string;
const signed =
  (changes: JWTPayload, header: Record<string, unknown> = {}): Make =>
  (one) =>
    one.issuer.token(newPerson(), { claims: changes, header });
const withHeader = (header: object, signature = 'AAAA'): string => `${encode(header)}.${encode(claims())}.${signature}`;
const hmac = async (secret: string): Promise<string> => {
  const text = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(claims())}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const byStranger =
  (header: Record<string, unknown>): Make =>
  async (one) =>
    one.issuer.token(newPerson(), { key: (await generateKeyPair('ES256')).privateKey, header });

const BAD_TOKENS: readonly [string, Make][] = [
  ['expired', signed({ iat: seconds() - 700, exp: seconds() - 60 })],
  ['expired a year ago', signed({ iat: 1, exp: 601 })],
  ['not valid yet', signed({ nbf: seconds() + 120 })],
  ['issued in the future', signed({ iat: seconds() + 120 })],
  ['without an end', signed({ exp: undefined as never })],
  ['with an end that is text', signed({ exp: 'never' as never })],
  ['of another issuer', signed({ iss: 'https://evil.test' })],
  ['for another audience', signed({ aud: 'other' })],
  ['for nobody', signed({ sub: undefined as never })],
  ['for a person that is SQL', signed({ sub: "' OR 1=1 --" })],
  ['without a session', signed({ sid: undefined })],
  ['with a role that is none', signed({ roles: ['ROOT'] })],
  ['with roles that are text', signed({ roles: 'OPERATOR' })],
  ['alg none', () => withHeader({ alg: 'none' }, '')],
  ['alg None', () => withHeader({ alg: 'None', kid: 'k1' }, '')],
  ['HS256 with the public key', async (one) => hmac(JSON.stringify(await one.issuer.publicJwk()))],
  ['HS256 with an empty key', () => hmac('x')],
  ['another signer under the known id', byStranger({})],
  ['an unknown key id', byStranger({ kid: 'stranger' })],
  ['a key id that is a path', byStranger({ kid: '../../../../dev/null' })],
  ['a key id that is SQL', byStranger({ kid: "k1' UNION SELECT 'x" })],
  ['a key set of its own', byStranger({ jku: 'https://evil.test/jwks.json', kid: 'evil' })],
  ['a certificate of its own', byStranger({ x5u: 'https://evil.test/x.pem', x5c: ['AAAA'] })],
  ['a signature that is cut', async (one) => (await one.issuer.token(newPerson())).slice(0, -6)],
  [
    'a signature for other claims',
    async (one) => {
      const [header, , signature] = (await one.issuer.token(newPerson())).split('.');
      return `${header}.${encode(claims())}.${signature}`;
    },
  ],
  ['a critical header that nobody knows', () => withHeader({ alg: 'ES256', kid: 'k1', crit: ['x'], x: 1 })],
  ['no parts', () => 'garbage'],
  ['six kilobytes', () => `${'a'.repeat(6_000)}.b.c`],
];

describe('A13: tokens that are not good', () => {
  test.each(BAD_TOKENS)('%s', async (_what, make) => {
    const before = gateway.subgraphs.seen.length;
    const answer = await gateway.ask('{ me }', { token: await make(gateway) });
    expect(told(answer)).toEqual([401, ['UNAUTHENTICATED']]);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    expect(answer.text).not.toMatch(/JW[STK]|signature|kid|expired/i);
    expect(gateway.subgraphs.seen.length).toBe(before);
  });

  test('a flood of them: the issuer is not asked, soon none is looked at, and good tokens go on', async () => {
    const known = await gateway.issuer.token(newPerson());
    expect((await gateway.ask('{ me }', { token: known })).status).toBe(200);
    const asked = gateway.issuer.asked();
    const token = await byStranger({ kid: 'flood' })(gateway);
    const statuses = await whileServed(gateway, async () => {
      const answers = [];
      for (let n = 0; n < 100; n++) answers.push(await gateway.ask('{ me }', { token: `${token}${n}` }));
      return answers.map(told);
    });
    const refused = statuses.filter(([status]) => status === 401);
    expect(refused.length).toBeLessThanOrEqual(60 - BAD_TOKENS.length);
    expect(statuses.filter(([status]) => status !== 401)).toEqual(
      Array(100 - refused.length).fill([429, ['RATE_LIMITED']]),
    );
    expect(gateway.issuer.asked() - asked).toBeLessThanOrEqual(1);
    expect((await gateway.ask('{ me }', { token: known })).status).toBe(200);
    expect((await gateway.ask('{ me }')).status).toBe(200);
  });
});
