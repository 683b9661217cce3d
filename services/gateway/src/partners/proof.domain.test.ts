import { type GivenProof, plainUrl, problemOfProof } from './proof.domain';

const now = 1_800_000_000;
const url = 'https://api.tael.test/partner/graphql';
const expected = { url, tokenHash: 'h'.repeat(43), now };
const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } };
const claims = { jti: 'a', htm: 'POST', htu: url, iat: now, ath: expected.tokenHash };
const problem = (inHeader: object = {}, inClaims: object = {}): string | undefined =>
  problemOfProof({ header: { ...header, ...inHeader }, claims: { ...claims, ...inClaims } } as GivenProof, expected);

test('a proof that is right', () => expect(problem()).toBeUndefined());

test.each<[string, object, object]>([
  ['PS256', { alg: 'PS256' }, {}],
  ['a minute ago', {}, { iat: now - 60 }],
  ['a minute ahead', {}, { iat: now + 60 }],
  ['a part of a second', {}, { iat: now - 59.5 }],
  ['the longest id', {}, { jti: 'x'.repeat(128) }],
  ['query and fragment', {}, { htu: `${url}?a=b#c` }],
  ['another spelling of the address', {}, { htu: 'HTTPS://API.tael.test:443/partner/graphql' }],
  ['claims of its own', { kid: 'k' }, { nonce: 'n', exp: 1 }],
])('%s is right', (_what, inHeader, inClaims) => expect(problem(inHeader, inClaims)).toBeUndefined());

test.each<[string, object, object]>([
  ['typ', { typ: 'JWT' }, {}],
  ['typ', { typ: undefined }, {}],
  ['alg', { alg: 'none' }, {}],
  ['alg', { alg: 'HS256' }, {}],
  ['alg', { alg: 'RS256' }, {}],
  ['alg', { alg: ['ES256'] }, {}],
  ['crit', { crit: ['b64'] }, {}],
  ['jwk', { jwk: undefined }, {}],
  ['jwk', { jwk: null }, {}],
  ['jwk', { jwk: 'key' }, {}],
  ['jwk', { jwk: [] }, {}],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((name): [string, object, object] => ['private', { jwk: { ...header.jwk, [name]: 'x' } }, {}]),
  ['jti', {}, { jti: undefined }],
  ['jti', {}, { jti: '' }],
  ['jti', {}, { jti: 'x'.repeat(129) }],
  ['jti', {}, { jti: 7 }],
  ['htm', {}, { htm: 'GET' }],
  ['htm', {}, { htm: 'post' }],
  ['htm', {}, { htm: undefined }],
  ['htu', {}, { htu: undefined }],
  ['htu', {}, { htu: 'graphql' }],
  ['htu', {}, { htu: 'http://api.tael.test/partner/graphql' }],
  ['htu', {}, { htu: 'https://api.tael.test/partner/graphql/' }],
  ['htu', {}, { htu: 'https://api.tael.test/partner/Graphql' }],
  ['htu', {}, { htu: 'https://a:b@api.tael.test/partner/graphql' }],
  ['htu', {}, { htu: 'https://api.tael.test.evil/partner/graphql' }],
  ['iat', {}, { iat: now - 61 }],
  ['iat', {}, { iat: now + 61 }],
  ['iat', {}, { iat: String(now) }],
  ['iat', {}, { iat: NaN }],
  ['iat', {}, { iat: undefined }],
  ['ath', {}, { ath: undefined }],
  ['ath', {}, { ath: 'H'.repeat(43) }],
])('%s: %j %j is not', (word, inHeader, inClaims) => expect(problem(inHeader, inClaims)).toContain(word));

test('an address that is none equals no other', () => {
  expect(plainUrl('nowhere')).toBeUndefined();
  expect(plainUrl(`https://x/${'a'.repeat(3_000)}`)).toBeUndefined();
});
