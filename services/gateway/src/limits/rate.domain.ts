/** A token bucket: `burst` units when it is full, filled up by `perSecond` units a second. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/**
 * A bucket is one number: the time at which it would be full again, in milliseconds (GCRA). One that is full needs no
 * number at all.
 */
export type FullAt = number | undefined;

const unitMs = ({ perSecond }: Rate): number => 1_000 / perSecond;
const spanMs = (rate: Rate): number => rate.burst * unitMs(rate);

/** Gives the milliseconds until a bucket holds `units`; what is more than the bucket waits until it is full. */
export function waitFor(rate: Rate, fullAt: FullAt, { units, now }: { units: number; now: number }): number {
  // Time is taken from time first: instants are large fractions, and what was added to one does not come off it exactly.
  const missing = Math.max((fullAt ?? now) - now, 0);
  return Math.max(0, missing + Math.min(units, rate.burst) * unitMs(rate) - spanMs(rate));
}

/**
 * Takes units out of a bucket, down to nothing: nobody gets into debt by it, and a debt that there is stays.
 * @param owed - takes all of them, into debt where there are not so many: of an operation that costs more than the bucket holds
 */
export function drawn(rate: Rate, fullAt: FullAt, { units, now, owed = false }: { units: number; now: number; owed?: boolean | undefined }): number {
  const before = Math.max(fullAt ?? now, now);
  const all = before + units * unitMs(rate);
  return owed ? all : Math.max(before, Math.min(all, now + spanMs(rate)));
}

/** Gives the units that are missing from a bucket. */
export function missingFrom(rate: Rate, fullAt: FullAt, now: number): number {
  return Math.max((fullAt ?? now) - now, 0) / unitMs(rate);
}

/** Gives what a bucket is from which so many units are missing at least: more than it holds is a debt, which flows in first. */
export function lacking(rate: Rate, fullAt: FullAt, { units, now }: { units: number; now: number }): number {
  return Math.max(fullAt ?? now, now + units * unitMs(rate));
}

/** Gives what a bucket is at another rate: the units that are missing stay missing, as far as it holds so many. */
export function turned(from: Rate, to: Rate, { fullAt, now }: { fullAt: number; now: number }): number {
  return now + Math.min(missingFrom(from, fullAt, now), to.burst) * unitMs(to);
}

/** Groups of an IPv6 address that a network gives to one customer. */
const NETWORK_GROUPS = 4;

/**
 * Gives what addresses are counted by: an IPv4 address itself, of an IPv6 address the /64, since whoever has one has
 * all of them.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]!.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail?.split(':').filter(Boolean) ?? [];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
