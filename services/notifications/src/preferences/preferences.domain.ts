export const CHANNELS = ['IN_APP', 'PUSH', 'EMAIL', 'SMS'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Local wall-clock times "HH:MM": quiet from `from` on, until `to`; over midnight where `to` is the earlier. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

/** What a person wants to get, and when. */
export interface Preferences {
  readonly marketingOptIn: boolean;
  readonly quietHours: QuietHours | null;
  readonly maximumMarketingPerDay: number;
  readonly mutedChannels: readonly Channel[];
}

/** Where a person has said nothing: no advertising, since that takes an explicit yes; everything else at any time. */
export const DEFAULT_PREFERENCES: Preferences = {
  marketingOptIn: false,
  quietHours: null,
  maximumMarketingPerDay: 2,
  mutedChannels: [],
};

/** A change: what is undefined stays. `quietHours: null` takes them away. */
export interface PreferencesPatch {
  readonly marketingOptIn?: boolean | undefined;
  readonly quietHours?: QuietHours | null | undefined;
  readonly maximumMarketingPerDay?: number | undefined;
  readonly mutedChannels?: readonly Channel[] | undefined;
}

export interface PreferencesRefusal {
  readonly code: 'INVALID_INPUT';
  readonly reason: 'TIME_OF_DAY' | 'QUIET_HOURS_EMPTY' | 'OUT_OF_RANGE' | 'SECURITY_NEEDS_A_CHANNEL';
  readonly field: readonly string[];
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;
const MARKETING_A_DAY_MAX = 100;

// SMS does not count: without a provider nothing goes out there.
const SECURITY_CHANNELS: readonly Channel[] = ['IN_APP', 'PUSH', 'EMAIL'];

function refusalsOf(patch: PreferencesPatch): PreferencesRefusal[] {
  const refusals: PreferencesRefusal[] = [];
  const refuse = (reason: PreferencesRefusal['reason'], ...path: string[]): void => {
    refusals.push({ code: 'INVALID_INPUT', reason, field: ['input', ...path] });
  };
  if (patch.quietHours) {
    const { from, to } = patch.quietHours;
    if (!TIME_OF_DAY.test(from)) refuse('TIME_OF_DAY', 'quietHours', 'from');
    if (!TIME_OF_DAY.test(to)) refuse('TIME_OF_DAY', 'quietHours', 'to');
    if (TIME_OF_DAY.test(from) && from === to) refuse('QUIET_HOURS_EMPTY', 'quietHours', 'to');
  }
  const most = patch.maximumMarketingPerDay;
  if (most !== undefined && !(Number.isInteger(most) && most >= 0 && most <= MARKETING_A_DAY_MAX)) {
    refuse('OUT_OF_RANGE', 'maximumMarketingPerDay');
  }
  const muted = patch.mutedChannels;
  if (muted && SECURITY_CHANNELS.every((channel) => muted.includes(channel))) {
    refuse('SECURITY_NEEDS_A_CHANNEL', 'mutedChannels');
  }
  return refusals;
}

/** Applies a change, or says all that is wrong with it. */
export function changePreferences(
  before: Preferences,
  patch: PreferencesPatch,
): { ok: true; preferences: Preferences } | { ok: false; refusals: PreferencesRefusal[] } {
  const refusals = refusalsOf(patch);
  if (refusals.length > 0) return { ok: false, refusals };
  const muted = patch.mutedChannels ?? before.mutedChannels;
  const preferences = {
    marketingOptIn: patch.marketingOptIn ?? before.marketingOptIn,
    quietHours: patch.quietHours === undefined ? before.quietHours : patch.quietHours,
    maximumMarketingPerDay: patch.maximumMarketingPerDay ?? before.maximumMarketingPerDay,
    mutedChannels: CHANNELS.filter((channel) => muted.includes(channel)),
  };
  return { ok: true, preferences };
}
