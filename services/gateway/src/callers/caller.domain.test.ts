import fc from 'fast-check';
import { bearerToken, clientAddress, localeOf, preferredLocale } from './caller.domain';

test.each([
  [undefined, undefined],
  ['', undefined],
  ['de', 'de'],
  ['fr;q=0.3, zh-CN;q=0.9, en;q=0.5', 'zh-CN'],
  ['en;q=0, zh', 'zh'],
  ['*', undefined],
  ['<script>, nl', 'nl'],
  ['zh-Hant-TW', 'zh-Hant-TW'],
  ['en;q=abc', 'en'],
  [`${'a,'.repeat(200)}de`, undefined],
  [`${'*,'.repeat(99)}de`, 'de'],
  [`${'*,'.repeat(99)}deu`, undefined],
  ['fr, de', 'fr'],
  ['fr;q=0.5, de;q=0.5', 'fr'],
  [' fr ; v=1 ; q=0.5 , de;q=0.501', 'de'],
  ['fr;q=0., de;q=0.001', 'de'],
  // What is no weight counts as none.
  ['fr;q=0.5, de;q=0.1234', 'de'],
  ['fr;q=0.5, de;q=0.1x', 'de'],
  ['fr;q=0.5, de;xq=0.1', 'de'],
  ['fr;q=0.5, de;q=2', 'de'],
  ['x1, 1x, abcd, a-b, de-a, de-Latn-DE-1996-x1, nl', 'nl'],
  ['de-Latn-DE-1996', 'de-Latn-DE-1996'],
])('Accept-Language %j asks for %j', (header, locale) => {
  expect(preferredLocale(header)).toBe(locale);
});

test.each([
  ['zh-CN', 'de', 'zh-CN'],
  [undefined, 'de', 'de'],
  ['not a locale', 'de', 'de'],
  [undefined, undefined, 'en'],
  ['', 'de', 'de'],
  ['', '', 'en'],
])('the token says %j, the request %j: %j', (token, header, locale) => {
  expect(localeOf(token, header)).toBe(locale);
});

test.each([
  ['no proxy: a claim is not believed', '10.0.0.1', '203.0.113.9', 0, '10.0.0.1'],
  ['one proxy: its entry counts', '10.0.0.1', '203.0.113.9', 1, '203.0.113.9'],
  ['one proxy: what the client wrote before is not believed', '10.0.0.1', '6.6.6.6, 203.0.113.9', 1, '203.0.113.9'],
  ['two proxies', '10.0.0.1', '6.6.6.6, 203.0.113.9, 10.0.0.2', 2, '203.0.113.9'],
  ['fewer entries than proxies: the peer', '10.0.0.1', '10.0.0.2', 2, '10.0.0.1'],
  ['no header', '10.0.0.1', undefined, 1, '10.0.0.1'],
  ['IPv4 in IPv6', '::ffff:10.0.0.1', undefined, 0, '10.0.0.1'],
  ['IPv4 in IPv6 from a proxy', '10.0.0.1', '::ffff:203.0.113.9', 1, '203.0.113.9'],
  ['what only has such a part', '64:ff9b::ffff:a00:1', undefined, 0, '64:ff9b::ffff:a00:1'],
  ['entries of nothing do not count', '10.0.0.1', '203.0.113.9, , ', 1, '203.0.113.9'],
  ['an empty header', '10.0.0.1', '', 1, '10.0.0.1'],
  ['a connection that is gone', undefined, undefined, 0, ''],
  ['no more than an address can be', '10.0.0.1', '0'.repeat(46), 1, '0'.repeat(45)],
])('%s', (_what, peer, forwarded, hops, address) => {
  expect(clientAddress(peer, forwarded, hops)).toBe(address);
});

test.each([
  [undefined, undefined],
  ['', undefined],
  ['  ', undefined],
  ['Bearer abc.def-_=', 'abc.def-_='],
  ['bearer abc', 'abc'],
  ['Bearer', null],
  ['Bearer a b', null],
  ['Basic abc', null],
  ['abc', null],
  ['Bearer   abc  ', 'abc'],
  ['Bearerabc', null],
  ['x Bearer abc', null],
  ['Bearer ', null],
])('Authorization %j carries %j', (header, token) => {
  expect(bearerToken(header)).toBe(token);
});

test('whatever a client sends, the locale is a tag of letters and digits', () => {
  fc.assert(
    fc.property(
      fc.option(fc.string(), { nil: undefined }),
      fc.option(fc.string(), { nil: undefined }),
      (token, header) => {
        expect(localeOf(token, header)).toMatch(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/);
      },
    ),
  );
});
