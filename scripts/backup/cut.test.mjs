import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutAt, fateOf } from './cut.mjs';

const at = (/** @type {number} */ ms) => new Date(ms);
const message = (/** @type {number} */ ms, id = 'a') => ({ timestamp: String(ms), headers: { ce_id: id } });

test('a moment that was asked for is the cut', () => {
  assert.deepEqual(cutAt({ until: at(5_000), lastCommit: at(4_990), endedAt: at(1_000) }), { beforeMs: 5_000, unsureMs: undefined });
});

test('to the end of the log: the millisecond of the last commit is kept, and known as unsure', () => {
  assert.deepEqual(cutAt({ until: undefined, lastCommit: at(4_990), endedAt: at(1_000) }), { beforeMs: 4_991, unsureMs: 4_990 });
});

test('a backup during which nothing was committed stands for its end', () => {
  assert.deepEqual(cutAt({ until: undefined, lastCommit: undefined, endedAt: at(1_000) }), { beforeMs: 1_000, unsureMs: undefined });
});

test('what was sent before the moment is kept, though it waits in the outbox too', () => {
  const cut = cutAt({ until: at(5_000), lastCommit: undefined, endedAt: at(0) });
  assert.equal(fateOf(message(4_999), cut, new Set()), 'kept');
  assert.equal(fateOf(message(4_999), cut, new Set(['a'])), 'kept');
});

test('what was sent later goes: sent again where it waits, undone where it does not', () => {
  const cut = cutAt({ until: at(5_000), lastCommit: undefined, endedAt: at(0) });
  assert.equal(fateOf(message(5_000), cut, new Set(['a'])), 'sent again');
  assert.equal(fateOf(message(5_000), cut, new Set(['b'])), 'undone');
});
