import fc from 'fast-check';
import { createRateBuckets } from './rate.buckets';
import { networkOf, waitFor } from './rate.domain';

const RATE = { perSecond: 10, burst: 50 };

describe('a bucket', () => {
  test('gives its burst at once, then what flows in', () => {
    let now = 1_000;
    const buckets = createRateBuckets(RATE, { now: () => now });
    const taken = (units: number): boolean => {
      if (buckets.wait('a', units) > 0) return false;
      buckets.draw('a', units);
      return true;
    };
    expect([taken(30), taken(20), taken(1)]).toEqual([true, true, false]);
    expect(buckets.wait('a', 1)).toBe(100);
    expect(buckets.wait('a', 20)).toBe(2_000);
    now += 100;
    expect([taken(1), taken(1)]).toEqual([true, false]);
    now += 60_000;
    expect([taken(50), taken(1)]).toEqual([true, false]);
  });

  test('one key does not touch another', () => {
    const buckets = createRateBuckets(RATE, { now: () => 0 });
    buckets.draw('a', 50);
    expect([buckets.wait('a', 1), buckets.wait('b', 50)]).toEqual([100, 0]);
  });

  test('what is more than the bucket waits until it is full; more than empty it never gets', () => {
    const buckets = createRateBuckets(RATE, { now: () => 0 });
    expect(buckets.wait('a', 500)).toBe(0);
    buckets.draw('a', 10_000);
    expect([buckets.wait('a', 1), buckets.wait('a', 500)]).toEqual([100, 5_000]);
  });

  test('goes on at another rate with what is missing, and holds no less than nothing', () => {
    let now = 1_000;
    const buckets = createRateBuckets(RATE, { now: () => now });
    const slow = { perSecond: 1, burst: 100 };
    buckets.turn('a', RATE, slow);
    expect(buckets.size()).toBe(0);
    buckets.draw('a', 80, slow);
    now += 20_000;
    // 60 are missing: as much as there is and ten more.
    buckets.turn('a', slow, RATE);
    expect(buckets.wait('a', 1)).toBe(100);
    buckets.turn('a', RATE, slow);
    expect([buckets.wait('a', 50, slow), buckets.wait('a', 51, slow)]).toEqual([0, 1_000]);
    now += 60_000;
    buckets.turn('a', slow, RATE);
    expect(buckets.wait('a', 50)).toBe(0);
  });

  // Instants are fractions of a millisecond: what is added to them and taken away again need not leave nothing.
  test('that is full gives all that it holds, and lets in what is more, at any instant', () => {
    const rates = fc.record({ perSecond: fc.constantFrom(0.001, 3, 7, 10, 90), burst: fc.integer({ min: 1, max: 1_000 }) });
    const instants = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(rates, instants, fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 500 }), (rate, now, fullFor, more) => {
        const units = rate.burst + more;
        expect(waitFor(rate, undefined, { units, now })).toBe(0);
        expect(waitFor(rate, now - fullFor, { units, now })).toBe(0);
      }),
    );
  });

  test('over any time nobody gets more than the burst and what flows in', () => {
    const requests = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 50 })));
    fc.assert(
      fc.property(requests, (list) => {
        let now = 0;
        let given = 0;
        const buckets = createRateBuckets(RATE, { now: () => now });
        for (const [pause, units] of list) {
          now += pause;
          const wait = buckets.wait('a', units);
          if (wait === 0) {
            buckets.draw('a', units);
            given += units;
          } else expect(buckets.wait('a', units)).toBeLessThanOrEqual(5_000);
          expect(given).toBeLessThanOrEqual(50 + (now / 1_000) * 10 + 1e-6);
        }
      }),
    );
  });

  test('whoever waits as long as it is told gets it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (list) => {
        let now = 0;
        const buckets = createRateBuckets(RATE, { now: () => now });
        for (const units of list) {
          now += Math.ceil(buckets.wait('a', units));
          expect(buckets.wait('a', units)).toBe(0);
          buckets.draw('a', units);
        }
      }),
    );
  });
});

test('the number of buckets is bounded, and those that are full again are forgotten', () => {
  let now = 0;
  const buckets = createRateBuckets(RATE, { now: () => now, max: 100 });
  for (let key = 0; key < 1_000; key++) buckets.draw(`k${key}`, 5);
  expect(buckets.size()).toBe(100);
  expect([buckets.wait('k999', 50), buckets.wait('k0', 50)]).toEqual([500, 0]);
  now = 500;
  buckets.draw('new', 1);
  expect(buckets.size()).toBe(1);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['', ''],
])('the network of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));
