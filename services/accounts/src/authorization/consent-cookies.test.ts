import { consentCookies } from './consent-cookies';

test.each([
  ['https://api.tael.example/partner/oauth', true, '__Secure-tael_consent'],
  // A browser takes no such prefix over plain http: on one's own machine they have none.
  ['http://localhost:4000/partner/oauth', false, 'tael_consent'],
])('the cookies of %s: over TLS alone %s, named %s', (issuer, secure, name) => {
  const cookies = consentCookies(issuer);
  expect({ secure: cookies.secure, name: cookies.names.secret }).toEqual({ secure, name });
  expect(new Set(Object.values(cookies.names)).size).toBe(4);
});
