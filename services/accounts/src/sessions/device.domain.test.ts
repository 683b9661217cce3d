import fc from 'fast-check';
import { attemptSubject, deviceName, deviceOf, networkOf } from './device.domain';

/** Any character, and halves of one: fast-check's `binary` has no halves, and takes seconds to begin. */
const anySign = fc.oneof(fc.integer({ min: 0, max: 0x10ffff }), fc.integer({ min: 0xd800, max: 0xdfff })).map((code) => String.fromCodePoint(code));

describe('devices', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
      'Chrome on Windows',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0',
      'Edge on Windows',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
      'Safari on iPhone',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
      'Safari on Mac',
    ],
    [
      'Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
      'Samsung Internet on Android',
    ],
    ['Tael/3.2 (iPhone; iOS 19.0)', 'Tael app on iPhone'],
    [
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/127.0.0.0',
      'Opera on ChromeOS',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1',
      'Chrome on iPad',
    ],
    ['curl/8.5.0', 'curl on unknown device'],
    // Not where it is only mentioned, nor beyond the first 512 characters.
    ['libcurl/8.5.0', 'Unknown app on unknown device'],
    ['made with node', 'Unknown app on unknown device'],
    [`${' '.repeat(505)}Chrome/142`, 'Chrome on unknown device'],
    [`${' '.repeat(506)}Chrome/142`, 'Unknown app on unknown device'],
    ['node', 'Node.js on unknown device'],
    ['', 'Unknown app on unknown device'],
    [undefined, 'Unknown app on unknown device'],
  ])('%s', (userAgent, name) => expect(deviceName(deviceOf(userAgent))).toBe(name));

  it('are the same after an update', () => {
    const chrome = (version: string) => `Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/${version} Safari/537.36`;
    expect(deviceOf(chrome('141.0.0.0'))).toEqual(deviceOf(chrome('142.0.7.1')));
  });

  it('are named in our words alone, whatever a client says', () => {
    fc.assert(
      fc.property(fc.string({ unit: anySign, maxLength: 600 }), (text) => {
        expect(deviceName(deviceOf(`<b>${text}`))).toMatch(/^[A-Za-z. ]+ on [A-Za-z ]+$/);
      }),
    );
  });
});

it.each([
  ['203.0.113.77', '203.0.113.77'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('attempts from %s are counted for %s', (address, subject) => expect(attemptSubject(address)).toBe(subject));

describe('networks', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['10.200.30.4', '10.200.30.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:0DB8:0001::1', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['::1', '0:0:0::/48'],
    ['unknown', null],
    ['cafe', null],
    ['fe80::1%eth0', null],
    ['[::1', null],
    ['::ffff:203.0.113.77', null],
    ['', null],
    ['203.0.113.77, 10.0.0.1', null],
  ])('%s is of %s', (address, network) => expect(networkOf(address)).toBe(network));
});
