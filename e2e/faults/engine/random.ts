import { createHash } from 'node:crypto';

/** Numbers that look like chance and follow from a seed: a run can be repeated. */
export interface Random {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T;
}

/** What a draw is for: a seed, and names and numbers that say which draw of the run it is. */
export type Names = readonly (string | number)[];

/** Mulberry32: small, quick and good enough to choose moments and targets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return { next, between, pick: (items) => items[between(0, items.length - 1)]! };
}

/** A whole number below 2^32 that follows from the names alone, whatever was drawn before it. */
function numberOf(names: Names): number {
  return createHash('sha256').update(JSON.stringify(names)).digest().readUInt32BE(0);
}

/** A stream of its own for what has these names: other streams do not move it, and it moves none. */
export const streamOf = (...names: Names): Random => createRandom(numberOf(names));

interface By<T> {
  readonly nameOf: (item: T) => string;
  readonly weightOf?: (item: T) => number;
}

/**
 * Chooses one of many so that the choice is stable (rendezvous hashing): each item draws a number by its own name, the highest
 * has it. An item more is chosen now and then in place of what was chosen before it, and changes no other choice; one that
 * goes leaves its own choices to the rest. An item of weight w draws w times.
 */
export function choose<T>(items: readonly T[], { nameOf, weightOf = () => 1 }: By<T>, ...draw: Names): T {
  let best = items[0] as T;
  let highest = -1;
  for (const item of items) {
    for (let ticket = 0; ticket < weightOf(item); ticket += 1) {
      const number = numberOf([...draw, nameOf(item), ticket]);
      if (number <= highest) continue;
      best = item;
      highest = number;
    }
  }
  return best;
}
