import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { piecesWith, readPieces, wholeOf } from './pieces.mjs';

const sound = 'nothing lost, nothing doubled';
const piece = { seed: 7, instances: 2, from: 0, to: 251, minutes: 40.1, acknowledged: 9000, verdict: sound };
const next = { ...piece, from: 251, to: 500 };

test('a piece that begins where the last one ended is added to it', () => {
  assert.deepEqual(piecesWith([], piece), [piece]);
  assert.deepEqual(piecesWith([piece], next), [piece, next]);
  assert.deepEqual(piecesWith([piece, next], { ...next, from: 500, to: 750 }).length, 3);
});

test('what is run once more replaces itself and what came after it', () => {
  const again = { ...next, verdict: 'broken' };
  assert.deepEqual(piecesWith([piece, next, { ...next, from: 500, to: 750 }], again), [piece, again]);
  assert.deepEqual(piecesWith([piece, next], piece), [piece]);
});

test('any other piece stands alone', () => {
  for (const other of [{ ...next, from: 250 }, { ...next, from: 252 }, { ...next, seed: 8 }, { ...next, instances: 1 }]) {
    assert.deepEqual(piecesWith([piece], other), [other]);
  }
});

test('the whole is the sum of its pieces, and broken where one is', () => {
  assert.deepEqual(wholeOf([piece, next]), { seed: 7, instances: 2, from: 0, kills: 500, minutes: 80.2, acknowledged: 18_000, verdict: sound });
  assert.equal(wholeOf([{ ...piece, verdict: 'broken' }, next]).verdict, 'broken');
  assert.match(wholeOf([piece, { ...next, verdict: `cut short: ${sound} so far` }]).verdict ?? '', /^cut short/);
});

test('a file of before there were pieces has none, and one that is damaged is not taken for empty', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'tael-chaos-')), 'chaos.json');
  assert.deepEqual(readPieces(file), []);
  writeFileSync(file, JSON.stringify({ bench: 'chaos', kills: 100 }));
  assert.deepEqual(readPieces(file), []);
  writeFileSync(file, JSON.stringify({ pieces: [piece] }));
  assert.deepEqual(readPieces(file), [piece]);
  writeFileSync(file, '{');
  assert.throws(() => readPieces(file));
});
