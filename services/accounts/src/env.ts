import { count, key32, keyRing, migrateEnv, readEnv, sealRing, serviceEnv } from '@tael/platform/env';
import { ROLES, takenIdentityKeys } from '@tael/platform/identity';
import { z } from 'zod';
import { publicKeyOf } from './charge-notices/notice.signature';

const signingKey = z.looseObject({
  kty: z.literal('EC'), crv: z.literal('P-256'), kid: z.string().min(1), x: z.string(), y: z.string(), d: z.string(),
});

/** A JWK set of private ES256 keys: the first signs, all are published. */
const signingKeys = z.string().transform((text, context) => {
  try {
    const parsed = z.object({ keys: z.array(signingKey).min(1) }).safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data.keys;
  } catch {
    // Falls through to the same message: what is no JSON is no key set either.
  }
  context.addIssue({ code: 'custom', message: 'must be a JWK set {"keys":[...]} of private ES256 keys, each with a kid' });
  return z.NEVER;
});

/** Roles, with commas between them, or `none`: what is empty counts as not said. */
const roles = z.string().transform((text, context) => {
  if (text.trim().toLowerCase() === 'none') return [];
  const given = text.split(',').map((role) => role.trim().toUpperCase()).filter(Boolean);
  const parsed = z.array(z.enum(ROLES)).safeParse(given);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: `must be none, or roles with commas between them, of ${ROLES.join(', ')}` });
  return z.NEVER;
});

/** Public Ed25519 keys as Standard Webhooks writes them, with spaces between: one that comes, one that goes. */
const noticeKeys = z.string().transform((text, context) => {
  const keys = text.split(' ').filter(Boolean).map(publicKeyOf);
  if (keys.length > 0 && keys.every((key) => key !== undefined)) return keys;
  context.addIssue({ code: 'custom', message: 'must be keys written whpk_<32 bytes in base64>, with spaces between them' });
  return z.NEVER;
});

const accountsEnv = serviceEnv.safeExtend({
  TOKEN_SIGNING_KEYS: signingKeys,
  TOKEN_ISSUER: z.string().default('https://tael.local'),
  TOKEN_AUDIENCE: z.string().default('tael'),
  /** Who issues the tokens of partner banks: their public address of `/partner/oauth`, and the one audience of assertions. */
  PARTNER_ISSUER: z.url(),
  /** What the tokens of partner banks are for: the public address of `/partner/graphql`. */
  PARTNER_AUDIENCE: z.url(),
  /** Where clients with certificates find the same paths as under PARTNER_ISSUER: told in the metadata (RFC 8705, 5). */
  PARTNER_TLS_ISSUER: z.url().optional(),
  /** The gateway's: banks that have a subgraph are told by it whom and what they are asked about. */
  PARTNER_SUBJECT_KEY: key32.optional(),
  FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: count.default(60),
  /** Seals the keys of the fingerprints by which a card is known again without its number. */
  CARD_FINGERPRINT_KEYS: sealRing,
  CARD_PROCESSOR_URL: z.url(),
  CARD_PROCESSOR_SECRET: z.string().min(16),
  /** By which of these the card processor's notices are signed. */
  CARD_PROCESSOR_NOTICE_KEYS: noticeKeys,
  BANK_URL: z.url(),
  /** Sign each request to the bank (Ed25519): the first signs, and the bank knows the public halves of all. */
  BANK_SIGNING_KEYS: keyRing,
  SIGN_UPS_PER_HOUR: count.default(300),
  SIGN_INS_PER_HOUR: count.default(3_000),
  FAILED_SIGN_INS_PER_15_MINUTES: count.default(10),
  FAILED_SIGN_INS_PER_DAY: count.default(100),
  /** How often a person may name a recipient whom nobody is: `sendMoney` must not tell who has an account. */
  FAILED_RECIPIENTS_PER_HOUR: count.default(30),
  /** When a merchant's business day ends: minutes after midnight UTC. */
  SETTLEMENT_CUT_OFF_MINUTES: z.coerce.number().int().min(0).max(24 * 60 - 1).default(0),
  /** Off while instances run that do not know what a collection of a debt is. */
  DEBT_COLLECTION: z.enum(['on', 'off']).default('on'),
  /** Roles that count only where their person has a second factor: operators in production, unless told. */
  SECOND_FACTOR_ROLES: roles.optional(),
}).transform(({ SECOND_FACTOR_ROLES, ...env }) => ({
  ...env,
  IDENTITY_KEYS: takenIdentityKeys(env.IDENTITY_KEYS, 'accounts'),
  SECOND_FACTOR_ROLES: SECOND_FACTOR_ROLES ?? (env.NODE_ENV === 'production' ? (['OPERATOR'] as const) : []),
}));

export type AccountsEnv = z.output<typeof accountsEnv>;

/** Reads the settings of accounts; exits with every problem on stderr where they are not usable. */
export function accountsSettings(source?: NodeJS.ProcessEnv): AccountsEnv {
  return readEnv(accountsEnv, source);
}

/** What the count of rows under old keys needs. */
const sealsLeftEnv = z.object({ DATABASE_URL: z.url(), SEAL_KEYS: sealRing, CARD_FINGERPRINT_KEYS: sealRing });

/** Reads where the database is and which keys there are. */
export function sealsLeftSettings(): z.output<typeof sealsLeftEnv> {
  return readEnv(sealsLeftEnv);
}

/** What telling the bank our keys needs. */
const bankKeysEnv = z.object({ BANK_SIGNING_KEYS: keyRing });

/** Reads the keys that sign requests to the bank. */
export const bankKeysSettings = (): z.output<typeof bankKeysEnv> => readEnv(bankKeysEnv);

/** What the tools need that only touch the database: migrate and verify. */
const databaseEnv = z.object({ DATABASE_URL: z.url() });

/** Reads what bringing the database up to date needs. */
export const migrateSettings = (): z.output<typeof migrateEnv> => readEnv(migrateEnv);

/** Reads only where the database is. */
export function databaseSettings(): z.output<typeof databaseEnv> {
  return readEnv(databaseEnv);
}
