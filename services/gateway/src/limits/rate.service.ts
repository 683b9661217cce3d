import { createRateBuckets } from './rate.buckets';
import { networkOf, type Rate } from './rate.domain';

/** Whom a request is counted for: the person who is signed in, the partner bank, or the network it comes from. */
export interface Asker {
  readonly principal: { readonly personId: string } | null;
  readonly partner?: { readonly partnerId: string } | undefined;
  readonly address: string;
}

/** Units that a request is counted with which was refused before its cost was known. */
export const REFUSED_UNITS = 5;

export interface RateRules {
  /** For one person, over all devices and sessions. */
  readonly person: Rate;
  /** For all who are not signed in, a network. */
  readonly anonymous: Rate;
  /** For everybody in a network together. */
  readonly network: Rate;
  /** Tokens that are not good, a network. */
  readonly badTokens: Rate;
}

/** How much of the graph each caller may use, counted in units of cost. A wait is in milliseconds; 0 means go on. */
export interface Rates {
  /** Says how long a caller has to wait before anything is looked at. */
  wait(asker: Asker): number;
  /** Takes the units of an operation, or says how long it has to wait and takes none. */
  take(asker: Asker, units: number): number;
  /** Counts what was refused: looking at it was work as well. */
  countRefused(asker: Asker): void;
  /** Says how long a network has to wait before another unknown token of its is looked at. */
  waitForToken(address: string): number;
  countBadToken(address: string): void;
  /** Takes what a partner may use, as a token says that was issued then: the newest counts for all clients of the partner. */
  knowPartner(partnerId: string, rate: Rate, issuedAt: number): void;
  /** Takes what a partner may use since then, as accounts says: only what tokens say that were issued later counts more. */
  changePartner(partnerId: string, rate: Rate, changedAt: number): void;
}

const sameRate = (one: Rate, other: Rate): boolean => one.perSecond === other.perSecond && one.burst === other.burst;

export function createRates(rules: RateRules, now: () => number = () => performance.now()): Rates {
  const people = createRateBuckets(rules.person, { now });
  const anonymous = createRateBuckets(rules.anonymous, { now });
  const networks = createRateBuckets(rules.network, { now });
  const badTokens = createRateBuckets(rules.badTokens, { now });
  const partners = createRateBuckets(rules.anonymous, { now });
  // As many as there are partners: only a token that is good brings one, or accounts.
  const partnerRates = new Map<string, { rate: Rate; since: number }>();
  const takeRate = (partnerId: string, rate: Rate, since: number): void => {
    const known = partnerRates.get(partnerId);
    if (known && known.since > since) return;
    if (known && !sameRate(known.rate, rate)) partners.turn(partnerId, known.rate, rate);
    partnerRates.set(partnerId, { rate, since });
  };

  const ownWait = ({ principal, partner, address }: Asker, units: number): number => {
    if (principal) return people.wait(principal.personId, units);
    if (partner) return partners.wait(partner.partnerId, units, partnerRates.get(partner.partnerId)?.rate);
    return anonymous.wait(networkOf(address), units);
  };
  const wait = (asker: Asker, units: number): number =>
    Math.max(ownWait(asker, units), networks.wait(networkOf(asker.address), units));
  const draw = ({ principal, partner, address }: Asker, units: number): void => {
    const network = networkOf(address);
    if (principal) people.draw(principal.personId, units);
    else if (partner) partners.draw(partner.partnerId, units, partnerRates.get(partner.partnerId)?.rate);
    else anonymous.draw(network, units);
    networks.draw(network, units);
  };

  return {
    wait: (asker) => wait(asker, 1),
    take(asker, units) {
      const ms = wait(asker, units);
      if (ms === 0) draw(asker, units);
      return ms;
    },
    countRefused: (asker) => draw(asker, REFUSED_UNITS),
    waitForToken: (address) => badTokens.wait(networkOf(address), 1),
    countBadToken: (address) => badTokens.draw(networkOf(address), 1),
    knowPartner: takeRate,
    // Tokens have whole milliseconds: one of that very instant is of before, one of the next is not.
    changePartner: (partnerId, rate, changedAt) => takeRate(partnerId, rate, changedAt + 0.5),
  };
}
