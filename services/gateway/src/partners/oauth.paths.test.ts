import { isVisit, oauthPath } from './oauth.paths';

const uid = 'V1StGXR8_Z5jdHi6B-myT';

it.each<[string, string | undefined]>([
  ['/partner/oauth/token', 'POST'],
  ['/partner/oauth/par', 'POST'],
  ['/partner/oauth/jwks', 'GET'],
  ['/partner/oauth/authorize', 'GET'],
  [`/partner/oauth/authorize/${uid}`, 'GET'],
  [`/partner/oauth/consent/${uid}`, 'GET,POST'],
  ['/partner/oauth/consent', undefined],
  ['/partner/oauth/consent/', undefined],
  ['/partner/oauth/consent/short', undefined],
  [`/partner/oauth/consent/${uid}/more`, undefined],
  [`/partner/oauth/consent/..%2f${uid}`, undefined],
  [`/partner/oauth/token/${uid}`, undefined],
  ['/partner/oauth/session/end', undefined],
  ['/partner/oauth/toString', undefined],
])('%s is open to %s', (path, methods) => {
  expect(oauthPath(path)?.methods.join()).toBe(methods);
});

const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const own = 'https://api.tael.example';
it.each<[string, string, object, boolean]>([
  ['a person comes from the bank', 'GET', { ...navigation, 'sec-fetch-site': 'cross-site' }, true],
  ['an old browser', 'GET', {}, true],
  ['a frame', 'GET', { ...navigation, 'sec-fetch-dest': 'iframe' }, false],
  ['a script', 'GET', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, false],
  ['a script without cors', 'GET', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, false],
  ['our form', 'POST', { ...navigation, 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
  ['our form in an old browser', 'POST', { origin: own }, true],
  ['our form in an old browser that names no origin', 'POST', { origin: 'null' }, true],
  ['a form elsewhere', 'POST', { ...navigation, 'sec-fetch-site': 'cross-site', origin: 'https://bank.example' }, false],
  ['a form at a neighbour', 'POST', { ...navigation, 'sec-fetch-site': 'same-site', origin: 'https://other.tael.example' }, false],
  ['a form elsewhere in an old browser', 'POST', { origin: 'https://bank.example' }, false],
])('%s', (_what, method, headers, visit) => {
  expect(isVisit(method, headers, own)).toBe(visit);
});
