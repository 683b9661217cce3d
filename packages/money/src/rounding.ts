/** Gives an amount without its sign. */
export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Divides two integers and rounds half to even (banker's rounding, IEEE 754 roundTiesToEven). `divisor` must not be 0. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  if (divisor === 0n) throw new RangeError('division by zero');
  const negative = dividend < 0n !== divisor < 0n;
  const numerator = magnitude(dividend);
  const denominator = magnitude(divisor);
  const floor = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && floor % 2n === 1n);
  const rounded = up ? floor + 1n : floor;
  return negative ? -rounded : rounded;
}

/** Takes `basisPoints` hundredths of a percent of `minor`, rounded half-even: 250 of 1001n is 25n. */
export function basisPointsOf(minor: bigint, basisPoints: number): bigint {
  if (!Number.isSafeInteger(basisPoints)) throw new RangeError('basis points are whole numbers');
  return divideHalfEven(minor * BigInt(basisPoints), 10_000n);
}

/** Gives `part / whole` of `minor`, rounded half-even; the whole of it where `part` equals `whole`. */
export function proportionOf(minor: bigint, part: bigint, whole: bigint): bigint {
  return divideHalfEven(minor * part, whole);
}

/**
 * Splits `total` by `weights` so that the parts sum exactly to it: largest-remainder (Hamilton) method, ties to the
 * earlier part. Weights are non-negative and not all zero; `total` is not negative.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (total < 0n || sum <= 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError('allocate needs a total of at least 0 and weights of at least 0 with a positive sum');
  }
  const parts = weights.map((weight) => (total * weight) / sum);
  const rest = Number(total - parts.reduce((a, b) => a + b, 0n));
  // The sort is stable, which leaves the earlier part first where remainders are equal.
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (total * weight) % sum }))
    .sort((a, b) => Number(b.remainder - a.remainder));
  for (const { index } of byRemainder.slice(0, rest)) parts[index]! += 1n;
  return parts;
}

/** Gives the smaller of two amounts. */
export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Keeps `value` between `low` and `high`. */
export function clamp(value: bigint, low: bigint, high: bigint): bigint {
  return value < low ? low : value > high ? high : value;
}
