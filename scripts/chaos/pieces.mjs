import { readFileSync } from 'node:fs';

/**
 * @typedef {{ seed: number, instances: number, from: number, to: number, minutes: number, acknowledged: number, verdict: string }} Piece
 *   One run: kills `from` to `to` of the schedule of its seed.
 */

/**
 * Gives what is known of a seed once `piece` was run: the pieces that lead up to it, and it. Pieces that it repeats are replaced; what begins at
 * another place than an earlier one ended, or with another stack, stands alone.
 * @template {Piece} P
 * @param {readonly P[]} before
 * @param {P} piece
 */
export function piecesWith(before, piece) {
  const kept = before.filter(({ to }) => to <= piece.from);
  const last = kept.at(-1);
  const goesOn = last !== undefined && last.seed === piece.seed && last.instances === piece.instances && last.to === piece.from;
  return goesOn ? [...kept, piece] : [piece];
}

/**
 * Says of all pieces together what one long run would say of itself. It is sound where each of them is.
 * @param {readonly Piece[]} pieces at least one
 */
export function wholeOf(pieces) {
  const [first, last] = [pieces[0], pieces.at(-1)];
  /** @param {(piece: Piece) => number} number */
  const sum = (number) => pieces.reduce((total, piece) => total + number(piece), 0);
  return {
    seed: last?.seed,
    instances: last?.instances,
    from: first?.from,
    kills: sum(({ from, to }) => to - from),
    minutes: Number(sum(({ minutes }) => minutes).toFixed(1)),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    verdict: pieces.find(({ verdict }) => verdict === 'broken')?.verdict ?? last?.verdict,
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
