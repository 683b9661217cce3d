import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './outcome.mjs';

const run = { kills: 1000, asked: 1000, minutes: 40, acknowledged: 9000, breaches: [] };

test('a run with every kill that was asked for, and no breach, is done', () => {
  for (const kills of [1000, 1001]) assert.equal(outcomeOf({ ...run, kills }).status, 0);
  assert.match(outcomeOf(run).text, /^1000 kills in 40 minutes, 9000 operations acknowledged: nothing lost, nothing doubled\.$/);
});

test('a run whose time was up before is not said to be done', () => {
  for (const kills of [0, 999]) {
    const { status, text, verdict } = outcomeOf({ ...run, kills });
    assert.equal(status, 3);
    assert.match(text, /the time was up before the 1000 kills that were asked for/);
    assert.match(verdict, /^cut short/);
  }
});

test('a breach is a breach, however many kills there were', () => {
  for (const kills of [10, 1000]) {
    const { status, verdict } = outcomeOf({ ...run, kills, breaches: ['lost'] });
    assert.deepEqual([status, verdict], [1, 'broken']);
  }
});
