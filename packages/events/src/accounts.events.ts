import { z } from 'zod';
import { currency, id, instant, sealed } from './fields';
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

export const walletOpened = defineEvent({
  type: 'wallet.opened',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A person has a wallet in one more currency.',
  data: z.object({ personId: id, walletId: id, currency, occurredAt: instant }),
});

export const cardAdded = defineEvent({
  type: 'card.added',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A card was stored as a payment method; not sent again where the same card is added again.',
  data: z.object({ personId: id, paymentMethodId: id, brand: z.string(), last4: z.string().length(4), occurredAt: instant }),
});

export const sessionReuseDetected = defineEvent({
  type: 'session.reuse-detected',
  version: 1,
  topic: TOPICS.accounts,
  key: 'personId',
  describe: 'A refresh token was used a second time: every session descended from it has been ended.',
  data: z.object({ personId: id, familyId: id, occurredAt: instant }),
});
