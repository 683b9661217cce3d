import { newKeyPair } from '@tael/testkit';
import { daysToExpiry, judgePem, readCertificate, readJwk, readJwkSet } from './partner-key.domain';

const b64 = (bytes: number[]): string => Buffer.from(bytes).toString('base64url');
const filled = (length: number, first: number, last = 0xff): number[] => [
  first,
  ...Array.from({ length: length - 2 }, () => 0xaa),
  last,
];
const modulus = (bits: number): string => b64(filled(Math.ceil(bits / 8), 1 << ((bits - 1) % 8)));

const ec = { kty: 'EC', crv: 'P-256', x: b64(filled(32, 1)), y: b64(filled(32, 0)) };
const rsa = { kty: 'RSA', n: modulus(2048), e: 'AQAB' };
const reasonOf = (reading: { ok: boolean; reason?: string }): string => (reading.ok ? 'taken' : reading.reason!);

describe('a JWK', () => {
  it.each<[string, unknown, string]>([
    ['EC P-256', ec, 'taken'],
    ['RSA of 2048 bits', rsa, 'taken'],
    ['RSA of 2047 bits', { ...rsa, n: modulus(2047) }, 'KEY'],
    ['RSA of 8192 bits', { ...rsa, n: modulus(8192) }, 'taken'],
    ['RSA of 8193 bits', { ...rsa, n: modulus(8193) }, 'KEY'],
    ['RSA whose modulus begins with a zero byte', { ...rsa, n: b64([0, ...filled(256, 0x80)]) }, 'KEY'],
    ['RSA with the exponent 3', { ...rsa, e: b64([3]) }, 'KEY'],
    ['RSA with the exponent 65535', { ...rsa, e: b64([0xff, 0xff]) }, 'KEY'],
    ['RSA with an even exponent', { ...rsa, e: b64([1, 0, 2]) }, 'KEY'],
    ['RSA with an exponent of 256 bits', { ...rsa, e: b64(filled(32, 0x80)) }, 'taken'],
    ['RSA with an exponent of 257 bits', { ...rsa, e: b64(filled(33, 1)) }, 'KEY'],
    ['RSA without an exponent', { kty: 'RSA', n: rsa.n }, 'KEY'],
    ['RSA whose modulus is a number', { ...rsa, n: 7 }, 'KEY'],
    ['RSA whose modulus is not base64url', { ...rsa, n: `${rsa.n}+/` }, 'KEY'],
    ['RSA whose modulus is padded', { ...rsa, n: `${rsa.n}=` }, 'KEY'],
    ['EC P-384', { ...ec, crv: 'P-384' }, 'KEY'],
    ['EC secp256k1', { ...ec, crv: 'secp256k1' }, 'KEY'],
    ['Ed25519', { kty: 'OKP', crv: 'Ed25519', x: ec.x }, 'KEY'],
    ['EC with a coordinate of 31 bytes', { ...ec, y: b64(filled(31, 1)) }, 'KEY'],
    ['EC with a coordinate of 33 bytes', { ...ec, y: b64(filled(33, 1)) }, 'KEY'],
    ['EC with half a point', { ...ec, y: undefined }, 'KEY'],
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }, 'PRIVATE_KEY'],
    ['a secret without itself', { kty: 'oct' }, 'KEY'],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map<[string, unknown, string]>((member) => [
      `one with ${member}`,
      { ...ec, [member]: null },
      'PRIVATE_KEY',
    ]),
    ['its own algorithm', { ...ec, alg: 'ES256' }, 'taken'],
    ['PS256 for RSA', { ...rsa, alg: 'PS256' }, 'taken'],
    ['RS256 for RSA', { ...rsa, alg: 'RS256' }, 'KEY'],
    ['PS256 for EC', { ...ec, alg: 'PS256' }, 'KEY'],
    ['no algorithm at all', { ...ec, alg: 'none' }, 'KEY'],
    ['one for signatures', { ...ec, use: 'sig', key_ops: ['verify'] }, 'taken'],
    ['one for encryption', { ...ec, use: 'enc' }, 'KEY'],
    ['one that signs', { ...ec, key_ops: ['sign'] }, 'KEY'],
    ['one that verifies and more', { ...ec, key_ops: ['verify', 'encrypt'] }, 'KEY'],
    ['a kid of 128 characters', { ...ec, kid: 'k'.repeat(128) }, 'taken'],
    ['a kid of 129 characters', { ...ec, kid: 'k'.repeat(129) }, 'KEY_ID'],
    ['an empty kid', { ...ec, kid: '' }, 'KEY_ID'],
    ['a kid with a blank', { ...ec, kid: 'a b' }, 'KEY_ID'],
    ['a kid of two lines', { ...ec, kid: 'a\n' }, 'KEY_ID'],
    ['a kid that is a number', { ...ec, kid: 1 }, 'KEY_ID'],
    ['nothing', undefined, 'KEY'],
    ['null', null, 'KEY'],
    ['a list', [ec], 'KEY'],
  ])('%s', (_what, value, expected) => {
    expect(reasonOf(readJwk(value))).toBe(expected);
  });

  it('is kept with what it is made of and nothing else', () => {
    const extra = { kid: 'k1', use: 'sig', x5u: 'https://bank.example/', note: 'x' };
    expect(readJwk({ ...ec, ...extra })).toEqual({ ok: true, value: { kid: 'k1', alg: 'ES256', jwk: ec, expiresAt: null } });
    expect(readJwk({ ...rsa, ...extra })).toEqual({ ok: true, value: { kid: 'k1', alg: 'PS256', jwk: rsa, expiresAt: null } });
  });

  it('of a real pair is taken, and its private half is named as one', () => {
    for (const { publicKey, privateKey } of [
      newKeyPair(),
      newKeyPair('RSA-2048'),
    ]) {
      expect(reasonOf(readJwk(publicKey.export({ format: 'jwk' })))).toBe('taken');
      expect(reasonOf(readJwk(privateKey.export({ format: 'jwk' })))).toBe('PRIVATE_KEY');
    }
  });
});

