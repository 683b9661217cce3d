import { type Principal, ROLES } from '@tael/platform/identity';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import { KeysUnknown, type TokenKeys } from './token.keys';

const CLOCK_SKEW_S = 30;
/** Longer than any token of ours; keeps the cache and the hashing small. */
const TOKEN_LENGTH_MAX = 4_096;
const CACHED_TOKENS_MAX = 20_000;
/** What has ended is remembered for eleven minutes, and a socket lives as long as its token: one that lives longer would outlive both. */
const LIFETIME_MAX_S = 10 * 60;

const claimsShape = z.object({
  sub: z.uuid(),
  sid: z.string().min(1).max(64),
  roles: z.array(z.enum(ROLES)),
  /** The person must set a second factor up before any role of theirs counts. */
  factor: z.literal('MISSING').optional(),
  locale: z.string().max(35).optional(),
  iat: z.number(),
  exp: z.number(),
})
  .refine(({ roles, factor }) => (roles.length === 0) === (factor === 'MISSING'), 'roles, or what they wait for')
  .refine(({ iat, exp }) => exp - iat <= LIFETIME_MAX_S, 'it lives too long');

/** What a good access token says. */
export interface VerifiedToken {
  readonly principal: Principal;
  /** They may set a second factor up and nothing else. */
  readonly settingUp: boolean;
  readonly locale: string | undefined;
  /** The end that the token names, in milliseconds since the epoch. What lasts longer than a request ends here. */
  readonly expiresAt: number;
  /** When the token is refused: later, since clocks differ. */
  readonly refusedAt: number;
}

/** A token that is expired, forged, made for others, or none of ours. The reason is for the log. */
export class InvalidToken extends Error {
  constructor(cause: unknown) {
    super('the access token is not valid', { cause });
    this.name = 'InvalidToken';
  }
}

export interface TokenVerifier {
  /** Gives what a token says that was found to be good before; that costs nothing. */
  recall(token: string): VerifiedToken | undefined;
  /**
   * @throws InvalidToken
   * @throws KeysUnknown where no key set was read yet
   */
  verify(token: string): Promise<VerifiedToken>;
}

/** Makes the verifier of access tokens: ES256 alone, with issuer, audience and times; good ones are remembered. */
export function createTokenVerifier(options: {
  keys: TokenKeys;
  issuer: string;
  audience: string;
  now?: () => number;
  /** Is waited for where a token of ours comes from the future: what `now` gives may be behind. */
  catchUp?: () => Promise<void>;
}): TokenVerifier {
  const { keys, issuer, audience, now = Date.now, catchUp } = options;
  let verified = new Map<string, VerifiedToken>();
  keys.onChange(() => (verified = new Map()));
  const isFromTheFuture = ({ iat }: { iat: number }): boolean => iat * 1000 > now() + CLOCK_SKEW_S * 1000;

  async function check(token: string): Promise<VerifiedToken> {
    const { payload, protectedHeader } = await jwtVerify(token, keys.getKey, {
      algorithms: ['ES256'],
      issuer,
      audience,
      clockTolerance: CLOCK_SKEW_S,
      currentDate: new Date(now()),
    });
    // Tokens of partner banks are signed with the same keys (ADR 21): one is of type at+jwt, a person's never.
    if (protectedHeader.typ !== undefined && protectedHeader.typ !== 'JWT') throw new Error('a token of another kind');
    const claims = claimsShape.parse(payload);
    if (isFromTheFuture(claims)) await catchUp?.();
    if (isFromTheFuture(claims)) throw new Error('issued in the future');
    return {
      principal: { personId: claims.sub, sessionId: claims.sid, roles: claims.roles },
      settingUp: claims.factor === 'MISSING',
      locale: claims.locale,
      expiresAt: claims.exp * 1000,
      refusedAt: (claims.exp + CLOCK_SKEW_S) * 1000,
    };
  }

  function recall(token: string): VerifiedToken | undefined {
    const remembered = verified.get(token);
    return remembered && remembered.refusedAt > now() ? remembered : undefined;
  }

  return {
    recall,
    async verify(token) {
      const remembered = recall(token);
      if (remembered) return remembered;
      verified.delete(token);
      if (token.length > TOKEN_LENGTH_MAX) throw new InvalidToken('too long');
      // Of the keys of now: what a key that goes meanwhile still finds good is not remembered past it.
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
