import { createHash, randomBytes } from 'node:crypto';
import type { Role } from '@tael/platform/identity';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { hasFactor } from '../step-ups/step-up.service';
import type { AccessTokenService, TokenSubject } from './access-token.service';
import { deviceOf, networkOf } from './device.domain';
import type { DeviceOrigin, DeviceService } from './device.service';
import type { SessionEnd } from './session.domain';

/** A refresh token that nobody uses for so long ends by itself. */
export const REFRESH_TOKEN_DAYS = 30;
/** After so long whoever is signed in proves anew who they are, however often they came: a stolen session that is never noticed ends too. */
export const SESSION_DAYS = 90;

const DAY_MS = 24 * 60 * 60 * 1000;
const FORGOTTEN_AT_ONCE = 500;
const REFRESH_TOKEN = /^[\w-]{43}$/;

export interface IssuedSession {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token ends. */
  readonly expiresAt: Date;
}

/** A session that stands, before its access token is made. */
export interface StartedSession {
  readonly subject: TokenSubject;
  readonly refreshToken: string;
  /** Whether the person had never come with this device. */
  readonly isNewDevice: boolean;
}

/** Where a session begins: what the client calls itself, from which address, with which mark, in which trace. */
export interface SessionOrigin extends DeviceOrigin {
  readonly traceparent: string;
}

interface TokenRow {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly personId: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly roles: Role[];
  readonly locale: string;
}

const endOf = ({ startedAt }: Pick<TokenRow, 'startedAt'>): Date => new Date(startedAt.getTime() + SESSION_DAYS * DAY_MS);
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

type Refreshed = Outcome<Pick<StartedSession, 'subject' | 'refreshToken'>>;

/**
 * Sessions. A refresh token works once and is replaced by the next of its family; who brings one that was used already
 * holds a stolen copy, or was robbed of it, so the family ends. Two uses at once count as that too: there is no grace,
 * because a thief who is quick looks the same.
 */
export class SessionService {
  constructor(
    private readonly parts: {
      dataSource: DataSource; sealer: Sealer; devices: DeviceService; tokens: AccessTokenService; now: () => Date;
      /** Roles that count only where their person has a second factor. */
      secondFactorRoles: readonly Role[];
    },
  ) {}

