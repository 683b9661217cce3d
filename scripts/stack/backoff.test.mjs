import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterDeath, DEATHS_MAX, RECOVERED_MS } from './backoff.mjs';

test('a part that keeps dying is started again ever slower, and the fifth death in a row is the last', () => {
  const delays = [];
  let deaths = 0;
  for (let round = 1; round < DEATHS_MAX; round += 1) {
    const next = afterDeath(deaths, 0);
    assert.equal(next.giveUp, false);
    assert.equal(next.deaths, round);
    delays.push(next.delayMs);
    deaths = next.deaths;
  }
  assert.deepEqual(delays, [250, 500, 1_000, 2_000]);
  assert.equal(afterDeath(deaths, 0).giveUp, true);
});

test('a part that was ready for 30 s begins to count anew; one that was ready for less does not', () => {
  assert.deepEqual(afterDeath(4, RECOVERED_MS), { deaths: 1, giveUp: false, delayMs: 250 });
  assert.equal(afterDeath(4, RECOVERED_MS - 1).giveUp, true);
  assert.deepEqual(afterDeath(4, 1_000, 1_000), { deaths: 1, giveUp: false, delayMs: 250 });
});
