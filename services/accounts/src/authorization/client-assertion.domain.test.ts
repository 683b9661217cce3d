import { assertionFault } from './client-assertion.domain';

const issuer = 'https://api.tael.example/partner/oauth';
const nowSeconds = 1_800_000_000;
const usual = { aud: issuer, exp: nowSeconds + 60, iat: nowSeconds };

it.each<[string, Record<string, unknown>, Record<string, unknown>, string | undefined]>([
  ['the usual', {}, {}, undefined],
  ['without iat', { iat: undefined }, {}, undefined],
  ['of a type that says so', {}, { typ: 'client-authentication+jwt' }, undefined],
  ['of the general type', {}, { typ: 'JWT' }, undefined],
  ['a proof', {}, { typ: 'dpop+jwt' }, 'it is a JWT of another type'],
  ['an access token', {}, { typ: 'at+jwt' }, 'it is a JWT of another type'],
  ['of a type that is no text', {}, { typ: 1 }, 'it is a JWT of another type'],
  ['for the token endpoint', { aud: `${issuer}/token` }, {}, 'its audience is not the issuer alone'],
  ['for the issuer in a list', { aud: [issuer] }, {}, 'its audience is not the issuer alone'],
  ['for another server beside', { aud: [issuer, 'https://other.example'] }, {}, 'its audience is not the issuer alone'],
  ['with a slash more', { aud: `${issuer}/` }, {}, 'its audience is not the issuer alone'],
  ['for nobody', { aud: undefined }, {}, 'its audience is not the issuer alone'],
  ['as long as may be', { exp: nowSeconds + 310 }, {}, undefined],
  ['a second longer', { exp: nowSeconds + 311 }, {}, 'it is good for too long'],
  ['without an end', { exp: undefined }, {}, 'it is good for too long'],
  ['ahead within the tolerance', { iat: nowSeconds + 10 }, {}, undefined],
  ['ahead', { iat: nowSeconds + 11 }, {}, 'it was made in the future'],
  ['with a text for iat', { iat: 'now' }, {}, 'it was made in the future'],
])('an assertion %s', (_what, claims, header, fault) => {
  expect(assertionFault({ claims: { ...usual, ...claims }, header }, { issuer, nowSeconds })).toBe(fault);
});
