import fc from 'fast-check';
import { createPartnerRates, type PartnerRate } from './partner.rates';
import { createRateBuckets } from './rate.buckets';

const OPEN = { perSecond: 1_000, burst: 1_000 };
const RATE: PartnerRate = { perSecond: 10, burst: 50 };

/** Gives the rates of a gateway whose clock stands until it is moved. */
function gatewayAt(time: { ms: number }) {
  const rates = createPartnerRates(createRateBuckets(OPEN, { now: () => time.ms }));
  rates.know('p', RATE, 0);
  /** Takes so many units one by one as far as they are there; gives how many were. */
  const take = (most: number): number => {
    let units = 0;
    while (units < most && rates.wait('p', 1) === 0) {
      rates.draw('p', 1);
      units += 1;
    }
    return units;
  };
  return { rates, take };
}

describe('what a partner used', () => {
  test('is told once, and only what was there', () => {
    const { rates, take } = gatewayAt({ ms: 0 });
    expect(rates.takeUses()).toEqual([]);
    expect(take(30)).toBe(30);
    rates.draw('p', 100);
    rates.know('q', RATE, 0);
    rates.draw('q', 2);
    expect(rates.takeUses()).toEqual([{ partnerId: 'p', units: 50 }, { partnerId: 'q', units: 2 }]);
    rates.draw('p', 5);
    expect(rates.takeUses()).toEqual([]);
  });
});

describe('what is missing by the count of all gateways', () => {
  test.each<[string, { own: number; told: number; missing: number; agoMs: number }, number]>([
    ['counts instead of less', { own: 10, told: 10, missing: 40, agoMs: 0 }, 10],
    ['does not fill a bucket from which more is missing', { own: 30, told: 30, missing: 10, agoMs: 0 }, 20],
    ['has what was used since on top', { own: 10, told: 4, missing: 30, agoMs: 0 }, 14],
    ['flowed in on its way', { own: 10, told: 10, missing: 40, agoMs: 1_500 }, 25],
    ['flowed in whole', { own: 10, told: 10, missing: 12, agoMs: 5_000 }, 40],
    ['empties the bucket', { own: 0, told: 0, missing: 50, agoMs: 0 }, 0],
  ])('%s', (_name, { own, told, missing, agoMs }, left) => {
    const { rates, take } = gatewayAt({ ms: 1_000 });
    take(told);
    rates.takeUses();
    take(own - told);
    rates.hear('p', missing, agoMs);
    expect(take(1_000)).toBe(left);
  });

  test('is a debt where it is more than the bucket holds: it flows in first, and nothing that is refused makes it less or more', () => {
    const time = { ms: 1_000 };
    const { rates, take } = gatewayAt(time);
    rates.hear('p', 80, 0);
    expect(rates.wait('p', 1)).toBe(3_100);
    rates.draw('p', 5);
    expect([rates.wait('p', 1), rates.takeUses()]).toEqual([3_100, []]);
    time.ms += 3_100;
    expect(take(10)).toBe(1);
  });

  test('of a partner without a rate says nothing', () => {
    const rates = createPartnerRates(createRateBuckets(OPEN, { now: () => 0 }));
    rates.hear('p', 5_000, 0);
    expect(rates.wait('p', 1_000)).toBe(0);
  });
});

test('an operation that costs more than the bucket holds waits until it is full, and is paid for whole', () => {
  const time = { ms: 1_000 };
  const { rates } = gatewayAt(time);
  expect(rates.wait('p', 500)).toBe(0);
  rates.draw('p', 500, true);
  // 450 are owed, and one more is wanted.
  expect(rates.wait('p', 1)).toBe(45_100);
  expect(rates.takeUses()).toEqual([{ partnerId: 'p', units: 500 }]);
});

test('the greatest cost of one operation is that of the newest rate', () => {
  const rates = createPartnerRates(createRateBuckets(OPEN));
  expect(rates.costMax('p')).toBeUndefined();
  rates.know('p', { ...RATE, costMax: 700 }, 2_000);
  rates.know('p', { ...RATE, costMax: 100 }, 1_000);
  expect([rates.costMax('p'), rates.costMax('q')]).toEqual([700, undefined]);
  rates.know('p', RATE, 3_000);
  expect(rates.costMax('p')).toBeUndefined();
});

interface Step {
  readonly pauseMs: number;
  readonly at: number;
  readonly most: number;
}

/** Runs gateways that take what they can, and tell it to one count five times a second, which accounts keeps like this: what is missing flows in, what is told comes on top. */
function run(count: number, steps: readonly Step[], look: (given: number, ms: number) => void): number {
  const time = { ms: 0 };
  const gateways = Array.from({ length: count }, () => gatewayAt(time));
  const all = { missing: 0, at: 0 };
  const report = (): void => {
    for (const { rates } of gateways) {
      for (const { units } of rates.takeUses()) {
        all.missing = Math.max(all.missing - ((time.ms - all.at) / 1_000) * RATE.perSecond, 0) + units;
        all.at = time.ms;
        rates.hear('p', all.missing, 0);
      }
    }
  };
  let given = 0;
  let next = 200;
  for (const { pauseMs, at, most } of steps) {
    for (const end = time.ms + pauseMs; time.ms < end; ) {
      time.ms = Math.min(end, next);
      if (time.ms < next) continue;
      report();
      next += 200;
    }
    given += gateways[at % count]!.take(most);
    look(given, time.ms);
  }
  return given;
}

const steps = fc.array(
  fc.record({ pauseMs: fc.integer({ min: 0, max: 400 }), at: fc.integer({ min: 0, max: 2 }), most: fc.integer({ min: 1, max: 40 }) }),
  { maxLength: 120 },
);

test('over several gateways a partner gets its burst once more for each of them at most, and over time its rate and no more', () => {
  fc.assert(
    fc.property(steps, (list) => {
      // What a gateway holds is the most that the others do not know of yet; it is paid back out of what flows in.
      run(3, list, (given, ms) => expect(given).toBeLessThanOrEqual(3 * RATE.burst + (ms / 1_000) * RATE.perSecond + 1e-6));
    }),
  );
});

test('at one gateway a partner gets all that its bucket would give it', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const time = { ms: 0 };
      const { take } = gatewayAt(time);
      let alone = 0;
      for (const { pauseMs, most } of list) {
        time.ms += pauseMs;
        alone += take(most);
      }
      // Less by what flows into a full bucket between two reports, at most.
      expect(run(1, list, () => undefined)).toBeGreaterThanOrEqual(alone - (0.2 * RATE.perSecond + 1) * (1 + list.length / RATE.burst));
    }),
  );
});
