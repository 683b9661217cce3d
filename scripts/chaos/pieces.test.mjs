import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { piecesWith, readPieces, wholeOf, writePieces } from './pieces.mjs';

const sound = 'nothing lost, nothing doubled';
const piece = { commit: 'a', seed: 7, instances: 2, from: 0, to: 251, minutes: 40.1, acknowledged: 9000, verdict: sound };
const next = { ...piece, commit: 'b', from: 251, to: 500 };

test('a piece that begins where the last one ended is added to it', () => {
  assert.deepEqual(piecesWith([], piece), [piece]);
  assert.deepEqual(piecesWith([piece], next), [piece, next]);
  assert.equal(piecesWith([piece, next], { ...next, from: 500, to: 750 })?.length, 3);
});

test('a run that begins at 0 begins anew', () => {
  assert.deepEqual(piecesWith([piece, next], piece), [piece]);
});

test('any other piece is none of the run, and what is run once more replaces nothing', () => {
  for (const other of [{ ...next, from: 250 }, { ...next, from: 252 }, { ...next, seed: 8 }, { ...next, instances: 1 }]) {
    assert.equal(piecesWith([piece], other), undefined);
  }
  assert.equal(piecesWith([piece, { ...next, verdict: 'broken' }], next), undefined);
});

test('the whole is the sum of its pieces, names the commits, and is broken where one is', () => {
  const whole = { seed: 7, instances: 2, kills: 500, commits: ['a', 'b'], minutes: 80.2, acknowledged: 18_000, verdict: sound };
  assert.deepEqual(wholeOf([piece, next]), whole);
  assert.equal(wholeOf([{ ...piece, verdict: 'broken' }, next]).verdict, 'broken');
  assert.equal(wholeOf([piece, { ...next, verdict: `cut short: ${sound} so far` }]).verdict, sound);
});

test('a file of before there were pieces has none, and one that is damaged is not taken for empty', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tael-chaos-'));
  const file = path.join(folder, 'chaos.json');
  assert.deepEqual(readPieces(file), []);
  writeFileSync(file, JSON.stringify({ bench: 'chaos', kills: 100 }));
  assert.deepEqual(readPieces(file), []);
  writeFileSync(file, '{');
  assert.throws(() => readPieces(file));
  writePieces(file, [piece, next]);
  assert.deepEqual(readPieces(file), [piece, next]);
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).kills, 500);
  assert.deepEqual(readdirSync(folder), ['chaos.json']);
});
