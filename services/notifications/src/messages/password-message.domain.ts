import type { MessageDraft } from './message.domain';

const DAY_MS = 86_400_000;

const about = (template: string, personId: string, id: string): Omit<MessageDraft, 'facts' | 'validUntil'> => ({
  dedupeKey: `${template}/${id}`, personId, class: 'SECURITY', template,
});

/** The alarm that the password was changed. */
export const passwordAlarm = (change: { personId: string; changeId: string }): MessageDraft => ({
  ...about('password.changed', change.personId, change.changeId), facts: {}, validUntil: null,
});

/** The alarm that an operator signed the person out everywhere; not why: that is for operators. */
export const signedOutAlarm = (end: { personId: string; changeId: string }): MessageDraft => ({
  ...about('sessions.ended-by-operator', end.personId, end.changeId), facts: {}, validUntil: null,
});

/** The code with which a lost second factor begins to go, like that for a new password. */
export const factorRemovalCode = (request: { personId: string; requestId: string; code: string; expiresAt: Date }): MessageDraft => ({
  ...about('second-factor.removal', request.personId, request.requestId), facts: { sealed: { code: request.code } }, validUntil: request.expiresAt,
});

/** The alarm that the second factor is about to go, in so many days. */
export const factorRemovalAlarm = (begun: { personId: string; changeId: string; removesAt: Date; occurredAt: Date }): MessageDraft => ({
  ...about('second-factor.removal-begun', begun.personId, begun.changeId), validUntil: null,
  facts: { words: { days: String(Math.round((begun.removesAt.getTime() - begun.occurredAt.getTime()) / DAY_MS)) } },
});

/** The alarm that it stays. */
export const factorKeptAlarm = (stop: { personId: string; changeId: string }): MessageDraft => ({
  ...about('second-factor.removal-stopped', stop.personId, stop.changeId), facts: {}, validUntil: null,
});

/** The code for a new password: for the mail alone, and of no use to anybody once it has expired. */
export const passwordResetCode = (reset: { personId: string; resetId: string; code: string; expiresAt: Date }): MessageDraft => ({
  ...about('password.reset', reset.personId, reset.resetId), facts: { sealed: { code: reset.code } }, validUntil: reset.expiresAt,
});
