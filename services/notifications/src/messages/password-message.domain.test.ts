import { writeMessage } from '../templates/render';
import { TEMPLATES, type TemplateName } from '../templates/template.catalogue';
import type { MessageDraft } from './message.domain';
import { factorKeptAlarm, factorRemovalAlarm, factorRemovalCode, passwordAlarm, passwordResetCode, signedOutAlarm } from './password-message.domain';

const occurredAt = new Date('2026-11-22T12:00:00Z');
const change = { personId: 'p1', changeId: 'x1' };
const removal = (ms: number): MessageDraft => factorRemovalAlarm({ ...change, occurredAt, removesAt: new Date(occurredAt.getTime() + ms) });
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const templateOf = ({ template }: MessageDraft): TemplateName => template as TemplateName;

describe('the alarms', () => {
  it.each([
    ['a new password', passwordAlarm(change), 'password.changed', {}],
    ['a sign-out by us', signedOutAlarm(change), 'sessions.ended-by-operator', {}],
    ['a factor that goes', removal(14 * DAY_MS), 'second-factor.removal-begun', { words: { days: '14' } }],
    ['a factor that stays', factorKeptAlarm(change), 'second-factor.removal-stopped', {}],
  ])('%s is told to its person as security, once, for ever, and by every way', (_what, draft, template, facts) => {
    expect(draft).toEqual({ dedupeKey: `${template}/x1`, personId: 'p1', class: 'SECURITY', template, facts, validUntil: null });
    expect(TEMPLATES[templateOf(draft)]).toMatchObject({ class: 'SECURITY', channels: ['IN_APP', 'PUSH', 'EMAIL', 'SMS'] });
  });

  it.each([
    ['en', 'Your password was changed, and all other devices were signed out. If it was not you, contact us at once.', passwordAlarm(change)],
    ['en', 'For your safety we signed you out on all devices. Sign in again, and set a new password if somebody may know yours.', signedOutAlarm(change)],
    ['en', 'The removal of your authenticator app was stopped. It is asked for as before.', factorKeptAlarm(change)],
    [
      'en',
      'In 14 days your authenticator app is asked for no more: it was said to be lost. If it was not you, change your password now: that stops it.',
      removal(14 * DAY_MS),
    ],
    ['zh-CN', '您的密码已修改，其他设备均已退出登录。如非本人操作，请立即联系我们。', passwordAlarm(change)],
    ['zh-CN', '为保障您的账户安全，我们已将您在所有设备上退出登录。请重新登录；如密码可能已泄露，请重新设置。', signedOutAlarm(change)],
    ['zh-CN', '您的身份验证器的移除已停止，登录时仍需要它。', factorKeptAlarm(change)],
    ['zh-CN', '有人报告您的身份验证器已丢失，7 天后登录将不再需要它。如非本人操作，请立即修改密码，移除即会停止。', removal(7 * DAY_MS)],
  ])('say in %s: %s', (locale, body, draft) => {
    expect(writeMessage(templateOf(draft), locale, draft.facts, {}).body).toBe(body);
  });

  it.each([
    [0, '0'], [DAY_MS, '1'], [7 * DAY_MS, '7'], [14 * DAY_MS - 1, '14'], [14 * DAY_MS + 1, '14'], [13 * DAY_MS + 13 * HOUR_MS, '14'], [13 * DAY_MS + 11 * HOUR_MS, '13'],
  ])('a factor that goes in %d ms goes in %s days', (ms, days) => {
    expect(removal(ms).facts).toEqual({ words: { days } });
  });
});

describe('the codes', () => {
  const code = { personId: 'p1', code: 'v1.sealed', expiresAt: new Date('2026-11-22T12:10:00Z') };

  it.each([
    ['a new password', passwordResetCode({ ...code, resetId: 'x1' }), 'password.reset'],
    ['a lost second factor', factorRemovalCode({ ...code, requestId: 'x1' }), 'second-factor.removal'],
  ])('the one for %s is security, kept sealed, for the mail alone, and worth nothing once it has expired', (_what, draft, template) => {
    expect(draft).toEqual({
      dedupeKey: `${template}/x1`, personId: 'p1', class: 'SECURITY', template, facts: { sealed: { code: 'v1.sealed' } }, validUntil: code.expiresAt,
    });
    expect(TEMPLATES[templateOf(draft)]).toMatchObject({ class: 'SECURITY', channels: ['EMAIL'] });
  });
});
