/** Proofs that are remembered in all: about forty megabytes. */
const PROOFS_MAX = 300_000;
/** Of one key, so that one bank cannot take the room of the others: five hundred a second over the longest window. */
const PROOFS_PER_KEY_MAX = 60_000;

export type Taken = 'taken' | 'replayed' | 'full';

/** Remembers which proofs were used, by key and jti, until they are too old to be used again. */
export interface ProofMemory {
  /** Takes a proof once. Nothing is forgotten early: where there is no room, a proof is refused. Times in milliseconds. */
  take(proof: { thumbprint: string; jti: string; expiresAt: number }, now: number): Taken;
  size(): number;
}

export function createProofMemory({ max = PROOFS_MAX, perKeyMax = PROOFS_PER_KEY_MAX } = {}): ProofMemory {
  const byKey = new Map<string, Set<string>>();
  // What ends in the same second is forgotten together.
  const bySecond = new Map<number, { thumbprint: string; jti: string }[]>();
  let size = 0;
  let sweptAt = -Infinity;

  function sweep(second: number): void {
    if (second <= sweptAt) return;
    sweptAt = second;
    for (const [end, proofs] of bySecond) {
      if (end >= second) continue;
      bySecond.delete(end);
      for (const { thumbprint, jti } of proofs) {
        const used = byKey.get(thumbprint)!;
        used.delete(jti);
        size--;
        if (used.size === 0) byKey.delete(thumbprint);
      }
    }
  }

  return {
    take({ thumbprint, jti, expiresAt }, now) {
      sweep(Math.floor(now / 1_000));
      const used = byKey.get(thumbprint) ?? new Set();
      if (used.has(jti)) return 'replayed';
      if (size >= max || used.size >= perKeyMax) return 'full';
      byKey.set(thumbprint, used.add(jti));
      const end = Math.ceil(expiresAt / 1_000);
      const together = bySecond.get(end);
      if (together) together.push({ thumbprint, jti });
      else bySecond.set(end, [{ thumbprint, jti }]);
      size++;
      return 'taken';
    },
    size: () => size,
  };
}