  /** Begins a session in the transaction that has proved who it is for; {@link issue} then makes the access token. */
  async start(
    tx: Tx,
    person: { id: string; locale: string },
    origin: SessionOrigin,
  ): Promise<StartedSession> {
    const sessionId = uuidv7();
    const { browser, platform } = deviceOf(origin.userAgent);
    const network = networkOf(origin.address);
    const startedAt = this.parts.now();
    const { deviceId, isNew } = await this.parts.devices.recognise(tx, person.id, origin);
    await tx.query(
      `/* sessions.start */ INSERT INTO session (id, "personId", "startedAt", browser, platform, network, "deviceId")
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        sessionId,
        person.id,
        startedAt,
        browser,
        platform,
        network && this.parts.sealer.seal(network, person.id),
        deviceId,
      ],
    );
    const refreshToken = await this.addRefreshToken(tx, { sessionId, startedAt });
    const roles = await this.rolesOf(tx, person.id);
    const subject = await this.subjectOf(tx, { personId: person.id, sessionId, roles, locale: person.locale });
    return { subject, refreshToken, isNewDevice: isNew };
  }

  /** Makes what a client gets of a session that stands. */
  async issue(session: Pick<StartedSession, 'subject' | 'refreshToken'>): Promise<IssuedSession> {
    const { token, expiresAt } = await this.parts.tokens.sign(session.subject, this.parts.now());
    return { accessToken: token, refreshToken: session.refreshToken, expiresAt };
  }

  /** Forgets from where sessions began that have ended by their age, a bounded number at a time; gives how many. */
  async forgetNetworks(): Promise<number> {
    const ended = new Date(this.parts.now().getTime() - SESSION_DAYS * DAY_MS);
    const [, forgotten]: [unknown, number] = await this.parts.dataSource.query(
      `/* sessions.forgetNetworks */ UPDATE session SET network = NULL WHERE id IN (
         SELECT id FROM session WHERE network IS NOT NULL AND "startedAt" <= $1 ORDER BY "startedAt" LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [ended, FORGOTTEN_AT_ONCE],
    );
    return forgotten;
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
      `/* sessions.lockToken */ SELECT t."sessionId", t."expiresAt", t."usedAt", s."personId", s."startedAt", s."endedAt",
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
    if (row.expiresAt <= now || endOf(row) <= now) return expired();
    await tx.query('/* sessions.useToken */ UPDATE refresh_token SET "usedAt" = $2 WHERE hash = $1', [hash, now]);
    await tx.query('/* sessions.touch */ UPDATE session SET "lastUsedAt" = $2 WHERE id = $1', [row.sessionId, now]);
    const next = await this.addRefreshToken(tx, row);
    const { personId, sessionId, roles, locale } = row;
    return { ok: true, subject: await this.subjectOf(tx, { personId, sessionId, roles, locale }), refreshToken: next };
  }

  /** Gives what a person may be once the session stands: who takes a role away waits for the lock, and then ends this session, too. */
  private async rolesOf(tx: Tx, personId: string): Promise<readonly Role[]> {
    const [row]: [{ roles: Role[] }] = await tx.query('/* sessions.roles */ SELECT roles FROM person WHERE id = $1 FOR SHARE', [personId]);
    return row.roles;
  }

  /** Looked at for every access token: who takes the factor away has no right left once the present token is over. */
  private async subjectOf(tx: Tx, subject: TokenSubject): Promise<TokenSubject> {
    const demanded = subject.roles.some((role) => this.parts.secondFactorRoles.includes(role));
    return demanded && !(await hasFactor(tx, subject.personId)) ? { ...subject, settingUp: true } : subject;
  }

  private async endFamily(tx: Tx, { sessionId, personId }: TokenRow, traceparent: string | undefined): Promise<void> {
    const now = this.parts.now();
    await endSessions(tx, { personId, reason: 'REUSE', now, ids: [sessionId] });
    const data = { personId, familyId: sessionId, occurredAt: now };
    await emit(tx, { traceparent }, [{ type: 'session.reuse-detected', data }]);
  }

  private async addRefreshToken(tx: Tx, session: Pick<TokenRow, 'sessionId' | 'startedAt'>): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const now = this.parts.now();
    const unused = now.getTime() + REFRESH_TOKEN_DAYS * DAY_MS;
    await tx.query(
      `/* sessions.addToken */ INSERT INTO refresh_token (hash, "sessionId", "issuedAt", "expiresAt")
       VALUES ($1, $2, $3, $4)`,
      [hashOf(token), session.sessionId, now, new Date(Math.min(unused, endOf(session).getTime()))],
    );
    return token;
  }
}

const expired = () => refuse('SESSION_EXPIRED', ['input', 'refreshToken']);

/** Ends sessions of a person, all or those with the given ids; gives those that had not ended before. */
export async function endSessions(
  tx: Tx,
  end: { personId: string; reason: SessionEnd; now: Date; ids?: readonly string[]; except?: string },
): Promise<string[]> {
  const [ended]: [{ id: string }[], number] = await tx.query(
    `/* sessions.end */ UPDATE session SET "endedAt" = $2, "endReason" = $3
     WHERE "personId" = $1 AND "endedAt" IS NULL AND ($4::uuid[] IS NULL OR id = ANY ($4)) AND id IS DISTINCT FROM $5::uuid
     RETURNING id`,
    [end.personId, end.now, end.reason, end.ids ?? null, end.except ?? null],
  );
  return ended.map(({ id }) => id);
}

/**
 * Does `work` only where the session has not ended. An access token outlives its session by some minutes; within them it
 * must not change who may come in. `held` keeps it from ending before the transaction does: who ends it sees all that was done in it.
 */
export async function whileSessionLives<Done extends object>(
  tx: Tx,
  { personId, sessionId }: { personId: string; sessionId: string },
  work: () => Promise<Outcome<Done>>,
  { held = false }: { held?: boolean } = {},
): Promise<Outcome<Done>> {
  const live: unknown[] = await tx.query(
    `/* sessions.isLive */ SELECT 1 FROM session WHERE id = $1 AND "personId" = $2 AND "endedAt" IS NULL${held ? ' FOR SHARE' : ''}`,
    [sessionId, personId],
  );
  return live.length > 0 ? work() : refuse('SESSION_EXPIRED');
}
