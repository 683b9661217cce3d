import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChaosOptions } from './options.mjs';

test('the options have their defaults', () => {
  const defaults = { kills: 1000, seed: 1, from: 0, minutes: 600, instances: 2, port: undefined, help: false };
  assert.deepEqual(readChaosOptions([]), defaults);
  assert.deepEqual(readChaosOptions(['--kills', '30', '--seed', '7', '--from', '60']), { ...defaults, kills: 30, seed: 7, from: 60 });
});

test('what is no number in its range is named', () => {
  for (const [name, text] of [
    ['kills', '0'],
    ['seed', '-1'],
    ['from', 'here'],
    ['minutes', 'ten'],
    ['instances', '4'],
    ['port', '80'],
  ]) {
    assert.throws(() => readChaosOptions([`--${name}=${text}`]), new RegExp(`--${name} ${text} is no whole number`));
  }
  assert.throws(() => readChaosOptions(['--kill', '3']), /--kill/);
});
