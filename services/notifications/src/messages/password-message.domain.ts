import type { MessageDraft } from './message.domain';

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

/** The alarm that the second factor is about to go, or that it stays. */
export const factorRemovalAlarm = (change: 'begun' | 'stopped', { personId, changeId }: { personId: string; changeId: string }): MessageDraft => ({
  ...about(`second-factor.removal-${change}`, personId, changeId), facts: {}, validUntil: null,
});

/** The code for a new password: for the mail alone, and of no use to anybody once it has expired. */
export const passwordResetCode = (reset: { personId: string; resetId: string; code: string; expiresAt: Date }): MessageDraft => ({
  ...about('password.reset', reset.personId, reset.resetId), facts: { sealed: { code: reset.code } }, validUntil: reset.expiresAt,
});
