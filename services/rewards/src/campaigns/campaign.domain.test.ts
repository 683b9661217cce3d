import { currencyCode } from '@tael/money';
import {
  activation, type CampaignRules, type CampaignStatus, concerns, LISTED_AFTER_END_MS, pause, statusAt, wasActiveAt,
} from './campaign.domain';

const now = new Date('2026-06-01T12:00:00.000Z');
const after = (milliseconds: number) => new Date(now.getTime() + milliseconds);

it.each([
  // stored, end, shown, activation, pause
  ['DRAFT', null, 'DRAFT', 'ACTIVE changed', 'CAMPAIGN_NOT_ACTIVE'],
  ['DRAFT', 1, 'DRAFT', 'ACTIVE changed', 'CAMPAIGN_NOT_ACTIVE'],
  ['DRAFT', 0, 'DRAFT', 'CAMPAIGN_ENDED', 'CAMPAIGN_NOT_ACTIVE'],
  ['ACTIVE', null, 'ACTIVE', 'ACTIVE', 'PAUSED changed'],
  ['ACTIVE', 1, 'ACTIVE', 'ACTIVE', 'PAUSED changed'],
  ['ACTIVE', 0, 'ENDED', 'CAMPAIGN_ENDED', 'CAMPAIGN_ENDED'],
  ['PAUSED', null, 'PAUSED', 'ACTIVE changed', 'PAUSED'],
  ['PAUSED', 0, 'ENDED', 'CAMPAIGN_ENDED', 'CAMPAIGN_ENDED'],
  ['ENDED', -1, 'ENDED', 'CAMPAIGN_ENDED', 'CAMPAIGN_ENDED'],
  ['ENDED', null, 'ENDED', 'CAMPAIGN_ENDED', 'CAMPAIGN_ENDED'],
])('%s with its end in %s ms shows %s; activated: %s; paused: %s', (status, end, shown, activated, paused) => {
  const campaign = { status: status as CampaignStatus, endsAt: end === null ? null : after(Number(end)) };
  const told = (change: ReturnType<typeof pause>) => (change.ok ? `${change.status}${change.changed ? ' changed' : ''}` : change.reason);
  expect([statusAt(campaign, now), told(activation(campaign, now)), told(pause(campaign, now))]).toEqual([shown, activated, paused]);
});

it.each([
  [-1, false], [0, true], [9, true], [10, false], [20, true], [1_000_000, true],
])('%i ms after the activation: active %s', (ms, active) => {
  expect(wasActiveAt([{ from: now, to: after(10) }, { from: after(20), to: null }], after(ms))).toBe(active);
});

describe('concerns', () => {
  const rules: CampaignRules & { status: CampaignStatus } = {
    id: 'c', status: 'ACTIVE', currency: currencyCode('USD'), effect: { kind: 'FEE_WAIVER', maximumPerPayment: null },
    minimumAmount: null, merchantIds: null, merchantCategoryCodes: null, firstPaymentOnly: false, maximumRewardsPerUser: null,
    startsAt: null, endsAt: null, activeTimes: [{ from: after(-1_000), to: null }],
  };
  const payment = { currency: currencyCode('USD'), merchantId: 'm', occurredAt: now, waiverCampaignId: null };
  const week = LISTED_AFTER_END_MS;
  it('knows how long a week is', () => expect(week).toBe(604_800_000));

  it.each<[string, Partial<typeof rules>, Partial<Parameters<typeof concerns>[1]>, boolean]>([
    ['one of its currency', {}, {}, true],
    ['a draft', { status: 'DRAFT' }, {}, false],
    ['one that was never active', { activeTimes: [] }, {}, false],
    ['another currency', { currency: currencyCode('EUR') }, {}, false],
    ['another currency at its merchant', { currency: currencyCode('EUR'), merchantIds: ['m'] }, {}, true],
    ['its currency at other merchants', { merchantIds: ['x'] }, {}, true],
    ['one that ended a week before', { endsAt: after(-week) }, {}, false],
    ['one that ended less than a week before', { endsAt: after(1 - week) }, {}, true],
    ['one that was paused a week before', { activeTimes: [{ from: after(-week - 9), to: after(-week) }] }, {}, false],
    ['one that was paused less than a week before', { activeTimes: [{ from: after(-week - 9), to: after(1 - week) }] }, {}, true],
    ['the one whose waiver was spent, whatever it says', { status: 'DRAFT', currency: currencyCode('EUR') }, { waiverCampaignId: 'c' }, true],
    ['a draft beside another waiver', { status: 'DRAFT' }, { waiverCampaignId: 'other' }, false],
  ])('%s', (_name, campaign, paid, expected) => {
    expect(concerns({ ...rules, ...campaign }, { ...payment, ...paid })).toBe(expected);
  });
});
