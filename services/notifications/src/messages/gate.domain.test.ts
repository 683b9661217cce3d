import fc from 'fast-check';
import { DEFAULT_PREFERENCES, type Preferences } from '../preferences/preferences.domain';
import { CLASSES, decide, type GateFacts, type Verdict } from './gate.domain';
import { leavesTheDay, quietUntil } from './local-day';

const now = new Date('2026-11-22T12:00:00Z');
const later = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);
const willing: Preferences = { ...DEFAULT_PREFERENCES, marketingOptIn: true };
const ALL = ['IN_APP', 'PUSH', 'EMAIL'] as const;

const facts = (given: Partial<GateFacts>): GateFacts => ({
  now,
  class: 'TRANSACTIONAL',
  validUntil: null,
  channels: ALL,
  preferences: DEFAULT_PREFERENCES,
  quietUntil: null,
  marketingLeaves: [],
  offerActs: true,
  ...given,
});
const send = (channels: readonly string[] = ALL, othersFrom = now): object => ({ kind: 'SEND', channels, othersFrom });

describe('the gates', () => {
  const rows: [string, Partial<GateFacts>, object][] = [
    ['a receipt goes out', {}, send()],
    ['a receipt goes out in the night too', { quietUntil: later(6) }, send()],
    ['a security message goes out in the night too', { class: 'SECURITY', quietUntil: later(6) }, send()],
    [
      'a service message is in the inbox at once and disturbs after the night',
      { class: 'SERVICE', quietUntil: later(6) },
      send(ALL, later(6)),
    ],
    ['a receipt that is old news goes into the inbox alone', { validUntil: later(-1) }, send(['IN_APP'])],
    ['a security message that has an end goes out before it', { class: 'SECURITY', validUntil: later(1), quietUntil: later(6) }, send()],
    ['a security message that has an end is of no use after it', { class: 'SECURITY', validUntil: later(-1) }, { kind: 'DROP', reason: 'EXPIRED' }],
    [
      'a security message that is for the mail alone goes by mail, whatever is muted',
      { class: 'SECURITY', channels: ['EMAIL'], preferences: { ...willing, mutedChannels: ['EMAIL'] } },
      send(['EMAIL']),
    ],
    [
      'muted channels are left out',
      { preferences: { ...willing, mutedChannels: ['PUSH'] } },
      send(['IN_APP', 'EMAIL']),
    ],
    [
      'a message with no channel left is dropped',
      { channels: ['IN_APP'], preferences: { ...willing, mutedChannels: ['IN_APP'] } },
      { kind: 'DROP', reason: 'ALL_CHANNELS_MUTED' },
    ],
    [
      'a security message falls back to mail',
      { class: 'SECURITY', preferences: { ...willing, mutedChannels: ['IN_APP', 'EMAIL'] } },
      send(['PUSH', 'EMAIL']),
    ],
    ['an offer needs a yes', { class: 'MARKETING' }, { kind: 'DROP', reason: 'NOT_OPTED_IN' }],
    ['an offer goes out to who said yes', { class: 'MARKETING', preferences: willing }, send()],
    [
      'an offer waits for the end of the night',
      { class: 'MARKETING', preferences: willing, quietUntil: later(6) },
      { kind: 'HOLD', until: later(6), reason: 'QUIET_HOURS' },
    ],
    [
      'an offer that would be over by then is dropped',
      { class: 'MARKETING', preferences: willing, quietUntil: later(6), validUntil: later(5) },
      { kind: 'DROP', reason: 'QUIET_HOURS' },
    ],
    [
      'an offer of an ended campaign is dropped',
      { class: 'MARKETING', preferences: willing, offerActs: false },
      { kind: 'DROP', reason: 'OFFER_ENDED' },
    ],
    [
      'an offer that is over is dropped',
      { class: 'MARKETING', preferences: willing, validUntil: later(-1) },
      { kind: 'DROP', reason: 'EXPIRED' },
    ],
    [
      'a second offer a day goes out',
      { class: 'MARKETING', preferences: willing, marketingLeaves: [later(20)] },
      send(),
    ],
    [
      'a third waits until the first has left the day',
      { class: 'MARKETING', preferences: willing, marketingLeaves: [later(20), later(3)] },
      { kind: 'HOLD', until: later(3), reason: 'DAILY_MAXIMUM' },
    ],
    [
      'what has left the day does not count',
      { class: 'MARKETING', preferences: willing, marketingLeaves: [later(20), later(-1)] },
      send(),
    ],
    [
      'with a lowered maximum more must leave',
      {
        class: 'MARKETING',
        preferences: { ...willing, maximumMarketingPerDay: 1 },
        marketingLeaves: [later(20), later(3)],
      },
      { kind: 'HOLD', until: later(20), reason: 'DAILY_MAXIMUM' },
    ],
    [
      'one that would be over by then is dropped',
      { class: 'MARKETING', preferences: willing, marketingLeaves: [later(20), later(3)], validUntil: later(2) },
      { kind: 'DROP', reason: 'DAILY_MAXIMUM' },
    ],
    ['a receipt is news to its last instant', { validUntil: now }, send()],
    ['an offer is good to its last instant', { class: 'MARKETING', preferences: willing, validUntil: now }, send()],
    [
      'an offer that is good to the end of the night waits for it',
      { class: 'MARKETING', preferences: willing, quietUntil: later(6), validUntil: later(6) },
      { kind: 'HOLD', until: later(6), reason: 'QUIET_HOURS' },
    ],
    [
      'an offer that is good until the first has left the day waits for that',
      { class: 'MARKETING', preferences: willing, marketingLeaves: [later(20), later(3)], validUntil: later(3) },
      { kind: 'HOLD', until: later(3), reason: 'DAILY_MAXIMUM' },
    ],
    [
      'what leaves the day now does not count',
      { class: 'MARKETING', preferences: willing, marketingLeaves: [later(20), now] },
      send(),
    ],
    [
      'a security message stays with mail, where mail is left',
      { class: 'SECURITY', preferences: { ...willing, mutedChannels: ['IN_APP', 'PUSH'] } },
      send(['EMAIL']),
    ],
    [
      'a security message stays in the app, where that is left',
      { class: 'SECURITY', preferences: { ...willing, mutedChannels: ['PUSH', 'EMAIL'] } },
      send(['IN_APP']),
    ],
    [
      'a receipt does not fall back to mail',
      { preferences: { ...willing, mutedChannels: ['IN_APP', 'EMAIL'] } },
      send(['PUSH']),
    ],
    [
      'a maximum of zero is a no',
      { class: 'MARKETING', preferences: { ...willing, maximumMarketingPerDay: 0 } },
      { kind: 'DROP', reason: 'DAILY_MAXIMUM_IS_ZERO' },
    ],
    [
      'receipts are not counted',
      { preferences: { ...willing, maximumMarketingPerDay: 0 }, marketingLeaves: [later(20)] },
      send(),
    ],
    [
      'the ended offer is said before the missing yes',
      { class: 'MARKETING', offerActs: false, quietUntil: later(6) },
      { kind: 'DROP', reason: 'OFFER_ENDED' },
    ],
  ];
  it.each(rows)('%s', (_name, given, verdict) => {
    expect(decide(facts(given)).verdict).toEqual(verdict);
  });

  // What each gate says, in order: VALIDITY, CONSENT, CHANNELS, QUIET_HOURS, DAILY_MAXIMUM. The one that stops it is the last.
  const said: [string, Partial<GateFacts>, string[]][] = [
    ['a receipt', {}, ['PASS', 'NOT_NEEDED', 'IN_APP,PUSH,EMAIL', 'PASS', 'NOT_COUNTED']],
    [
      'a receipt at night',
      { quietUntil: later(6) },
      ['PASS', 'NOT_NEEDED', 'IN_APP,PUSH,EMAIL', 'EXEMPT', 'NOT_COUNTED'],
    ],
    ['old news', { validUntil: later(-1) }, ['OLD_NEWS', 'NOT_NEEDED', 'IN_APP', 'PASS', 'NOT_COUNTED']],
    ['no channel', { preferences: { ...willing, mutedChannels: ALL } }, ['PASS', 'NOT_NEEDED', 'NONE']],
    [
      'a service message at night',
      { class: 'SERVICE', quietUntil: later(6) },
      ['PASS', 'NOT_NEEDED', 'IN_APP,PUSH,EMAIL', 'UNTIL 2026-11-22T18:00:00.000Z', 'NOT_COUNTED'],
    ],
    ['an ended offer', { class: 'MARKETING', offerActs: false }, ['OFFER_ENDED']],
    ['an offer that is over', { class: 'MARKETING', validUntil: later(-1) }, ['EXPIRED']],
    ['an offer without a yes', { class: 'MARKETING' }, ['PASS', 'NOT_OPTED_IN']],
    [
      'an offer at night',
      { class: 'MARKETING', preferences: willing, quietUntil: later(6) },
      ['PASS', 'OPTED_IN', 'IN_APP,PUSH,EMAIL', 'UNTIL 2026-11-22T18:00:00.000Z'],
    ],
    [
      'a third offer',
      { class: 'MARKETING', preferences: willing, marketingLeaves: [later(20), later(3)] },
      ['PASS', 'OPTED_IN', 'IN_APP,PUSH,EMAIL', 'PASS', '2 of 2'],
    ],
  ];
  it.each(said)('say why, one by one: %s', (_name, given, expected) => {
    const { steps } = decide(facts(given));
    expect(steps.map((step) => step.said)).toEqual(expected);
    const gates = ['VALIDITY', 'CONSENT', 'CHANNELS', 'QUIET_HOURS', 'DAILY_MAXIMUM'];
    expect(steps.map((step) => step.gate)).toEqual(gates.slice(0, expected.length));
  });
});

