import { z } from 'zod';
import { currency, id, instant, minor, sealed } from './fields';
import { defineEvent, TOPICS } from './define';

export const personRegistered = defineEvent({
  type: 'person.registered',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'Somebody signed up. Name and mail address are sealed for personId, as JSON {"displayName","email"}.',
  data: z.object({
    personId: id,
    locale: z.string(),
    timeZone: z.string(),
    referralCode: z.string(),
    referredBy: id.nullable(),
    channel: z.string().nullable(),
    contact: sealed,
    occurredAt: instant,
  }),
});

export const personContactResealed = defineEvent({
  type: 'person.contact-resealed',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe:
    'Name and mail address of person.registered, the same as before, sealed for personId under the key that seals now. Sent when ' +
    'keys turn: events stay for ever and old keys do not.',
  data: z.object({ personId: id, contact: sealed, occurredAt: instant }),
});

export const walletOpened = defineEvent({
  type: 'wallet.opened',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A person has a wallet in one more currency.',
  data: z.object({ personId: id, walletId: id, currency, occurredAt: instant }),
});

export const walletFrozen = defineEvent({
  type: 'wallet.frozen',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'An operator froze a wallet: nothing leaves it at its person\'s wish until wallet.unfrozen with the same freezeId. Why is for operators alone.',
  data: z.object({ personId: id, walletId: id, freezeId: id, currency, occurredAt: instant }),
});

export const walletUnfrozen = defineEvent({
  type: 'wallet.unfrozen',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'An operator lifted a freeze of a wallet.',
  data: z.object({ personId: id, walletId: id, freezeId: id, currency, occurredAt: instant }),
});

export const cardAdded = defineEvent({
  type: 'card.added',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A card was stored as a payment method; not sent again where the same card is added again.',
  data: z.object({ personId: id, paymentMethodId: id, brand: z.string(), last4: z.string().length(4), occurredAt: instant }),
});

export const bankAccountAdded = defineEvent({
  type: 'bank-account.added',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A bank account was stored as a payment method, verified or not; not sent again where the same account is added again.',
  data: z.object({ personId: id, paymentMethodId: id, bankName: z.string(), last4: z.string().length(4), occurredAt: instant }),
});

export const peopleLinked = defineEvent({
  type: 'people.linked',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe:
    'Two people have, or had, the same card or the same verified bank account (DEVICE is not sent yet). Once a pair and kind; personId is the smaller of ' +
    'the two ids, whoever came first. Of something that many have, each is linked to those who had it first alone: two who share it are at most two links apart.',
  data: z.object({ personId: id, otherId: id, by: z.enum(['CARD', 'BANK_ACCOUNT', 'DEVICE']), occurredAt: instant }),
});

export const payoutAccountChanged = defineEvent({
  type: 'payout-account.changed',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'Somebody said where a merchant is paid to: told to each of its owners (personId), whoever of them it was (changedBy), and to who was one within the last 30 days.',
  data: z.object({
    personId: id, merchantId: id, payoutAccountId: id, changedBy: id, bankName: z.string(), last4: z.string().length(4),
    /** Nothing is paid to it before. */
    usableFrom: instant,
    /** The person is an owner no more. */
    formerOwner: z.boolean().default(false),
    occurredAt: instant,
  }),
});

export const payoutsResumed = defineEvent({
  type: 'payouts.resumed',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'An owner let payouts go on to an account after one failed or came back: told to each owner (personId), whoever of them it was (resumedBy).',
  data: z.object({
    personId: id, merchantId: id, payoutAccountId: id, payoutId: id, resumedBy: id, last4: z.string().length(4), occurredAt: instant,
  }),
});

export const merchantDebtWrittenOff = defineEvent({
  type: 'merchant-debt.written-off',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe:
    'Two operators wrote off what a merchant owes, or a part of it: told to each owner (personId). Its next settlement has it as an adjustment. `left` is what its ' +
    'last settlement left owing and nobody has written off.',
  data: z.object({ personId: id, merchantId: id, transactionId: id, currency, amount: minor, left: minor, occurredAt: instant }),
});

export const sessionReuseDetected = defineEvent({
  type: 'session.reuse-detected',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A refresh token was used a second time: every session descended from it has been ended.',
  data: z.object({ personId: id, familyId: id, occurredAt: instant }),
});

