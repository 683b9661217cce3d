import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { ACCESS_TOKEN_SECONDS } from './access-token.service';
import { deviceName, UNKNOWN_BROWSER, UNKNOWN_PLATFORM } from './device.domain';
import { forgetDevices } from './device.service';
import { endSessions, REFRESH_TOKEN_DAYS, SESSION_DAYS, whileSessionLives } from './session.service';

/** A session that can still be used, as its owner sees it. */
export interface ActiveSession {
  readonly id: string;
  readonly device: string;
  readonly network: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** Whether it began on the device that asks. */
  readonly thisDevice: boolean;
}

interface SessionRow {
  readonly id: string;
  readonly browser: string | null;
  readonly platform: string | null;
  readonly network: string | null;
  readonly startedAt: Date;
  readonly lastUsedAt: Date | null;
  readonly thisDevice: boolean | null;
}

interface Asker {
  readonly personId: string;
  readonly sessionId: string;
  readonly traceparent: string;
}

/** So long after its end a session is told of: its last access token is over by then, whatever the clocks say. */
const TOLD_MS = (ACCESS_TOKEN_SECONDS + 60) * 1_000;
const TOLD_MAX = 10_000;

/** Says whether a cursor's values are a position in a list of sessions: an id, which orders by time. */
export function isSessionPosition(position: readonly string[]): boolean {
  return position.length === 1 && uuidOf(position[0]!) !== undefined;
}

/** Shows people where they are signed in, and ends what they do not know. */
export class ActiveSessionService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Gives a page of a person's sessions, newest first, and one more where there is a next page. */
  async page(
    personId: string,
    { limit, after, asking = null }: { limit: number; after: readonly string[] | undefined; asking?: string | null },
  ): Promise<ActiveSession[]> {
    const { dataSource, sealer, now } = this.parts;
    const rows: SessionRow[] = await dataSource.query(
      `/* sessions.page */ SELECT id, browser, platform, network, "startedAt", "lastUsedAt",
         coalesce("deviceId" = (SELECT "deviceId" FROM session WHERE id = $6 AND "personId" = $1), false) OR id = $6 AS "thisDevice" FROM session
       WHERE "personId" = $1 AND "endedAt" IS NULL AND ($2::uuid IS NULL OR id < $2)
         AND coalesce("lastUsedAt", "startedAt") > $3::timestamptz - make_interval(days => $4)
         AND "startedAt" > $3::timestamptz - make_interval(days => $7)
       ORDER BY id DESC LIMIT $5`,
      [personId, after?.[0] ?? null, now(), REFRESH_TOKEN_DAYS, limit + 1, asking, SESSION_DAYS],
    );
    return rows.map((row) => ({
      id: row.id,
      device: deviceName({ browser: row.browser ?? UNKNOWN_BROWSER, platform: row.platform ?? UNKNOWN_PLATFORM }),
      network: row.network && sealer.open(row.network, personId),
      createdAt: row.startedAt,
      lastUsedAt: row.lastUsedAt ?? row.startedAt,
      thisDevice: row.thisDevice ?? false,
    }));
  }

  /** Gives the sessions that ended at `since` (milliseconds) or later, oldest first; no more of them than a token lives. */
  async endedSince(since: number): Promise<{ id: string; endedAt: number }[]> {
    const from = new Date(Math.max(since, this.parts.now().getTime() - TOLD_MS));
    const rows: { id: string; endedAt: Date }[] = await this.parts.dataSource.query(
      '/* sessions.endedSince */ SELECT id, "endedAt" FROM session WHERE "endedAt" >= $1 ORDER BY "endedAt", id LIMIT $2',
      [from, TOLD_MAX],
    );
    return rows.map(({ id, endedAt }) => ({ id, endedAt: endedAt.getTime() }));
  }

  /** Ends one session of the asker's; their own is a sign-out. One that has ended already is as good as ended. */
  async end(asker: Asker, sessionId: string): Promise<Outcome<{ sessionId: string }>> {
    const id = uuidOf(sessionId);
    if (!id) return refuse('NOT_FOUND', ['input', 'sessionId']);
    return this.change(asker, async (tx) => {
      const own: unknown[] = await tx.query(
        '/* sessions.own */ SELECT 1 FROM session WHERE id = $1 AND "personId" = $2',
        [id, asker.personId],
      );
      if (own.length === 0) return refuse('NOT_FOUND', ['input', 'sessionId']);
      await this.endAndTell(tx, asker, { ids: [id] });
      return { ok: true, sessionId: id };
    });
  }

  /** Ends every session of the asker's but the one that asks. */
  endOthers(asker: Asker): Promise<Outcome<{ count: number }>> {
    return this.change(asker, async (tx) => ({
      ok: true,
      count: await this.endAndTell(tx, asker, { except: asker.sessionId }),
    }));
  }

  private change<Done extends object>(asker: Asker, work: (tx: Tx) => Promise<Outcome<Done>>): Promise<Outcome<Done>> {
    return inTransaction(this.parts.dataSource, (tx) => whileSessionLives(tx, asker, () => work(tx)));
  }

  private async endAndTell(tx: Tx, asker: Asker, which: { ids?: string[]; except?: string }): Promise<number> {
    const { personId, sessionId } = asker;
    const now = this.parts.now();
    const reason = which.ids?.includes(sessionId) ? 'SIGNED_OUT' : 'ENDED_BY_OWNER';
    const ended = await endSessions(tx, { personId, reason, now, ...which });
    const count = ended.length;
    if (count > 0) {
      if (reason === 'ENDED_BY_OWNER') await forgetDevices(tx, personId, { ended, asking: sessionId });
      const data = { personId, changeId: uuidv7(), reason, count, occurredAt: now } as const;
      await emit(tx, asker, [{ type: 'sessions.ended', data }]);
    }
    return count;
  }
}
