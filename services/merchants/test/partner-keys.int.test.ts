import { eventually, newKeyPair } from '@tael/testkit';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { calculateJwkThumbprint, UnsecuredJWT } from 'jose';
import {
  addKey, additionProof, type Bank, call, certify, codes, hashOf, invite, lastEvent, newBank, newPair, own, type Pair, registerClient,
  registrationProof, texts,
} from './partner-world';
import { nobody, operator, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('partner_keys');
});
afterAll(() => subject?.stop());

const jwks = (...keys: object[]): string => JSON.stringify({ keys });
const register = (input: object) => call(subject, nobody, 'registerPartnerClient', input);
const reason = 'Yearly rotation';

/** Lets calls begin while the partner's row is held, and go on together once each waits for it. */
async function atOnce<T>(partnerIds: string[], calls: (() => Promise<T>)[]): Promise<T[]> {
  const holder = subject.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('SELECT 1 FROM partner WHERE id = ANY ($1) FOR UPDATE', [partnerIds]);
  const begun = calls.map((begin) => begin());
  await eventually(async () => {
    const [row] = await subject.dataSource.query(
      `SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(row.waiting).toBe(BigInt(calls.length));
  });
  await holder.commitTransaction();
  await holder.release();
  return Promise.all(begun);
}

describe('registerPartnerClient', () => {
  it('registers the keys of a set, each proven; the event has their public halves', async () => {
    const { partnerId, code } = await invite(subject, { scopes: ['partner:read'] });
    const pairs = [newPair('ES256'), newPair('PS256'), newPair('ES256')];
    const proof = await Promise.all(pairs.map((pair) => registrationProof(pair, code)));
    const payload = await register({ invitation: code, jwks: jwks(...pairs.map(({ jwk }) => jwk)), proof: proof.reverse() });
    expect(payload).toMatchObject({ userErrors: [], partnerId, client: { authentication: 'PRIVATE_KEY_JWT', status: 'ACTIVE', scopes: ['partner:read'], tokensRefusedUntil: null } });
    const thumbprints = await Promise.all(pairs.map(({ jwk }) => calculateJwkThumbprint(jwk as never)));
    const shown = payload.client.keys.map(({ kid, thumbprint }: any) => [kid, thumbprint]);
    expect(new Map(shown)).toEqual(new Map(pairs.map(({ kid }, n) => [kid, thumbprints[n]])));
    const { version, clients } = await lastEvent(subject, partnerId);
    expect(version).toBe(2);
    expect(clients).toMatchObject([{ clientId: payload.client.id, status: 'ACTIVE', authentication: 'private_key_jwt', scopes: ['partner:read'], tokensRefusedUntil: null }]);
    const told = new Map(clients[0].keys.map((key: any) => [key.kid, key]));
    for (const { kid, alg, jwk } of pairs) expect(told.get(kid)).toEqual({ ...jwk, alg, use: 'sig' });
  });

  it('takes a kid of the thumbprint where a key has none, and a proof without a kid for a single key', async () => {
    const { code } = await invite(subject);
    const pair = newPair();
    const { kid: _kid, ...jwk } = pair.jwk;
    const { client } = await register({ invitation: code, jwks: jwks(jwk), proof: await registrationProof(pair, code, { header: { kid: undefined } }) });
    expect(client.keys).toMatchObject([{ kid: await calculateJwkThumbprint(pair.jwk as never) }]);
  });

  it.each<[string, Pair['alg'], boolean]>([
    ['of itself, EC', 'ES256', true],
    ['of itself, RSA', 'PS256', true],
    ['of somebody else', 'ES256', false],
  ])('pins a certificate %s', async (_what, alg, isOwn) => {
    const { partnerId, code } = await invite(subject);
    const pair = newPair(alg);
    const certificate = certify(pair, isOwn ? {} : { issuer: newPair('PS256') });
    const kid = Buffer.from(new X509Certificate(certificate).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
    const { client, userErrors } = await register({ invitation: code, certificate, proof: await registrationProof(pair, code, { header: { kid: undefined } }) });
    expect(userErrors).toEqual([]);
    expect(client).toMatchObject({ authentication: 'SELF_SIGNED_TLS_CLIENT_AUTH', keys: [{ kid, status: 'ACTIVE' }] });
    const [key] = (await lastEvent(subject, partnerId)).clients[0].keys;
    const { kid: _kid, ...jwk } = pair.jwk;
    expect(key).toEqual({ ...jwk, kid, alg, use: 'sig', x5c: [new X509Certificate(certificate).raw.toString('base64')], exp: Date.parse(new X509Certificate(certificate).validTo) / 1_000 });
  });

  describe('refuses, and the invitation stays good,', () => {
    const pair = newPair();
    const p384 = newKeyPair('P-384');
    const weak = { ...newPair(), ...newKeyPair('RSA-1024'), alg: 'PS256' as const };
    const privateJwk = pair.privateKey.export({ format: 'jwk' });
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const beside = { ...pair.jwk, x: Buffer.alloc(32, 1).toString('base64url') };
    const cases: [string, object, string, RegExp][] = [
      ['a private key', { jwks: jwks({ ...privateJwk, kid: 'a' }) }, 'input.jwks INVALID_INPUT', /private key/],
      ['a private key in PEM', { jwks: pem }, 'input.jwks INVALID_INPUT', /private key/],
      ['a private key behind a certificate', { certificate: certify(pair) + pem }, 'input.certificate INVALID_INPUT', /private key/],
      ['a symmetric key', { jwks: jwks({ kty: 'oct', k: 'c2VjcmV0' }) }, 'input.jwks INVALID_INPUT', /private key/],
      ['another curve', { jwks: jwks(p384.publicKey.export({ format: 'jwk' })) }, 'input.jwks INVALID_INPUT', /public key for signatures/],
      ['RSA of 1024 bits', { jwks: jwks(weak.publicKey.export({ format: 'jwk' })) }, 'input.jwks INVALID_INPUT', /public key for signatures/],
      ['a point beside the curve', { jwks: jwks(beside) }, 'input.jwks INVALID_INPUT', /public key for signatures/],
      ['no key', { jwks: jwks() }, 'input.jwks INVALID_INPUT', /one to five/],
      ['no JSON', { jwks: 'keys' }, 'input.jwks INVALID_INPUT', /one to five/],
      ['100 KB of JSON', { jwks: jwks({ ...pair.jwk, note: 'x'.repeat(100_000) }) }, 'input.jwks INVALID_INPUT', /one to five/],
      ['one key under two kids', { jwks: jwks(pair.jwk, { ...pair.jwk, kid: 'b' }) }, 'input.jwks INVALID_INPUT', /kid/],
      ['two keys under one kid', { jwks: jwks(pair.jwk, { ...newPair().jwk, kid: pair.kid }) }, 'input.jwks INVALID_INPUT', /kid/],
      ['neither keys nor certificate', {}, 'input INVALID_INPUT', /exactly one/],
      ['keys and certificate', { jwks: jwks(pair.jwk), certificate: certify(pair) }, 'input INVALID_INPUT', /exactly one/],
      ['a certificate of yesterday', { certificate: certify(pair, { to: -1000 }) }, 'input.certificate INVALID_INPUT', /valid today/],
      ['a certificate of tomorrow', { certificate: certify(pair, { from: 60_000 }) }, 'input.certificate INVALID_INPUT', /valid today/],
      ['a certificate with a weak key', { certificate: certify(weak) }, 'input.certificate INVALID_INPUT', /public key for signatures/],
      ['a certificate of another curve', { certificate: certify({ ...pair, ...p384 }) }, 'input.certificate INVALID_INPUT', /public key for signatures/],
      ['PEM of nothing', { certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' }, 'input.certificate INVALID_INPUT', /X\.509/],
    ];
    it.each(cases)('%s', async (_what, keys, refusal, text) => {
      const { partnerId, code } = await invite(subject);
      const payload = await register({ invitation: code, ...keys, proof: await registrationProof(pair, code) });
      expect(codes(payload)).toEqual([refusal]);
      expect(texts(payload)).toMatch(text);
      expect(await subject.events(partnerId)).toHaveLength(1);
      expect(codes(await registerClient(subject, code, newPair()))).toEqual([]);
    });
  });

  describe('refuses as a proof', () => {
    const pair = newPair();
    const other = newPair();
    const cases: [string, (code: string) => string | string[] | Promise<string | string[]>][] = [
      ['nothing', () => []],
      ['no JWS', () => 'none'],
      ['one by another key', (code) => registrationProof({ ...other, kid: pair.kid }, code)],
      ['one that names another key', (code) => registrationProof(pair, code, { header: { kid: other.kid } })],
      ['one about another invitation', () => registrationProof(pair, 'tpi_other')],
      ['one with the code itself', (code) => registrationProof(pair, code, { payload: { invitation: code } })],
      ['one for another audience', (code) => registrationProof(pair, code, { payload: { aud: 'urn:tael:partner-key' } })],
      ['one without an audience', (code) => registrationProof(pair, code, { payload: { aud: undefined as never } })],
      ['one of another type', (code) => registrationProof(pair, code, { header: { typ: 'JWT' } })],
      ['one for the addition of a key', (code) => additionProof(pair, 'client', { payload: { invitation: hashOf(code), aud: 'urn:tael:partner-registration' } })],
      ['one of six minutes ago', (code) => registrationProof(pair, code, { age: 360 })],
      ['one of the future', (code) => registrationProof(pair, code, { age: -120 })],
      ['one without a time', (code) => registrationProof(pair, code, { payload: { iat: undefined as never } })],
      ['one that has expired', (code) => registrationProof(pair, code, { payload: { exp: Math.floor(Date.now() / 1000) - 60 } })],
      ['one without a signature', (code) => new UnsecuredJWT({ aud: 'urn:tael:partner-registration', invitation: hashOf(code) }).setIssuedAt().encode()],
      ['one that was changed', async (code) => (await registrationProof(pair, code)).replace(/\.([^.]+)\./, (_all, body: string) => `.${Buffer.from(Buffer.from(body, 'base64url').toString() + ' ').toString('base64url')}.`)],
      ['two for one key', async (code) => [await registrationProof(pair, code), await registrationProof(pair, code)]],
    ];
    it.each(cases)('%s', async (_what, make) => {
      const { code } = await invite(subject);
      const payload = await register({ invitation: code, jwks: jwks(pair.jwk), proof: await make(code) });
      expect(codes(payload)).toEqual(['input.proof INVALID_INPUT']);
    });

    it('an HMAC with the public key as its secret', async () => {
      const { code } = await invite(subject);
      const { createHmac } = await import('node:crypto');
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = `${part({ alg: 'HS256', typ: 'tael-partner-registration+jwt', kid: pair.kid })}.${part({ aud: 'urn:tael:partner-registration', invitation: hashOf(code), iat: Math.floor(Date.now() / 1000) })}`;
      const secret = createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'pem' });
      const proof = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
      expect(codes(await register({ invitation: code, jwks: jwks(pair.jwk), proof }))).toEqual(['input.proof INVALID_INPUT']);
    });

    it('that of one key for two: nobody registers a key that they do not have', async () => {
      const { code } = await invite(subject);
      const [mine, theirs] = [newPair(), newPair()];
      const proof = await registrationProof(mine, code);
      for (const proofs of [[proof], [proof, proof], [proof, await registrationProof({ ...mine, kid: theirs.kid }, code)]])
        expect(codes(await register({ invitation: code, jwks: jwks(mine.jwk, theirs.jwk), proof: proofs }))).toEqual(['input.proof INVALID_INPUT']);
    });
  });

  it('an unknown, a used, an expired and an ended invitation look alike', async () => {
    const [used, expired, ended] = [await invite(subject), await invite(subject), await invite(subject)];
    await registerClient(subject, used.code, newPair());
    await subject.dataSource.query('UPDATE partner_invitation SET "expiresAt" = now() WHERE "partnerId" = $1', [expired.partnerId]);
    await call(subject, operator(), 'renewPartnerInvitation', { partnerId: ended.partnerId, reason });
    const answers = await Promise.all([used.code, expired.code, ended.code, 'tpi_unknown', '', 'x'.repeat(10_000)].map((code) => registerClient(subject, code, newPair())));
    for (const answer of answers) expect(answer).toEqual(answers[3]);
    expect(codes(answers[3])).toEqual(['input.invitation NOT_FOUND']);
  });

  it('of two with one invitation at once exactly one succeeds', async () => {
    const { partnerId, code } = await invite(subject);
    const answers = await atOnce([partnerId], [1, 2, 3].map(() => () => registerClient(subject, code, newPair())));
    expect(answers.map((answer) => codes(answer)).sort()).toEqual([[], ['input.invitation NOT_FOUND'], ['input.invitation NOT_FOUND']]);
    expect((await lastEvent(subject, partnerId)).clients).toHaveLength(1);
    expect(await subject.events(partnerId)).toHaveLength(2);
  });

  it('of two banks with one key at once exactly one gets it; the other keeps its invitation', async () => {
    const [a, b] = [await invite(subject), await invite(subject)];
    const pair = newPair();
    const answers = await atOnce([a.partnerId, b.partnerId], [a, b].map(({ code }) => () => registerClient(subject, code, pair)));
    expect(answers.map((answer) => codes(answer)).sort()).toEqual([[], ['input ALREADY_EXISTS']]);
    const loser = answers[0].client ? b : a;
    expect(codes(await registerClient(subject, loser.code, newPair()))).toEqual([]);
  });
});

describe('addPartnerKey and retirePartnerKey', () => {
  const retire = (bank: Bank, kid: string) => call(subject, bank.as, 'retirePartnerKey', { kid, reason });
  const statuses = async (bank: Bank) => (await own(subject, bank.as)).clients[0].keys.map(({ kid, status }: any) => [kid, status]);

  it('turn a key without a gap: both hold until the old one is retired', async () => {
    const bank = await newBank(subject);
    const next = newPair('PS256');
    const added = await addKey(subject, bank, next);
    expect(added.userErrors).toEqual([]);
    const between = await lastEvent(subject, bank.partnerId);
    expect(between).toMatchObject({ version: 3, clients: [{ tokensRefusedUntil: null }] });
    expect(between.clients[0].keys.map(({ kid }: any) => kid).sort()).toEqual([bank.pair.kid, next.kid].sort());
    expect((await retire(bank, bank.pair.kid)).userErrors).toEqual([]);
    expect(await statuses(bank)).toEqual([[bank.pair.kid, 'REVOKED'], [next.kid, 'ACTIVE']]);
    const after = await lastEvent(subject, bank.partnerId);
    expect(after.clients[0].keys.map(({ kid }: any) => kid)).toEqual([next.kid]);
    expect(after.clients[0].tokensRefusedUntil).toEqual(expect.any(String));
    expect((await retire(bank, bank.pair.kid)).userErrors).toEqual([]);
    expect((await lastEvent(subject, bank.partnerId)).version).toBe(after.version);
  });

  it('never retire the last key', async () => {
    const bank = await newBank(subject);
    expect(codes(await retire(bank, bank.pair.kid))).toEqual(['input.kid NOT_ALLOWED']);
    expect(codes(await retire(bank, 'unknown'))).toEqual(['input.kid NOT_FOUND']);
    expect(codes(await call(subject, bank.as, 'retirePartnerKey', { kid: bank.pair.kid, reason: '' }))).toEqual(['input.reason INVALID_INPUT']);
    expect(await subject.events(bank.partnerId)).toHaveLength(2);
  });

  it('of the last two keys, retired at once, one stays', async () => {
    const bank = await newBank(subject);
    const second = newPair();
    await addKey(subject, bank, second);
    const answers = await atOnce([bank.partnerId], [bank.pair.kid, second.kid].map((kid) => () => retire(bank, kid)));
    expect(answers.map((answer) => codes(answer)).sort()).toEqual([[], ['input.kid NOT_ALLOWED']]);
    expect((await statuses(bank)).map(([, status]: string[]) => status).sort()).toEqual(['ACTIVE', 'REVOKED']);
  });

  it('keep to five keys, also at once', async () => {
    const bank = await newBank(subject);
    for (let n = 0; n < 3; n += 1) expect(codes(await addKey(subject, bank, newPair()))).toEqual([]);
    const answers = await atOnce([bank.partnerId], [1, 2, 3].map(() => () => addKey(subject, bank, newPair())));
    expect(answers.map((answer) => codes(answer)).sort()).toEqual([[], ['input LIMIT_EXCEEDED'], ['input LIMIT_EXCEEDED']]);
  });

  it.each<[string, (bank: Bank, pair: Pair) => Promise<object>, string]>([
    ['a proof for another client', async (_bank, pair) => ({ jwk: JSON.stringify(pair.jwk), proof: await additionProof(pair, 'another') }), 'input.proof INVALID_INPUT'],
    ['a proof by the old key', async (bank, pair) => ({ jwk: JSON.stringify(pair.jwk), proof: await additionProof({ ...bank.pair, kid: pair.kid }, bank.clientId) }), 'input.proof INVALID_INPUT'],
    ['the proof of a registration', async (_bank, pair) => ({ jwk: JSON.stringify(pair.jwk), proof: await registrationProof(pair, 'code') }), 'input.proof INVALID_INPUT'],
    ['an old proof', async (bank, pair) => ({ jwk: JSON.stringify(pair.jwk), proof: await additionProof(pair, bank.clientId, { age: 360 }) }), 'input.proof INVALID_INPUT'],
    ['a private key', async (bank, pair) => ({ jwk: JSON.stringify(pair.privateKey.export({ format: 'jwk' })), proof: await additionProof(pair, bank.clientId) }), 'input.jwk INVALID_INPUT'],
    ['a set for a key', async (bank, pair) => ({ jwk: jwks(pair.jwk), proof: await additionProof(pair, bank.clientId) }), 'input.jwk INVALID_INPUT'],
    ['a certificate for a client with keys', async (bank, pair) => ({ certificate: certify(pair), proof: await additionProof(pair, bank.clientId, { header: { kid: undefined } }) }), 'input INVALID_INPUT'],
    ['nothing', async (bank, pair) => ({ proof: await additionProof(pair, bank.clientId) }), 'input INVALID_INPUT'],
  ])('refuse %s', async (_what, make, refusal) => {
    const bank = await newBank(subject);
    const pair = newPair();
    expect(codes(await call(subject, bank.as, 'addPartnerKey', await make(bank, pair)))).toEqual([refusal]);
    expect(await subject.events(bank.partnerId)).toHaveLength(2);
  });

  it("another bank's key is nobody else's", async () => {
    const [bank, other] = [await newBank(subject), await newBank(subject)];
    expect(codes(await addKey(subject, bank, { ...other.pair, kid: 'mine', jwk: { ...other.pair.jwk, kid: 'mine' } }))).toEqual(['input ALREADY_EXISTS']);
  });
});
