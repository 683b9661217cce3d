import { CONSENT_SCOPES, type ConsentPrincipal, PARTNER_SCOPES, type PartnerPrincipal } from '@tael/platform/identity';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { KeysUnknown, type TokenKeys } from '../callers/token.keys';
import { InvalidToken } from '../callers/token.verifier';
import type { PartnerRate } from '../limits/partner.rates';

const CLOCK_SKEW_S = 30;
const TOKEN_LENGTH_MAX = 4_096;
const CACHED_TOKENS_MAX = 5_000;
/** What is revoked is remembered for eleven minutes: a token that lives longer would outlive that. */
const LIFETIME_MAX_S = 10 * 60;

const count = z.number().int().min(1).max(1_000_000_000);
/** SHA-256, base64url. */
const digest = z.string().regex(/^[\w-]{43}$/);

const claimsShape = z
  .object({
    sub: z.string(),
    client_id: z.string().regex(/^[\w.-]{1,64}$/),
    /** The key that the client got it with: where that ends, it ends. A token of an older accounts does not say it. */
    client_key: z.string().min(1).max(128).optional(),
    partner_id: z.uuid(),
    /** The consent of a person that it is for; then `sub` is the person, by the name that this bank alone knows. */
    consent_id: z.uuid().optional(),
    aud: z.union([z.string(), z.tuple([z.string()])]),
    scope: z.string().max(1_000),
    rate: z.object({ perSecond: count, burst: count, costMax: count.optional() }),
    /** A token of an older accounts does not say it: then less is let through. */
    environment: z.enum(['SANDBOX', 'PRODUCTION']).default('PRODUCTION'),
    // Exactly one kind of binding: a token that is bound twice would be good with the weaker of the two.
    cnf: z.union([z.strictObject({ jkt: digest }), z.strictObject({ 'x5t#S256': digest })]),
    iat: z.number().int(),
    exp: z.number().int(),
    jti: z.string().min(1).max(128),
  })
  .refine(
    ({ sub, client_id: clientId, consent_id: consentId }) => (sub === clientId) === (consentId === undefined),
    'it is for its client, or for a consent',
  )
  .refine(({ iat, exp }) => exp - iat <= LIFETIME_MAX_S, 'it lives too long');

/** What the token is bound to: a key that signs proofs, or a certificate. */
export type Binding =
  | { readonly kind: 'key'; readonly thumbprint: string }
  | { readonly kind: 'certificate'; readonly digest: string };

/** What a good token of a partner says. Times are in milliseconds since the epoch. */
export interface PartnerToken {
  readonly partner: PartnerPrincipal;
  readonly binding: Binding;
  readonly rate: PartnerRate;
  readonly kid: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly refusedAt: number;
}

export interface PartnerTokenVerifier {
  /** Gives what a token says that was found to be good before; that costs nothing. */
  recall(token: string): PartnerToken | undefined;
  /**
   * @throws InvalidToken
   * @throws KeysUnknown where no key set was read yet
   */
  verify(token: string): Promise<PartnerToken>;
}

/** Scopes that nobody here knows give nothing; they may be of a newer release. */
function known<Scope extends string>(scopes: readonly Scope[], scope: string): readonly Scope[] {
  const given = new Set(scope.split(' '));
  return scopes.filter((one) => given.has(one));
}

/** A token of a consent gives nothing that is the bank's own, whatever scopes it says; and the other way round. */
function powersOf(scope: string, consentId: string | undefined): Pick<PartnerPrincipal, 'scopes'> & { consent?: ConsentPrincipal } {
  if (consentId === undefined) return { scopes: known(PARTNER_SCOPES, scope) };
  return { scopes: [], consent: { consentId, scopes: known(CONSENT_SCOPES, scope) } };
}

function tokenOf(payload: unknown): PartnerToken {
  const { client_id: clientId, client_key: kid, partner_id: partnerId, consent_id: consentId, scope, rate, environment, cnf, iat, exp } = claimsShape.parse(payload);
  return {
    partner: { partnerId, clientId, ...powersOf(scope, consentId), environment },
    binding: 'jkt' in cnf ? { kind: 'key', thumbprint: cnf.jkt } : { kind: 'certificate', digest: cnf['x5t#S256'] },
    rate,
    kid,
    issuedAt: iat * 1_000,
    expiresAt: exp * 1_000,
    refusedAt: (exp + CLOCK_SKEW_S) * 1_000,
  };
}

/** Makes the verifier of partners' access tokens (RFC 9068): ES256 alone, `at+jwt` alone, bound alone. */
export function createPartnerTokenVerifier(options: {
  keys: TokenKeys;
  issuer: string;
  audience: string;
  now: () => number;
}): PartnerTokenVerifier {
  const { keys, issuer, audience, now } = options;
  let verified = new Map<string, PartnerToken>();
  keys.onChange(() => (verified = new Map()));

  async function check(token: string): Promise<PartnerToken> {
    const { payload } = await jwtVerify(token, keys.getKey, {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      issuer,
      audience,
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(now()),
    });
    const found = tokenOf(payload);
    if (found.issuedAt > now() + CLOCK_SKEW_S * 1_000) throw new Error('issued in the future');
    return found;
  }

  function recall(token: string): PartnerToken | undefined {
    const remembered = verified.get(token);
    return remembered && remembered.refusedAt > now() ? remembered : undefined;
  }

  return {
    recall,
    async verify(token) {
      verified.delete(token);
      if (token.length > TOKEN_LENGTH_MAX) throw new InvalidToken('too long');
      const remembering = verified;
      try {
        const result = await check(token);
        if (remembering.size >= CACHED_TOKENS_MAX) remembering.delete(remembering.keys().next().value!);
        remembering.set(token, result);
        return result;
      } catch (error) {
        throw error instanceof KeysUnknown ? error : new InvalidToken(error);
      }
    },
  };
}
