import { activation, type CampaignStatus, pause, statusAt, wasActiveAt } from './campaign.domain';

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
