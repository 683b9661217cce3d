import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './phases.mjs';

const MOST = 600;
const phases = (/** @type {(n: number) => [rss: number, live: number]} */ of, count = 8) =>
  Array.from({ length: count }, (_none, n) => {
    const [rssMiB, liveMiB] = of(n);
    return { rssMiB, liveMiB };
  });

for (const [name, of, grows] of /** @type {const} */ ([
  ['what stays', () => [300, 60], false],
  ['a warm-up', (/** @type {number} */ n) => [n < 2 ? 200 : 320, n < 2 ? 40 : 62], false],
  ['what breathes', (/** @type {number} */ n) => [300 + ((n * 17) % 40), 60 + (n % 2)], false],
  ['what shrinks', (/** @type {number} */ n) => [500 - 20 * n, 90 - 5 * n], false],
  ['what lives a little more after each phase', (/** @type {number} */ n) => [300, 60 + 2 * n], true],
  ['what is resident a little more in each phase', (/** @type {number} */ n) => [300 + 20 * n, 60], true],
  ['what is resident far too much, once', (/** @type {number} */ n) => [n === 1 ? MOST + 1 : 300, 60], true],
])) {
  test(`${name} ${grows ? 'grows' : 'does not grow'}`, () => {
    assert.equal(
      compare(
        phases((n) => [...of(n)]),
        MOST,
      ).grows,
      grows,
    );
  });
}

test('late phases stand beside early ones', () => {
  const { liveMiB, rssMiB, most } = compare(
    phases((n) => [300 + n, 60 + n / 10]),
    MOST,
  );
  assert.deepEqual({ liveMiB, rssMiB, most }, { liveMiB: [60.3, 60.6], rssMiB: [304, 307], most: 307 });
});

test('too few phases prove nothing', () => {
  assert.throws(
    () =>
      compare(
        phases(() => [300, 60], 5),
        MOST,
      ),
    /5 phases are too few/,
  );
});
