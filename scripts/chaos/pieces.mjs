import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SOUND } from './outcome.mjs';

/**
 * @typedef {{ commit: string, seed: number, instances: number, from: number, to: number, minutes: number, acknowledged: number, verdict: string }} Piece
 *   One run: kills `from` to `to` of the schedule of its seed.
 */

/**
 * Gives all pieces of a run that is made in several, with this one; undefined where it is none of them. A piece belongs to the run where it begins at the
 * place at which the last one ended; one that begins at 0 begins a run. What was run before is never run over: a broken piece stays broken.
 * @template {Piece} P
 * @param {readonly P[]} before
 * @param {P} piece
 */
export function piecesWith(before, piece) {
  if (piece.from === 0) return [piece];
  const last = before.at(-1);
  const goesOn = last !== undefined && last.seed === piece.seed && last.instances === piece.instances && last.to === piece.from;
  return goesOn ? [...before, piece] : undefined;
}

/**
 * Says of all pieces together what one long run would say of itself: how many kills there were, and that it is sound where none of them is broken. A piece
 * that was cut short has so many kills less, and no other verdict.
 * @param {readonly Piece[]} pieces at least one
 */
export function wholeOf(pieces) {
  const last = pieces.at(-1);
  /** @param {(piece: Piece) => number} number */
  const sum = (number) => pieces.reduce((total, piece) => total + number(piece), 0);
  return {
    seed: last?.seed,
    instances: last?.instances,
    kills: sum(({ from, to }) => to - from),
    commits: [...new Set(pieces.map(({ commit }) => commit))],
    minutes: Number(sum(({ minutes }) => minutes).toFixed(1)),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    verdict: pieces.some(({ verdict }) => verdict === 'broken') ? 'broken' : SOUND,
  };
}

/**
 * The pieces of a file of results; none where there is no such file, or where it is of before there were pieces.
 * @param {string} file
 * @returns {Piece[]}
 */
export function readPieces(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).pieces ?? [];
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Writes results whole or not at all.
 * @param {string} file
 * @param {readonly Piece[]} pieces
 */
export function writePieces(file, pieces) {
  writeFileSync(`${file}.new`, `${JSON.stringify({ bench: 'chaos', ...wholeOf(pieces), pieces }, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
