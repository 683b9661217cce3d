import type { Channel, Preferences } from '../preferences/preferences.domain';

/** From most to least pressing. */
export const CLASSES = ['SECURITY', 'TRANSACTIONAL', 'SERVICE', 'MARKETING'] as const;
export type MessageClass = (typeof CLASSES)[number];

/** What the gates know about a message at one moment. */
export interface GateFacts {
  readonly now: Date;
  readonly class: MessageClass;
  /** After this it is no news any more; null: always. */
  readonly validUntil: Date | null;
  /** Channels that its template is written for. */
  readonly channels: readonly Channel[];
  readonly preferences: Preferences;
  /** End of the person's quiet hours, where they are now. */
  readonly quietUntil: Date | null;
  /** For each marketing message that still counts for the day, newest first, when it no longer does. */
  readonly marketingLeaves: readonly Date[];
  /** False where the offer that it is about is paused, ended or over. */
  readonly offerActs: boolean;
}

export type DropReason =
  | 'OFFER_ENDED'
  | 'EXPIRED'
  | 'NOT_OPTED_IN'
  | 'ALL_CHANNELS_MUTED'
  | 'DAILY_MAXIMUM_IS_ZERO'
  | 'DAILY_MAXIMUM'
  | 'QUIET_HOURS';
export type HoldReason = 'QUIET_HOURS' | 'DAILY_MAXIMUM';

export type Verdict =
  /** Goes out: in-app at once, on the other channels from `othersFrom` on. */
  | { readonly kind: 'SEND'; readonly channels: readonly Channel[]; readonly othersFrom: Date }
  /** Is looked at again at `until`. */
  | { readonly kind: 'HOLD'; readonly until: Date; readonly reason: HoldReason }
  | { readonly kind: 'DROP'; readonly reason: DropReason };

/** What one gate said: kept with the message, to answer why it came, came late or never came. */
export interface GateStep {
  readonly gate: 'VALIDITY' | 'CONSENT' | 'CHANNELS' | 'QUIET_HOURS' | 'DAILY_MAXIMUM';
  readonly said: string;
}

export interface Decision {
  readonly verdict: Verdict;
  readonly steps: readonly GateStep[];
}

type Passed = { readonly channels: readonly Channel[]; readonly othersFrom: Date };

const isOver = (facts: GateFacts, at: Date): boolean => facts.validUntil !== null && at > facts.validUntil;

/**
 * Gives the channels that a message may take. A security message always keeps one that reaches the person: mail, where
 * all else that is left is a channel without a sure address.
 */
export function openChannels(facts: Pick<GateFacts, 'class' | 'channels' | 'preferences'>): readonly Channel[] {
  const open = facts.channels.filter((channel) => !facts.preferences.mutedChannels.includes(channel));
  const sure = open.includes('IN_APP') || open.includes('EMAIL');
  return facts.class === 'SECURITY' && !sure ? [...open, 'EMAIL'] : open;
}

/** Runs a message through its gates in order; the first that holds or drops it has the last word. */
export function decide(facts: GateFacts): Decision {
  const steps: GateStep[] = [];
  const say = (gate: GateStep['gate'], said: string): void => void steps.push({ gate, said });
  const passed = validity(facts, say) ?? consent(facts, say) ?? channels(facts, say);
  if ('kind' in passed) return { verdict: passed, steps };
  const quiet = quietHours(facts, passed, say);
  if ('kind' in quiet) return { verdict: quiet, steps };
  const full = dailyMaximum(facts, say);
  return { verdict: full ?? { kind: 'SEND', ...quiet }, steps };
}

type Say = (gate: GateStep['gate'], said: string) => void;

function validity(facts: GateFacts, say: Say): Verdict | undefined {
  const drop = (reason: DropReason): Verdict => {
    say('VALIDITY', reason);
    return { kind: 'DROP', reason };
  };
  if (!facts.offerActs) return drop('OFFER_ENDED');
  // Of security messages those have an end that are of no use after it, such as a code.
  if ((facts.class === 'MARKETING' || facts.class === 'SECURITY') && isOver(facts, facts.now)) return drop('EXPIRED');
  say('VALIDITY', isOver(facts, facts.now) ? 'OLD_NEWS' : 'PASS');
  return undefined;
}

function consent(facts: GateFacts, say: Say): Verdict | undefined {
  if (facts.class === 'MARKETING' && !facts.preferences.marketingOptIn) {
    say('CONSENT', 'NOT_OPTED_IN');
    return { kind: 'DROP', reason: 'NOT_OPTED_IN' };
  }
  say('CONSENT', facts.class === 'MARKETING' ? 'OPTED_IN' : 'NOT_NEEDED');
  return undefined;
}

function channels(facts: GateFacts, say: Say): Verdict | Passed {
  const open = openChannels(facts);
  // Old news still belongs into the inbox, but nobody is disturbed for it.
  const kept = isOver(facts, facts.now) ? open.filter((channel) => channel === 'IN_APP') : open;
  say('CHANNELS', kept.join(',') || 'NONE');
  return kept.length > 0 ? { channels: kept, othersFrom: facts.now } : { kind: 'DROP', reason: 'ALL_CHANNELS_MUTED' };
}

function quietHours(facts: GateFacts, passed: Passed, say: Say): Verdict | Passed {
  const until = facts.quietUntil;
  if (facts.class === 'SECURITY' || facts.class === 'TRANSACTIONAL') {
    say('QUIET_HOURS', until ? 'EXEMPT' : 'PASS');
    return passed;
  }
  if (!until) {
    say('QUIET_HOURS', 'PASS');
    return passed;
  }
  say('QUIET_HOURS', `UNTIL ${until.toISOString()}`);
  if (facts.class === 'SERVICE') return { ...passed, othersFrom: until };
  return isOver(facts, until)
    ? { kind: 'DROP', reason: 'QUIET_HOURS' }
    : { kind: 'HOLD', until, reason: 'QUIET_HOURS' };
}

function dailyMaximum(facts: GateFacts, say: Say): Verdict | undefined {
  if (facts.class !== 'MARKETING') {
    say('DAILY_MAXIMUM', 'NOT_COUNTED');
    return undefined;
  }
  const most = facts.preferences.maximumMarketingPerDay;
  const counted = facts.marketingLeaves.filter((leaves) => leaves > facts.now);
  say('DAILY_MAXIMUM', `${counted.length} of ${most}`);
  if (most === 0) return { kind: 'DROP', reason: 'DAILY_MAXIMUM_IS_ZERO' };
  if (counted.length < most) return undefined;
  // Newest first: when the one at this place has left, one less than the maximum counts.
  const until = counted[most - 1]!;
  return isOver(facts, until)
    ? { kind: 'DROP', reason: 'DAILY_MAXIMUM' }
    : { kind: 'HOLD', until, reason: 'DAILY_MAXIMUM' };
}