const zones = Intl.supportedValuesOf('timeZone');
const instant = fc.date({ min: new Date('2024-01-01'), max: new Date('2030-12-31'), noInvalidDate: true });
const clockTime = fc
  .integer({ min: 0, max: 1439 })
  .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);

describe('whatever the zone and the day', () => {
  it('no offer goes out in quiet hours, and one that is held goes out right after', () => {
    const hours = fc.record({ from: clockTime, to: clockTime }).filter(({ from, to }) => from !== to);
    fc.assert(
      fc.property(fc.constantFrom(...zones), hours, instant, (zone, quietHours, start) => {
        const preferences = { ...willing, quietHours };
        const decideAt = (at: Date): Verdict =>
          decide(facts({ now: at, class: 'MARKETING', preferences, quietUntil: quietUntil(quietHours, zone, at) }))
            .verdict;
        const first = decideAt(start);
        const sentAt = first.kind === 'HOLD' ? first.until : start;
        expect(decideAt(sentAt).kind).toBe('SEND');
        expect(isNight(localMinute(zone, sentAt), quietHours)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('A22: no day has more offers than the maximum, neither by the calendar nor by 24 hours', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 9 * 60 }), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        instant,
        gaps,
        fc.integer({ min: 1, max: 4 }),
        (zone, start, minutes, most) => {
          const sent: Date[] = [];
          let at = start;
          for (const gap of minutes) {
            at = new Date(at.getTime() + gap * 60_000);
            const marketingLeaves = sent
              .slice(-most)
              .reverse()
              .map((one) => leavesTheDay(one, zone));
            const { verdict } = decide(
              facts({
                now: at,
                class: 'MARKETING',
                preferences: { ...willing, maximumMarketingPerDay: most },
                marketingLeaves,
              }),
            );
            if (verdict.kind === 'SEND') sent.push(at);
            else expect(verdict).toMatchObject({ kind: 'HOLD', reason: 'DAILY_MAXIMUM' });
          }
          const perDay = new Map<string, number>();
          for (const one of sent) {
            const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(one);
            perDay.set(day, (perDay.get(day) ?? 0) + 1);
            expect(
              sent.filter((other) => other >= one && other.getTime() < one.getTime() + 86_400_000).length,
            ).toBeLessThanOrEqual(most);
          }
          expect(Math.max(...perDay.values())).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('only offers are ever held, and security messages always go out', () => {
    const some = fc.subarray(['IN_APP', 'PUSH', 'EMAIL'] as const, { maxLength: 2 });
    fc.assert(
      fc.property(
        fc.constantFrom(...CLASSES),
        fc.boolean(),
        fc.boolean(),
        some,
        fc.nat(3),
        (kind, night, over, mutedChannels, most) => {
          const { verdict } = decide(
            facts({
              class: kind,
              quietUntil: night ? later(3) : null,
              validUntil: over ? later(-1) : null,
              preferences: { ...willing, mutedChannels, maximumMarketingPerDay: most },
            }),
          );
          if (verdict.kind === 'HOLD') expect(kind).toBe('MARKETING');
          if (kind === 'SECURITY') expect(verdict).toMatchObject(over ? { kind: 'DROP', reason: 'EXPIRED' } : { kind: 'SEND', othersFrom: now });
        },
      ),
    );
  });
});

function localMinute(zone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)!.value);
  return part('hour') * 60 + part('minute');
}

// By Intl, apart from the rule's own way to read the wall clock.
function isNight(minute: number, hours: { from: string; to: string }): boolean {
  const [from, to] = [hours.from, hours.to].map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) as [
    number,
    number,
  ];
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
