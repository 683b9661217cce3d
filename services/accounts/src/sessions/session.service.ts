import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@tael/platform/identity';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { AccessTokenService, TokenSubject } from './access-token.service';

/** A refresh token that nobody uses for so long ends by itself. */
export const REFRESH_TOKEN_DAYS = 30;

const DAY_MS = 24 * 60 * 60 * 1000;
const REFRESH_TOKEN = /^[\w-]{43}$/;

export interface IssuedSession {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token ends. */
  readonly expiresAt: Date;
}

interface TokenRow {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly personId: string;
  readonly endedAt: Date | null;
  readonly roles: Role[];
  readonly locale: string;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

type Refreshed = Outcome<{ subject: TokenSubject; refreshToken: string }>;

/**
 * Sessions. A refresh token works once and is replaced by the next of its family; who brings one that was used already
 * holds a stolen copy, or was robbed of it, so the family ends. Two uses at once count as that too: there is no grace,
 * because a thief who is quick looks the same.
 */
export class SessionService {
  constructor(private readonly parts: { dataSource: DataSource; tokens: AccessTokenService; now: () => Date }) {}

  /** Begins a session in the transaction that has proved who it is for; {@link issue} then makes the access token. */
  async start(
    tx: Tx,
    person: { id: string; roles: readonly Role[]; locale: string },
  ): Promise<{ subject: TokenSubject; refreshToken: string }> {
    const sessionId = uuidv7();
    await tx.query('/* sessions.start */ INSERT INTO session (id, "personId", "startedAt") VALUES ($1, $2, $3)', [
      sessionId,
      person.id,
      this.parts.now(),
    ]);
    const refreshToken = await this.addRefreshToken(tx, sessionId);
    return { subject: { personId: person.id, sessionId, roles: person.roles, locale: person.locale }, refreshToken };
  }

  /** Makes what a client gets of a session that stands. */
  async issue(session: { subject: TokenSubject; refreshToken: string }): Promise<IssuedSession> {
    const { token, expiresAt } = await this.parts.tokens.sign(session.subject, this.parts.now());
    return { accessToken: token, refreshToken: session.refreshToken, expiresAt };
  }

  /** Exchanges a refresh token for the next of its family. */
  async refresh(refreshToken: string, traceparent?: string): Promise<Outcome<{ session: IssuedSession }>> {
    if (!REFRESH_TOKEN.test(refreshToken)) return expired();
    const refreshed = await inTransaction(this.parts.dataSource, (tx) =>
      this.rotate(tx, hashOf(refreshToken), traceparent),
    );
    return refreshed.ok ? { ok: true, session: await this.issue(refreshed) } : refreshed;
  }

  private async rotate(tx: Tx, hash: Buffer, traceparent: string | undefined): Promise<Refreshed> {
    const now = this.parts.now();
    const [row]: TokenRow[] = await tx.query(
      `/* sessions.lockToken */ SELECT t."sessionId", t."expiresAt", t."usedAt", s."personId", s."endedAt",
         p.roles, p.locale
       FROM refresh_token t JOIN session s ON s.id = t."sessionId" JOIN person p ON p.id = s."personId"
       WHERE t.hash = $1 FOR NO KEY UPDATE OF t, s`,
      [hash],
    );
    if (!row || row.endedAt) return expired();
    if (row.usedAt) {
      await this.endFamily(tx, row, traceparent);
      return expired();
    }
    if (row.expiresAt <= now) return expired();
    await tx.query('/* sessions.useToken */ UPDATE refresh_token SET "usedAt" = $2 WHERE hash = $1', [hash, now]);
    const next = await this.addRefreshToken(tx, row.sessionId);
    const { personId, sessionId, roles, locale } = row;
    return { ok: true, subject: { personId, sessionId, roles, locale }, refreshToken: next };
  }

  private async endFamily(tx: Tx, { sessionId, personId }: TokenRow, traceparent: string | undefined): Promise<void> {
    const now = this.parts.now();
    await tx.query(`/* sessions.end */ UPDATE session SET "endedAt" = $2, "endReason" = 'REUSE' WHERE id = $1`, [
      sessionId,
      now,
    ]);
    const data = { personId, familyId: sessionId, occurredAt: now };
    await emit(tx, { traceparent }, [{ type: 'session.reuse-detected', data }]);
  }

  private async addRefreshToken(tx: Tx, sessionId: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const now = this.parts.now();
    await tx.query(
      `/* sessions.addToken */ INSERT INTO refresh_token (hash, "sessionId", "issuedAt", "expiresAt")
       VALUES ($1, $2, $3, $4)`,
      [hashOf(token), sessionId, now, new Date(now.getTime() + REFRESH_TOKEN_DAYS * DAY_MS)],
    );
    return token;
  }
}

const expired = () => refuse('SESSION_EXPIRED', ['input', 'refreshToken']);