describe('a key set', () => {
  const key = (kid: string) => ({ ...ec, kid });
  it.each<[string, unknown, string]>([
    ['one key', { keys: [ec] }, 'taken'],
    ['five keys', { keys: ['a', 'b', 'c', 'd', 'e'].map(key) }, 'taken'],
    ['six keys', { keys: ['a', 'b', 'c', 'd', 'e', 'f'].map(key) }, 'JWKS'],
    ['no key', { keys: [] }, 'JWKS'],
    ['two keys of one kid', { keys: [key('a'), key('a')] }, 'KEY_ID'],
    ['a key beside the set', ec, 'JWKS'],
    ['a private key beside the set', { ...ec, d: 'x' }, 'PRIVATE_KEY'],
    ['a private key behind a bad one', { keys: [{ kty: 'oct' }, { ...ec, d: 'x' }] }, 'PRIVATE_KEY'],
    [
      'a private key among too many',
      { keys: [...['a', 'b', 'c', 'd', 'e'].map(key), { ...ec, d: 'x' }] },
      'PRIVATE_KEY',
    ],
    ['a bad key behind a good one', { keys: [ec, { ...ec, crv: 'P-521' }] }, 'KEY'],
    ['keys that are none', { keys: 'all' }, 'JWKS'],
    ['no JSON', undefined, 'JWKS'],
  ])('of %s', (_what, value, expected) => {
    expect(reasonOf(readJwkSet(value))).toBe(expected);
  });
});

describe('a certificate', () => {
  const now = new Date('2026-11-28T08:00:00Z');
  const at = (ms: number) => new Date(now.getTime() + ms);
  it.each<[string, Date, Date, unknown, string]>([
    ['valid now', at(-1), at(1), ec, 'taken'],
    ['valid from now', now, at(1), ec, 'taken'],
    ['valid until now', at(-1), now, ec, 'CERTIFICATE'],
    ['not valid yet', at(1), at(2), ec, 'CERTIFICATE'],
    ['whose dates are none', new Date(Number.NaN), at(1), ec, 'CERTIFICATE'],
    ['of a key that is not taken', at(-1), at(1), { ...ec, crv: 'P-384' }, 'KEY'],
  ])('%s', (_what, validFrom, validTo, key, expected) => {
    expect(reasonOf(readCertificate({ validFrom, validTo, key }, now))).toBe(expected);
  });

  const block = (label: string): string => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
  it.each<[string, string, string | undefined]>([
    ['one certificate', block('CERTIFICATE'), undefined],
    ['a chain', block('CERTIFICATE').repeat(2), 'CERTIFICATE'],
    ['a public key', block('PUBLIC KEY'), 'CERTIFICATE'],
    ['a private key', block('PRIVATE KEY'), 'PRIVATE_KEY'],
    ['a private EC key behind the certificate', block('CERTIFICATE') + block('EC PRIVATE KEY'), 'PRIVATE_KEY'],
    ['an encrypted private key', block('ENCRYPTED PRIVATE KEY'), 'PRIVATE_KEY'],
    ['nothing', '', 'CERTIFICATE'],
    ['a certificate and 17 KiB', block('CERTIFICATE') + ' '.repeat(17_000), 'CERTIFICATE'],
  ])('PEM of %s', (_what, text, expected) => {
    expect(judgePem(text)).toBe(expected);
  });
});

describe('daysToExpiry', () => {
  const end = new Date('2026-12-31T00:00:00Z');
  it.each<[number, number | undefined]>([
    [31, undefined], [30.001, undefined], [30, 30], [7.001, 30], [7, 7], [1.001, 7], [1, 1], [0.001, 1], [0, undefined], [-1, undefined],
  ])('%s days before: %s', (days, expected) => expect(daysToExpiry(end, new Date(end.getTime() - days * 86_400_000))).toBe(expected));
});

describe('the end of a key', () => {
  it.each<[unknown, number | null | 'KEY']>([
    [undefined, null], [1_900_000_000, 1_900_000_000], [253_402_300_799, 253_402_300_799], [253_402_300_800, 'KEY'], [0, 'KEY'], [-1, 'KEY'], [1.5, 'KEY'],
    ['1900000000', 'KEY'], [null, 'KEY'], [NaN, 'KEY'],
  ])('exp %s: %s', (exp, expected) => {
    const reading = readJwk({ ...ec, exp });
    expect(reading.ok ? (reading.value.expiresAt?.getTime() ?? null) : reading.reason).toBe(typeof expected === 'number' ? expected * 1_000 : expected);
  });

  it('is that of its certificate', () => {
    const validTo = new Date('2027-01-01T00:00:00Z');
    const reading = readCertificate({ validFrom: new Date(0), validTo, key: { ...ec, exp: 1_900_000_000 } }, new Date('2026-01-01T00:00:00Z'));
    expect(reading.ok && reading.value.expiresAt).toEqual(validTo);
  });
});
