import fc from 'fast-check';
import { CHANNELS, changePreferences, DEFAULT_PREFERENCES, type PreferencesPatch } from './preferences.domain';

const before = { ...DEFAULT_PREFERENCES, quietHours: { from: '22:00', to: '08:00' }, mutedChannels: ['SMS'] as const };

describe('changing preferences', () => {
  it('has advertising off until somebody says yes', () => {
    expect(DEFAULT_PREFERENCES).toEqual({
      marketingOptIn: false,
      quietHours: null,
      maximumMarketingPerDay: 2,
      mutedChannels: [],
    });
  });
  it.each<[PreferencesPatch, object]>([
    [{}, {}],
    [{ marketingOptIn: true }, { marketingOptIn: true }],
    [{ quietHours: null }, { quietHours: null }],
    [{ quietHours: { from: '00:00', to: '23:59' } }, { quietHours: { from: '00:00', to: '23:59' } }],
    [{ maximumMarketingPerDay: 0 }, { maximumMarketingPerDay: 0 }],
    [{ maximumMarketingPerDay: 100 }, { maximumMarketingPerDay: 100 }],
    [{ mutedChannels: [] }, { mutedChannels: [] }],
    [{ mutedChannels: ['SMS', 'EMAIL', 'EMAIL', 'PUSH'] }, { mutedChannels: ['PUSH', 'EMAIL', 'SMS'] }],
  ])('%j changes %j alone', (patch, change) => {
    expect(changePreferences(before, patch)).toEqual({ ok: true, preferences: { ...before, ...change } });
  });
  it.each<[PreferencesPatch, string, string[]]>([
    [{ quietHours: { from: '122:00', to: '08:00' } }, 'TIME_OF_DAY', ['input', 'quietHours', 'from']],
    [{ quietHours: { from: '24:00', to: '08:00' } }, 'TIME_OF_DAY', ['input', 'quietHours', 'from']],
    [{ quietHours: { from: '22:00', to: '8:00' } }, 'TIME_OF_DAY', ['input', 'quietHours', 'to']],
    [{ quietHours: { from: '22:00', to: '08:60' } }, 'TIME_OF_DAY', ['input', 'quietHours', 'to']],
    [{ quietHours: { from: '22:00', to: '08:00\n' } }, 'TIME_OF_DAY', ['input', 'quietHours', 'to']],
    [{ quietHours: { from: '22:00', to: '22:00' } }, 'QUIET_HOURS_EMPTY', ['input', 'quietHours', 'to']],
    [{ maximumMarketingPerDay: -1 }, 'OUT_OF_RANGE', ['input', 'maximumMarketingPerDay']],
    [{ maximumMarketingPerDay: 101 }, 'OUT_OF_RANGE', ['input', 'maximumMarketingPerDay']],
    [{ maximumMarketingPerDay: 1.5 }, 'OUT_OF_RANGE', ['input', 'maximumMarketingPerDay']],
    [{ mutedChannels: [...CHANNELS] }, 'SECURITY_NEEDS_A_CHANNEL', ['input', 'mutedChannels']],
    // Nothing goes out by SMS, so it is no channel that could be left.
    [{ mutedChannels: ['IN_APP', 'PUSH', 'EMAIL'] }, 'SECURITY_NEEDS_A_CHANNEL', ['input', 'mutedChannels']],
  ])('%j is refused: %s', (patch, reason, field) => {
    expect(changePreferences(before, patch)).toEqual({
      ok: false,
      refusals: [{ code: 'INVALID_INPUT', reason, field }],
    });
  });
  it('says all that is wrong at once', () => {
    const all = changePreferences(before, {
      quietHours: { from: 'x', to: 'y' },
      maximumMarketingPerDay: 500,
      mutedChannels: CHANNELS,
    });
    expect(all.ok ? 0 : all.refusals.length).toBe(4);
  });
  it('never lets every channel of security be muted', () => {
    fc.assert(
      fc.property(fc.subarray([...CHANNELS]), (mutedChannels) => {
        const changed = changePreferences(before, { mutedChannels });
        if (changed.ok)
          expect(
            ['IN_APP', 'PUSH', 'EMAIL'].some(
              (channel) => !changed.preferences.mutedChannels.includes(channel as never),
            ),
          ).toBe(true);
      }),
    );
  });
});
