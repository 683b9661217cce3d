import type { Role } from '@tael/platform/identity';
import { type CryptoKey, importJWK, type JWK, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';

/** How long an access token is good; within this time a session that was ended may still be used. */
export const ACCESS_TOKEN_SECONDS = 600;

/** A private ES256 key as a JWK, with the id by which tokens name it. */
export type SigningKey = JWK & { readonly kid: string };

export interface TokenSettings {
  readonly issuer: string;
  readonly audience: string;
  /** The first signs, all are published: a new key is put behind first, then in front, then the old one is taken away. */
  readonly keys: readonly SigningKey[];
}

export interface TokenSubject {
  readonly personId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
  readonly locale: string;
  /** Their role demands a second factor, and they have none: they may set one up and nothing else. */
  readonly settingUp?: boolean;
}

/** Signs access tokens, and tells everybody the public halves of the keys. */
export class AccessTokenService {
  private readonly signingKey: Promise<CryptoKey | Uint8Array>;

  constructor(private readonly settings: TokenSettings) {
    this.signingKey = importJWK({ ...settings.keys[0]!, alg: 'ES256' }, 'ES256');
  }

  async sign(subject: TokenSubject, now: Date): Promise<{ token: string; expiresAt: Date }> {
    const issuedAt = Math.floor(now.getTime() / 1000);
    const expiresAt = issuedAt + ACCESS_TOKEN_SECONDS;
    const { sessionId: sid, locale } = subject;
    // Without a role: a gateway that does not know the claim refuses the token instead of granting what it must not.
    const rights = subject.settingUp ? { roles: [], factor: 'MISSING' } : { roles: [...subject.roles] };
    const token = await new SignJWT({ sid, locale, ...rights })
      .setProtectedHeader({ alg: 'ES256', kid: this.settings.keys[0]!.kid, typ: 'JWT' })
      .setIssuer(this.settings.issuer)
      .setAudience(this.settings.audience)
      .setSubject(subject.personId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .setJti(uuidv7())
      .sign(await this.signingKey);
    return { token, expiresAt: new Date(expiresAt * 1000) };
  }

  /** Gives the JWK set of the public keys; nothing of a private one is in it. */
  publicKeys(): { keys: JWK[] } {
    return {
      keys: this.settings.keys.map(
        ({ kty, crv, x, y, kid }) => ({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' }) as JWK,
      ),
    };
  }
}
