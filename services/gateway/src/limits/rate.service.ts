import { createPartnerRates, type PartnerRate, type PartnerRates } from './partner.rates';
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
  knowPartner(partnerId: string, rate: PartnerRate, issuedAt: number): void;
  /** Takes what a partner may use since then, as accounts says: only what tokens say that were issued later counts more. */
  changePartner(partnerId: string, rate: PartnerRate, changedAt: number): void;
  /** What one operation may cost, of who has a limit of their own. */
  costMaxOf(asker: Asker): number | undefined;
  readonly partnerUse: Pick<PartnerRates, 'takeUses' | 'hear'>;
}

export function createRates(rules: RateRules, now: () => number = () => performance.now()): Rates {
  const people = createRateBuckets(rules.person, { now });
  const anonymous = createRateBuckets(rules.anonymous, { now });
  const networks = createRateBuckets(rules.network, { now });
  const badTokens = createRateBuckets(rules.badTokens, { now });
  const partners = createPartnerRates(createRateBuckets(rules.anonymous, { now }));

  const ownWait = ({ principal, partner, address }: Asker, units: number): number => {
    if (principal) return people.wait(principal.personId, units);
    if (partner) return partners.wait(partner.partnerId, units);
    return anonymous.wait(networkOf(address), units);
  };
  const wait = (asker: Asker, units: number): number =>
    Math.max(ownWait(asker, units), networks.wait(networkOf(asker.address), units));
  const draw = ({ principal, partner, address }: Asker, units: number, owed = false): void => {
    const network = networkOf(address);
    if (principal) people.draw(principal.personId, units);
    else if (partner) partners.draw(partner.partnerId, units, owed);
    else anonymous.draw(network, units);
    networks.draw(network, units);
  };

  return {
    wait: (asker) => wait(asker, 1),
    take(asker, units) {
      const ms = wait(asker, units);
      if (ms === 0) draw(asker, units, true);
      return ms;
    },
    countRefused: (asker) => draw(asker, REFUSED_UNITS),
    waitForToken: (address) => badTokens.wait(networkOf(address), 1),
    countBadToken: (address) => badTokens.draw(networkOf(address), 1),
    knowPartner: partners.know,
    // Tokens have whole milliseconds: one of that very instant is of before, one of the next is not.
    changePartner: (partnerId, rate, changedAt) => partners.know(partnerId, rate, changedAt + 0.5),
    costMaxOf: ({ principal, partner }) => (principal || !partner ? undefined : partners.costMax(partner.partnerId)),
    partnerUse: partners,
  };
}
