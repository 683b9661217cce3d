import { createHmac } from 'node:crypto';
import { generateKeyPair, type JWTPayload } from 'jose';
import { createTokenKeys } from '../src/callers/token.keys';
import { createTokenVerifier } from '../src/callers/token.verifier';
import { createLogger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { startGateway, type TestGateway } from './gateway';
import { AUDIENCE, ISSUER, type Issuer, newPerson, startIssuer } from './issuer';

const seconds = (): number => Math.floor(Date.now() / 1000);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claimsOf = (personId: string): JWTPayload => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: personId,
  sid: newPerson(),
  roles: ['CUSTOMER'],
  iat: seconds(),
  exp: seconds() + 600,
});

describe('at the door', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  const refused = async (token: string): Promise<void> => {
    const before = gateway.subgraphs.seen.length;
    const answer = await gateway.ask('{ me }', { headers: { authorization: token } });
    expect([answer.status, answer.body.errors?.map((error) => error.extensions['code'])]).toEqual([
      401,
      ['UNAUTHENTICATED'],
    ]);
    expect(answer.body.data).toBeUndefined();
    expect(answer.text).not.toMatch(/JW[STK]|signature|kid|expired/i);
    expect(gateway.subgraphs.seen.length).toBe(before);
  };

  test('a good token says who is asking, and in which language', async () => {
    const person = newPerson();
    const answer = await gateway.ask('{ me }', {
      token: await gateway.issuer.token(person),
      headers: { 'accept-language': 'de' },
    });
    expect(answer.body).toEqual({ data: { me: person } });
    const { identity } = gateway.subgraphs.seen.at(-1)!;
    expect(identity).toMatchObject({
      principal: { personId: person, roles: ['CUSTOMER'] },
      locale: 'zh-CN',
      reference: answer.headers.get('x-request-id'),
      address: '127.0.0.1',
    });
    expect(identity.traceparent).toContain(identity.reference);
  });

  test('a token of who must set a second factor up is nobody, but for the set-up', async () => {
    const person = newPerson();
    const token = await gateway.issuer.token(person, { claims: { roles: [], factor: 'MISSING' } });
    const answer = await gateway.ask('{ me }', { token });
    expect(answer.body).toEqual({ data: { me: 'nobody' } });
    expect(gateway.subgraphs.seen.at(-1)!.identity).toMatchObject({ principal: null, settingUp: { personId: person } });
  });

  test('no token is nobody, in the language of the request', async () => {
    const answer = await gateway.ask('{ me }', {
      headers: { 'accept-language': 'xx-bad-locale-that-is-too-long-to-be-one, de-CH;q=0.9, en;q=0.8' },
    });
    expect(answer.body).toEqual({ data: { me: 'nobody' } });
    expect(gateway.subgraphs.seen.at(-1)!.identity).toMatchObject({ principal: null, locale: 'de-CH' });
  });

  test.each<[string, JWTPayload]>([
    ['expired', { iat: seconds() - 700, exp: seconds() - 60 }],
    ['not valid yet', { nbf: seconds() + 120 }],
    ['issued in the future', { iat: seconds() + 120 }],
    ['of another issuer', { iss: 'https://evil.test' }],
    ['for another audience', { aud: 'other' }],
    ['that lives longer than any of ours', { exp: seconds() + 700 }],
    ['without an end', { exp: undefined as never }],
    ['without a person', { sub: undefined as never }],
    ['for a person that is no id', { sub: "' OR 1=1 --" }],
    ['without a session', { sid: undefined }],
    ['without roles', { roles: [] }],
    ['with a role that is none', { roles: ['ROOT'] }],
    ['with a role, and yet without the factor that it waits for', { roles: ['OPERATOR'], factor: 'MISSING' }],
    ['without roles, waiting for something else', { roles: [], factor: 'NONE' }],
  ])('a token %s is refused', async (_what, claims) => {
    await refused(`Bearer ${await gateway.issuer.token(newPerson(), { claims })}`);
  });

  test('a clock that is 20 s off does not matter', async () => {
    const person = newPerson();
    const late = await gateway.issuer.token(person, { claims: { iat: seconds() - 620, exp: seconds() - 20 } });
    expect((await gateway.ask('{ me }', { token: late })).body).toEqual({ data: { me: person } });
  });

  test('alg none is refused', async () => {
    await refused(`Bearer ${encode({ alg: 'none', typ: 'JWT' })}.${encode(claimsOf(newPerson()))}.`);
    await refused(`Bearer ${encode({ alg: 'none', kid: 'k1' })}.${encode(claimsOf(newPerson()))}.AAAA`);
  });

  test('HS256 with the public key as its secret is refused', async () => {
    const text = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(claimsOf(newPerson()))}`;
    const secret = JSON.stringify(await gateway.issuer.publicJwk());
    await refused(`Bearer ${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`);
  });

  test('a signature by another key is refused, under the known id and under an unknown one', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    await refused(`Bearer ${await gateway.issuer.token(newPerson(), { key: privateKey })}`);
    await refused(
      `Bearer ${await gateway.issuer.token(newPerson(), { key: privateKey, header: { kid: 'stranger' } })}`,
    );
  });

  test('what is truncated, changed or none at all is refused', async () => {
    const token = await gateway.issuer.token(newPerson());
    const [header, , signature] = token.split('.');
    await refused(`Bearer ${token.slice(0, -4)}`);
    await refused(`Bearer ${token.split('.').slice(0, 2).join('.')}`);
    await refused(`Bearer ${header}.${encode(claimsOf(newPerson()))}.${signature}`);
    await refused('Bearer garbage');
    await refused('Bearer ');
    await refused(`Basic ${Buffer.from('a:b').toString('base64')}`);
    await refused(`Bearer ${'a'.repeat(5_000)}.b.c`);
  });

  test('a token that ended is refused although it was good before', async () => {
    const soon = await gateway.issuer.token(newPerson(), { claims: { iat: seconds() - 620, exp: seconds() - 28 } });
    expect((await gateway.ask('{ me }', { token: soon })).status).toBe(200);
    await eventually(async () => expect((await gateway.ask('{ me }', { token: soon })).status).toBe(401), { timeoutMs: 8_000 });
  });

  test('an identity that a client sends itself is never passed on', async () => {
    const forged = { 'x-tael-identity': 'v1.test.e30.AAAA' };
    const answer = await gateway.ask('{ me }', { headers: forged });
    expect(answer.body).toEqual({ data: { me: 'nobody' } });
    expect(gateway.subgraphs.seen.at(-1)!.headers['x-tael-identity']).not.toBe(forged['x-tael-identity']);
    expect(gateway.subgraphs.refused).toEqual([]);
  });

  test('the address of a client is its own, whatever it claims', async () => {
    await gateway.ask('{ me }', { headers: { 'x-forwarded-for': '203.0.113.9' } });
    expect(gateway.subgraphs.seen.at(-1)!.identity.address).toBe('127.0.0.1');
  });
});

describe('the key set', () => {
  let issuer: Issuer;
  const log = createLogger({ service: 'gateway', level: 'silent' });
  beforeEach(async () => {
    issuer = await startIssuer();
  });
  afterEach(() => issuer.close());

  test('a new key is fetched when a token names it; unknown ids ask at most once in 30 s', async () => {
    let now = Date.now();
    const keys = createTokenKeys({ urls: [issuer.jwksUrl], log, now: () => now });
    const verifier = createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE });
    await verifier.verify(await issuer.token(newPerson()));
    expect(issuer.asked()).toBe(1);

    const { kid, key } = await issuer.rotate();
    const rotated = await issuer.token(newPerson(), { key, header: { kid } });
    await expect(verifier.verify(rotated)).rejects.toThrow('not valid');
    expect(issuer.asked()).toBe(1);
    now += 31_000;
    await expect(verifier.verify(rotated)).resolves.toMatchObject({ locale: 'zh-CN' });
    expect(issuer.asked()).toBe(2);

    now += 31_000;
    const stranger = await issuer.token(newPerson(), { header: { kid: 'stranger' } });
    await Promise.allSettled(Array.from({ length: 20 }, () => verifier.verify(stranger)));
    for (let time = 0; time < 20; time++) await verifier.verify(stranger).catch(() => undefined);
    expect(issuer.asked()).toBe(3);
    keys.close();
  });

  test('a key that was withdrawn is forgotten although no token names an unknown one; what it signed is refused', async () => {
    const keys = createTokenKeys({ urls: [issuer.jwksUrl], log, refreshMs: 50 });
    const verifier = createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE });
    try {
      const { kid, key } = await issuer.rotate();
      const old = await issuer.token(newPerson());
      const next = await issuer.token(newPerson(), { key, header: { kid } });
      await eventually(() => verifier.verify(next));
      await expect(verifier.verify(old)).resolves.toMatchObject({ locale: 'zh-CN' });
      issuer.withdraw('k1');
      await eventually(() => expect(verifier.verify(old)).rejects.toThrow('not valid'));
      await expect(verifier.verify(next)).resolves.toMatchObject({ locale: 'zh-CN' });
    } finally {
      keys.close();
    }
  });

  test('a key set that cannot be read is asked for again soon, although keys are known', async () => {
    const keys = createTokenKeys({ urls: [issuer.jwksUrl], log, refreshMs: 2_000 });
    const verifier = createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE });
    try {
      const old = await issuer.token(newPerson());
      await verifier.verify(old);
      issuer.away(true);
      issuer.withdraw('k1');
      // The look of every two seconds fails; the next comes half a second later.
      await eventually(() => expect(issuer.asked()).toBeGreaterThan(2), { timeoutMs: 6_000 });
      issuer.away(false);
      await eventually(() => expect(verifier.verify(old)).rejects.toThrow('not valid'), { timeoutMs: 1_900 });
    } finally {
      keys.close();
    }
  });

  test('a token that is being looked at while its key is withdrawn is not remembered', async () => {
    const keys = createTokenKeys({ urls: [issuer.jwksUrl], log, refreshMs: 50 });
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const token = await issuer.token(newPerson());
    await eventually(() => expect(keys.health()).toEqual({ ready: true }));
    // It has found its key, and stands still before the signature is compared.
    const slow = { ...keys, getKey: async (...given: Parameters<typeof keys.getKey>) => (await Promise.all([keys.getKey(...given), held]))[0] };
    const verifier = createTokenVerifier({ keys: slow as typeof keys, issuer: ISSUER, audience: AUDIENCE });
    try {
      const looking = verifier.verify(token);
      const changed = new Promise<void>((resolve) => keys.onChange(() => resolve()));
      issuer.withdraw('k1');
      await changed;
      goOn();
      await expect(looking).resolves.toMatchObject({ locale: 'zh-CN' });
      expect(verifier.recall(token)).toBeUndefined();
    } finally {
      keys.close();
    }
  });

  test('another algorithm is refused, even with a key of the set', async () => {
    const { kid, key } = await issuer.rotate('RS256');
    const keys = createTokenKeys({ urls: [issuer.jwksUrl], log });
    const verifier = createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE });
    const token = await issuer.token(newPerson(), { key, header: { kid, alg: 'RS256' } });
    await expect(verifier.verify(token)).rejects.toThrow('not valid');
    keys.close();
  });

  test('tokens of known keys are good while the issuer is away, and unknown ids do not flood it', async () => {
    let now = Date.now();
    const keys = createTokenKeys({ urls: [issuer.jwksUrl], log, now: () => now });
    const verifier = createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE });
    await verifier.verify(await issuer.token(newPerson()));
    issuer.away(true);
    now += 60_000;
    for (let time = 0; time < 5; time++) {
      const stranger = await issuer.token(newPerson(), { header: { kid: `stranger-${time}` } });
      await expect(verifier.verify(stranger)).rejects.toThrow('not valid');
    }
    expect(issuer.asked()).toBe(2);
    await expect(verifier.verify(await issuer.token(newPerson()))).resolves.toMatchObject({ locale: 'zh-CN' });
    keys.close();
  });

  test('of several instances the first that answers is believed; keys stay good while none does', async () => {
    const [nowhere, away] = ['http://127.0.0.1:1/.well-known/jwks.json', await startIssuer()];
    away.away(true);
    let now = Date.now();
    const keys = createTokenKeys({ urls: [nowhere, away.jwksUrl, issuer.jwksUrl], log, now: () => now });
    const verifier = createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE });
    try {
      await expect(verifier.verify(await issuer.token(newPerson()))).resolves.toMatchObject({ locale: 'zh-CN' });
      expect([away.asked(), issuer.asked()]).toEqual([1, 1]);
      // Who answered last is asked first: the others are not waited for each time.
      const { kid, key } = await issuer.rotate();
      now += 31_000;
      await verifier.verify(await issuer.token(newPerson(), { key, header: { kid } }));
      expect([away.asked(), issuer.asked()]).toEqual([1, 2]);
      issuer.away(true);
      now += 31_000;
      await expect(verifier.verify(await issuer.token(newPerson(), { header: { kid: 'stranger' } }))).rejects.toThrow('not valid');
      expect([away.asked(), issuer.asked()]).toEqual([2, 3]);
      await expect(verifier.verify(await issuer.token(newPerson()))).resolves.toMatchObject({ locale: 'zh-CN' });
    } finally {
      keys.close();
      await away.close();
    }
  });

  test('where no instance answered yet, it is said of each why', async () => {
    issuer.away(true);
    const keys = createTokenKeys({ urls: ['http://127.0.0.1:1/jwks.json', issuer.jwksUrl], log });
    const verifier = createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE });
    await expect(verifier.verify(await issuer.token(newPerson()))).rejects.toThrow('not known yet');
    expect(keys.health()).toMatchObject({ ready: false, cause: expect.stringMatching(/; the key set answered 503/) });
    keys.close();
  });

  test('before any key set was read a token is neither good nor bad, and people without one are served', async () => {
    issuer.away(true);
    const gateway = await startGateway({ JWKS_URL: [issuer.jwksUrl] });
    try {
      const answer = await gateway.ask('{ me }', { token: await issuer.token(newPerson()) });
      expect([answer.status, answer.body.errors?.[0]?.extensions]).toEqual([
        503,
        {
          code: 'SERVICE_UNAVAILABLE',
          retryable: true,
          retryAfterSeconds: 2,
          reference: answer.headers.get('x-request-id'),
        },
      ]);
      expect((await gateway.ask('{ me }')).body).toEqual({ data: { me: 'nobody' } });
      expect((await fetch(new URL('/ready', gateway.url))).status).toBe(503);
      issuer.away(false);
      const person = newPerson();
      const good = await gateway.ask('{ me }', { token: await issuer.token(person) });
      expect(good.body).toEqual({ data: { me: person } });
    } finally {
      await gateway.close();
    }
  });
});
