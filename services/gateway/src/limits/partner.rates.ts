import type { RateBuckets } from './rate.buckets';
import type { Rate } from './rate.domain';

/** What a partner may ask for. */
export interface PartnerRate extends Rate {
  /** What one operation may cost, where that is not what everybody may. */
  readonly costMax?: number | undefined;
}

/** Units of cost that a partner used at this gateway. */
export interface PartnerUse {
  readonly partnerId: string;
  readonly units: number;
}

/** What each partner may use: of its own bucket here, and of the count of all gateways as far as that is told. */
export interface PartnerRates {
  /** Gives the milliseconds until a partner's bucket holds so many units. */
  wait(partnerId: string, units: number): number;
  /** Takes units as far as they are there; `owed` all of them: an operation may cost more than the bucket holds, and is paid for. */
  draw(partnerId: string, units: number, owed?: boolean): void;
  costMax(partnerId: string): number | undefined;
  /** Takes a rate that counts since an instant; the newest counts. */
  know(partnerId: string, rate: PartnerRate, since: number): void;
  /** Gives what was used since this was asked last. */
  takeUses(): PartnerUse[];
  /**
   * Hears what was missing from a partner's bucket by the count of all gateways, at most `agoMs` ago: it flowed in since. What was used here since the last
   * question comes on top. It never fills a bucket, since its own count may know more.
   */
  hear(partnerId: string, missing: number, agoMs: number): void;
}

const isSame = (one: PartnerRate, other: PartnerRate): boolean => one.perSecond === other.perSecond && one.burst === other.burst;

/** Makes the rates of partners over buckets; whoever has no rate yet has that of the buckets. */
export function createPartnerRates(buckets: RateBuckets): PartnerRates {
  // As many as there are partners: only a token that is good brings one, or accounts.
  const rates = new Map<string, { rate: PartnerRate; since: number }>();
  const used = new Map<string, number>();
  const rateOf = (partnerId: string): PartnerRate | undefined => rates.get(partnerId)?.rate;
  return {
    wait: (partnerId, units) => buckets.wait(partnerId, units, rateOf(partnerId)),
    draw(partnerId, units, owed) {
      const drawn = buckets.draw(partnerId, units, rateOf(partnerId), owed);
      if (drawn > 0) used.set(partnerId, (used.get(partnerId) ?? 0) + drawn);
    },
    costMax: (partnerId) => rateOf(partnerId)?.costMax,
    know(partnerId, rate, since) {
      const known = rates.get(partnerId);
      if (known && known.since > since) return;
      if (known && !isSame(known.rate, rate)) buckets.turn(partnerId, known.rate, rate);
      rates.set(partnerId, { rate, since });
    },
    takeUses() {
      const uses = [...used].map(([partnerId, units]) => ({ partnerId, units }));
      used.clear();
      return uses;
    },
    hear(partnerId, missing, agoMs) {
      const rate = rateOf(partnerId);
      if (!rate) return;
      const left = Math.max(missing - (agoMs / 1_000) * rate.perSecond, 0);
      buckets.lack(partnerId, left + (used.get(partnerId) ?? 0), rate);
    },
  };
}
