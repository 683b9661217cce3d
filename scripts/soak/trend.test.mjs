import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fit, judge, lowPoints } from './trend.mjs';

const series = (/** @type {(second: number) => number} */ of, count = 120) =>
  Array.from({ length: count }, (_none, n) => ({ seconds: n * 5, value: of(n * 5) }));
const memory = { share: 0.1, amount: 10 };

test('a line is found as it was drawn', () => {
  const { slope, start } = fit(series((x) => 3 * x + 7));
  assert.ok(Math.abs(slope - 3) < 1e-9 && Math.abs(start - 7) < 1e-6);
  assert.equal(fit([{ seconds: 5, value: 2 }]).slope, 0);
});

test('low points are the bottoms of the teeth of a saw', () => {
  assert.deepEqual(lowPoints(series((x) => (x % 75) + 100)).map(({ value }) => value), Array(8).fill(100));
});

for (const [name, of, grows] of /** @type {const} */ ([
  ['a flat line', () => 200, false],
  ['a warm-up that ends', (/** @type {number} */ x) => Math.min(x, 200), false],
  ['a saw without a trend', (/** @type {number} */ x) => 200 + ((x * 7) % 90), false],
  ['a saw that climbs', (/** @type {number} */ x) => 200 + ((x * 7) % 90) + x / 10, true],
  ['a leak after the warm-up', (/** @type {number} */ x) => 200 + Math.max(0, x - 240) / 5, true],
  ['growth within what is allowed', (/** @type {number} */ x) => 200 + x / 50, false],
  ['what shrinks', (/** @type {number} */ x) => 1_000 - x, false],
])) {
  test(`${name} ${grows ? 'grows' : 'does not grow'}`, () => {
    assert.equal(judge(series(of), memory).grows, grows);
  });
}

for (const [name, of, grows] of /** @type {const} */ ([
  ['a pool that follows the load', (/** @type {number} */ x) => 40 + 25 * Math.sin(x / 60), false],
  ['a pool that never lets go', (/** @type {number} */ x) => 40 + x / 10, true],
  ['one that breathes and climbs', (/** @type {number} */ x) => 40 + 5 * Math.sin(x / 20) + x / 10, true],
])) {
  test(`${name} ${grows ? 'grows' : 'does not grow'}`, () => {
    assert.equal(judge(series(of), { share: 0.05, amount: 4, breathes: true }).grows, grows);
  });
}

test('too few samples are no proof', () => {
  assert.throws(() => judge(series(() => 1, 6), memory), /too few/);
});
