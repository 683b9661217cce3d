import { broughtMark, deviceCookie } from './device-mark.domain';

const ONE = 'abcdefghijklmnopqrstuvwxyz-_0123';
const TWO = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ-_4567';
const ORIGIN = { origin: 'https://app.tael.test' };

describe('the mark that a request brings', () => {
  it.each<[string, Record<string, string | string[]>, boolean, string | undefined]>([
    ['its cookie', { cookie: `__Host-tael-device=${ONE}` }, true, ONE],
    ['its cookie among others', { cookie: `a=b;  __Host-tael-device=${ONE}; c=d` }, true, ONE],
    ['the cookie of a page', { ...ORIGIN, cookie: `__Host-tael-device=${ONE}` }, true, ONE],
    ['the cookie of a stack without TLS', { cookie: `tael-device=${ONE}` }, false, ONE],
    ['never the unprotected cookie behind TLS', { cookie: `tael-device=${ONE}` }, true, undefined],
    ['never the protected one without', { cookie: `__Host-tael-device=${ONE}` }, false, undefined],
    ['none where two claim to be it', { cookie: `tael-device=${ONE}; tael-device=${TWO}` }, false, undefined],
    ['not what only ends like it', { cookie: `x__Host-tael-device=${ONE}` }, true, undefined],
    ['the header of an app', { 'x-tael-device': ONE }, true, ONE],
    ['the cookie before the header', { cookie: `__Host-tael-device=${ONE}`, 'x-tael-device': TWO }, true, ONE],
    ['no header of a page', { ...ORIGIN, 'x-tael-device': ONE }, true, undefined],
    ['no header of a page that names no origin', { 'sec-fetch-site': 'same-origin', 'x-tael-device': ONE }, true, undefined],
    ['no header twice', { 'x-tael-device': [ONE, TWO] }, true, undefined],
    ['nothing short', { 'x-tael-device': ONE.slice(1) }, true, undefined],
    ['nothing long', { 'x-tael-device': `${ONE}a` }, true, undefined],
    ['nothing with other signs', { 'x-tael-device': `${ONE.slice(1)}=` }, true, undefined],
    ['nothing with a line', { 'x-tael-device': `${ONE.slice(1)}\n` }, true, undefined],
    ['nothing empty', { cookie: 'tael-device=' }, false, undefined],
    ['none', {}, true, undefined],
  ])('is %s', (_what, headers, isSecure, mark) => expect(broughtMark(headers, isSecure)).toBe(mark));
});

describe('the cookie', () => {
  it('is bound to this host and TLS, and no page reads it', () => {
    expect(deviceCookie(ONE, true)).toBe(`__Host-tael-device=${ONE}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict; Secure`);
  });

  it('lacks what a browser would refuse without TLS', () => {
    expect(deviceCookie(ONE, false)).toBe(`tael-device=${ONE}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict`);
  });
});