export const deviceAdded = defineEvent({
  type: 'device.added',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe:
    'Somebody signed in with a device that they had not used before. Browser and platform are words of a closed list; ' +
    'the device of the sign-up is not told of.',
  data: z.object({ personId: id, sessionId: id, browser: z.string(), platform: z.string(), occurredAt: instant }),
});

export const sessionsEnded = defineEvent({
  type: 'sessions.ended',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A person ended sessions of theirs: the one that they used (SIGNED_OUT) or others (ENDED_BY_OWNER).',
  data: z.object({
    personId: id,
    changeId: id,
    reason: z.enum(['SIGNED_OUT', 'ENDED_BY_OWNER']),
    count: z.number().int().positive(),
    occurredAt: instant,
  }),
});

export const sessionsEndedByOperator = defineEvent({
  type: 'sessions.ended-by-operator',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'An operator ended every session of a person.',
  data: z.object({ personId: id, changeId: id, count: z.number().int().positive(), occurredAt: instant }),
});

/** How a bank knows a person: of that bank alone. Null from senders of before. */
const subject = z.string().min(1).nullable().default(null);

export const consentGiven = defineEvent({
  type: 'consent.given',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A person let a partner bank see data of theirs, until `expiresAt` at most.',
  data: z.object({
    personId: id, consentId: id, partnerId: id, scopes: z.array(z.string()), walletIds: z.array(id), expiresAt: instant, occurredAt: instant,
  }),
});

export const consentWithdrawn = defineEvent({
  type: 'consent.withdrawn',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A consent ended before its time: its person withdrew it (PERSON), or its code came back a second time (CODE_REUSED).',
  data: z.object({
    personId: id, consentId: id, partnerId: id, subject, reason: z.enum(['PERSON', 'CODE_REUSED']), occurredAt: instant,
  }),
});

export const consentEnded = defineEvent({
  type: 'consent.ended',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'An operator ended a consent before its time: because its person asked for it (`onRequest`), because the bank left (`bankLeft`), or for safety.',
  data: z.object({ personId: id, consentId: id, partnerId: id, subject, onRequest: z.boolean(), bankLeft: z.boolean().default(false), occurredAt: instant }),
});

export const passwordResetRequested = defineEvent({
  type: 'password.reset-requested',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'Somebody asked for a new password with the mail address of a person. `code`, which lets them set one until `expiresAt`, is sealed for the person.',
  data: z.object({ personId: id, resetId: id, code: sealed, expiresAt: instant, occurredAt: instant }),
});

export const passwordChanged = defineEvent({
  type: 'password.changed',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A person changed the password, or set a new one with a code from their mail; every session but the one that did it has been ended.',
  data: z.object({ personId: id, changeId: id, occurredAt: instant }),
});

export const secondFactorChanged = defineEvent({
  type: 'second-factor.changed',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'The second factor was enabled or disabled, its recovery codes were renewed, or one of them was used.',
  data: z.object({
    personId: id,
    changeId: id,
    change: z.enum(['ENABLED', 'DISABLED', 'RECOVERY_CODES_RENEWED', 'RECOVERY_CODE_USED']),
    occurredAt: instant,
  }),
});

export const secondFactorRemovalRequested = defineEvent({
  type: 'second-factor.removal-requested',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'Somebody with a person\'s password said that the second factor is lost. `code`, which begins its removal until `expiresAt`, is sealed for the person.',
  data: z.object({ personId: id, requestId: id, code: sealed, expiresAt: instant, occurredAt: instant }),
});

export const secondFactorRemovalBegun = defineEvent({
  type: 'second-factor.removal-begun',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'Somebody with a person\'s password and mail began the removal of the second factor, which goes at `removesAt` unless its owner stops that.',
  data: z.object({ personId: id, changeId: id, removesAt: instant, occurredAt: instant }),
});

export const secondFactorRemovalStopped = defineEvent({
  type: 'second-factor.removal-stopped',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'The removal of the second factor was stopped: a code of it was used, its owner said so, or the password changed.',
  data: z.object({ personId: id, changeId: id, occurredAt: instant }),
});

export const historyImportEnded = defineEvent({
  type: 'history-import.ended',
  version: 1,
  topic: TOPICS.accounts,
  key: 'partnerId',
  describe: 'A history that a partner bank brought is booked (DONE), or was found wrong and brought nothing (REFUSED).',
  data: z.object({
    partnerId: id,
    importId: id,
    status: z.enum(['DONE', 'REFUSED']),
    currency,
    lineCount: z.int().nonnegative(),
    problemCount: z.int().nonnegative(),
    occurredAt: instant,
  }),
});
