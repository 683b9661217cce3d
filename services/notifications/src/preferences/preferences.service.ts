import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import {
  type Channel,
  changePreferences,
  DEFAULT_PREFERENCES,
  type Preferences,
  type PreferencesPatch,
  type PreferencesRefusal,
} from './preferences.domain';

interface PreferencesRow {
  marketingOptIn: boolean;
  quietFrom: string | null;
  quietTo: string | null;
  maximumMarketingPerDay: number;
  mutedChannels: Channel[];
}

const fromRow = (row: PreferencesRow): Preferences => ({
  marketingOptIn: row.marketingOptIn,
  quietHours: row.quietFrom !== null && row.quietTo !== null ? { from: row.quietFrom, to: row.quietTo } : null,
  maximumMarketingPerDay: row.maximumMarketingPerDay,
  mutedChannels: row.mutedChannels,
});

const COLUMNS = '"marketingOptIn", "quietFrom", "quietTo", "maximumMarketingPerDay", "mutedChannels"';

/** Called in the transaction in which somebody opts in: what they missed may be offered now. */
export type OnOptIn = (tx: Tx, personId: string) => Promise<void>;

/** Keeps what people want to get. A change also reaches what is already queued. */
export class PreferencesService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date; onOptIn: OnOptIn }) {}

  /** Gives a person's choices; the defaults where they made none. */
  async of(personId: string, tx: Tx | DataSource = this.parts.dataSource): Promise<Preferences> {
    const [row]: PreferencesRow[] = await tx.query(
      `/* preferences.of */ SELECT ${COLUMNS} FROM preferences WHERE "personId" = $1`,
      [personId],
    );
    return row ? fromRow(row) : DEFAULT_PREFERENCES;
  }

  /** Gives the choices of those of these people who made any, by person. */
  async ofAll(
    personIds: readonly string[],
    tx: Tx | DataSource = this.parts.dataSource,
  ): Promise<Map<string, Preferences>> {
    if (personIds.length === 0) return new Map();
    const rows: (PreferencesRow & { personId: string })[] = await tx.query(
      `/* preferences.of-all */ SELECT "personId", ${COLUMNS} FROM preferences WHERE "personId" = ANY($1::uuid[])`,
      [personIds],
    );
    return new Map(rows.map((row) => [row.personId, fromRow(row)]));
  }

  /** Changes a person's choices. Refused: INVALID_INPUT, with the field of each fault. */
  async update(
    personId: string,
    patch: PreferencesPatch,
  ): Promise<{ ok: true; preferences: Preferences } | { ok: false; refusals: PreferencesRefusal[] }> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      await lockMarketing(tx, personId);
      const before = await this.of(personId, tx);
      const changed = changePreferences(before, patch);
      if (!changed.ok) return changed;
      await this.store(tx, personId, changed.preferences);
      await this.reachQueue(tx, personId, changed.preferences);
      if (changed.preferences.marketingOptIn && !before.marketingOptIn) await this.parts.onOptIn(tx, personId);
      return changed;
    });
  }

  private async store(tx: Tx, personId: string, preferences: Preferences): Promise<void> {
    await tx.query(
      `/* preferences.store */ INSERT INTO preferences ("personId", ${COLUMNS}, "updatedAt") VALUES ($1, $2, $3, $4,
        $5, $6, $7)
       ON CONFLICT ("personId") DO UPDATE SET "marketingOptIn" = excluded."marketingOptIn", "quietFrom" =
       excluded."quietFrom",
         "quietTo" = excluded."quietTo", "maximumMarketingPerDay" = excluded."maximumMarketingPerDay",
         "mutedChannels" = excluded."mutedChannels", "updatedAt" = excluded."updatedAt"`,
      [
        personId,
        preferences.marketingOptIn,
        preferences.quietHours?.from ?? null,
        preferences.quietHours?.to ?? null,
        preferences.maximumMarketingPerDay,
        [...preferences.mutedChannels],
        this.parts.now(),
      ],
    );
  }

  // What is held or planned goes through its gates again at once, and ends there where it is no longer wanted. Rows
  // that a worker holds at this moment are left out: it looks at the preferences itself, after this transaction's lock.
  private async reachQueue(tx: Tx, personId: string, preferences: Preferences): Promise<void> {
    const now = this.parts.now();
    await tx.query(
      `/* preferences.release */ UPDATE intent SET "dueAt" = least("dueAt", $2) WHERE id IN (
         SELECT id FROM intent WHERE "personId" = $1 AND status = 'OPEN' AND reason IN ('QUIET_HOURS', 'DAILY_MAXIMUM')
         FOR UPDATE SKIP LOCKED)`,
      [personId, now],
    );
    await tx.query(
      `/* preferences.release-deliveries */ UPDATE delivery SET "dueAt" = least("dueAt", $2), "updatedAt" = $2 WHERE
        id IN (
         SELECT id FROM delivery WHERE "personId" = $1 AND status = 'PLANNED' AND (reason IS NULL OR class =
         'MARKETING' AND NOT $3)
         FOR UPDATE SKIP LOCKED)`,
      [personId, now, preferences.marketingOptIn],
    );
  }
}

/** Makes decisions on one person's offers wait for each other, until the transaction ends: two never take one slot. */
export async function lockMarketing(tx: Tx, personId: string): Promise<void> {
  await tx.query(
    `/* preferences.lock */ SELECT pg_advisory_xact_lock(hashtextextended('tael/notifications/marketing/' || $1::text,
      0))`,
    [personId],
  );
}
