import { z } from 'zod';
import { categoryCode, currency, id, instant, minor, sealed } from './fields';
import { defineEvent, TOPICS } from './define';

export const merchantChanged = defineEvent({
  type: 'merchant.changed',
  version: 1,
  topic: TOPICS.merchants,
  key: 'merchantId',
  describe: 'A merchant was registered, activated, suspended or changed: its whole present state. Name sealed for merchantId.',
  data: z.object({
    merchantId: id,
    /** Grows by one with every change: an older state never replaces a newer one. */
    version: z.int().positive(),
    name: sealed,
    categoryCode,
    currency,
    status: z.enum(['PENDING', 'ACTIVE', 'SUSPENDED']),
    /** People who may act for the merchant. */
    people: z.array(id),
    /** What each of them may do there. Whoever has no line, as in events of before, acts as OWNER. */
    roles: z.array(z.object({ personId: id, role: z.enum(['OWNER', 'MANAGER', 'CASHIER']) })).default([]),
    /** The merchant's rate, taken in settlement; the payer's fee is another. */
    feePlan: z.object({ id: z.string(), basisPoints: z.int().min(0).max(10_000) }),
    /** Whether an operator has approved what its owner showed of the business. */
    verified: z.boolean().default(false),
    occurredAt: instant,
  }),
});

export const merchantPeopleChanged = defineEvent({
  type: 'merchant.people-changed',
  version: 1,
  topic: TOPICS.merchants,
  key: 'merchantId',
  describe:
    'Somebody began or ceased to act for a merchant, or does so in another role (personId): for whoever must hear of it. What is so now, ' +
    'merchant.changed says.',
  data: z.object({
    changeId: id,
    merchantId: id,
    personId: id,
    /** Null: they had none. */
    roleBefore: z.enum(['OWNER', 'MANAGER', 'CASHIER']).nullable(),
    /** Null: they act for it no more. */
    role: z.enum(['OWNER', 'MANAGER', 'CASHIER']).nullable(),
    /** Who did it; whoever joins does so themselves. */
    changedBy: id,
    /** Whom it is about, and the owners: those of before the change and those of after. */
    told: z.array(id),
    occurredAt: instant,
  }),
});

export const merchantStatusChanged = defineEvent({
  type: 'merchant.status-changed',
  version: 1,
  topic: TOPICS.merchants,
  key: 'merchantId',
  describe: 'An operator suspended a merchant (SUSPENDED), or let it back in (ACTIVE). For those who answer for it; its state is what merchant.changed says. Why is for operators alone.',
  data: z.object({
    merchantId: id,
    /** Of the change in merchant.changed: one a change. */
    version: z.int().positive(),
    status: z.enum(['ACTIVE', 'SUSPENDED']),
    /** Its owners and managers. */
    people: z.array(id),
    occurredAt: instant,
  }),
});

export const paymentCodeCreated = defineEvent({
  type: 'payment-code.created',
  version: 1,
  topic: TOPICS.merchants,
  key: 'merchantId',
  describe: 'A merchant made a code that is good for one payment of this amount, until it expires.',
  data: z.object({
    codeId: id,
    merchantId: id,
    storeId: id,
    currency,
    amount: minor,
    expiresAt: instant,
    occurredAt: instant,
  }),
});

/** The public half of a key (RFC 7517): EC P-256 or RSA, and what it was shown in where that is a certificate. */
const publicJwk = z
  .object({
    kid: z.string(), kty: z.string(), alg: z.string(), use: z.string().optional(), crv: z.string().optional(), x: z.string().optional(),
    y: z.string().optional(), n: z.string().optional(), e: z.string().optional(), x5c: z.array(z.string()).optional(),
    exp: z.int().positive().optional(),
  })
  .describe('public JWK');

export const merchantApplicationDecided = defineEvent({
  type: 'merchant-application.decided',
  version: 1,
  topic: TOPICS.merchants,
  key: 'applicationId',
  describe: 'An operator approved or rejected an application of a business, or asked its applicant for more. What they said is not in it.',
  data: z.object({
    applicationId: id,
    applicantId: id,
    outcome: z.enum(['APPROVED', 'REJECTED', 'NEEDS_MORE']),
    occurredAt: instant,
  }),
});

export const partnerKeyExpiring = defineEvent({
  type: 'partner.key-expiring',
  version: 1,
  topic: TOPICS.merchants,
  key: 'partnerId',
  describe: 'A key of a partner bank has come within so many days of its end. Once for each of 30, 7 and 1 days; those that were missed are not caught up on.',
  data: z.object({
    partnerId: id,
    clientId: id,
    kid: z.string(),
    expiresAt: instant,
    /** 30, 7 or 1. */
    days: z.int().positive(),
    occurredAt: instant,
  }),
});

export const partnerChanged = defineEvent({
  type: 'partner.changed',
  version: 1,
  topic: TOPICS.merchants,
  key: 'partnerId',
  describe:
    'A partner bank or one of its clients was registered, changed, suspended or revoked: its whole present state. Name sealed ' +
    'for partnerId; keys are public halves only.',
  data: z.object({
    partnerId: id,
    /** Grows by one with every change: an older state never replaces a newer one. */
    version: z.int().positive(),
    name: sealed,
    status: z.enum(['ACTIVE', 'SUSPENDED']),
    /** What an older service sent does not say it: then it is the one of which less is let through. */
    environment: z.enum(['SANDBOX', 'PRODUCTION']).default('PRODUCTION'),
    /** What its door may be asked for: units of cost a second, at once after a rest, and for one operation where that is not what everybody may. */
    rate: z.object({ perSecond: z.int().positive(), burst: z.int().positive(), costMax: z.int().positive().optional() }),
    clients: z.array(
      z.object({
        clientId: id,
        status: z.enum(['ACTIVE', 'REVOKED']),
        authentication: z.enum(['private_key_jwt', 'self_signed_tls_client_auth']),
        scopes: z.array(z.string()),
        /** The valid public keys as JWKs, each with `kid` and `alg`, for self_signed_tls_client_auth with `x5c`. */
        keys: z.array(publicJwk),
        /** Tokens that were issued up to then are refused: all where the partner was suspended, those of a key where it was revoked and is in `keys` no more. */
        tokensRefusedUntil: instant.nullable(),
        /** Where people may be sent back to with the answer to a consent. */
        redirectUris: z.array(z.string()).default([]),
      }),
    ),
    occurredAt: instant,
  }),
});
