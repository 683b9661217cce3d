import type { DataSource } from 'typeorm';

export type AttemptKind = 
  | 'SIGN_UP' | 'SIGN_IN' | 'FAILED_SIGN_IN' | 'FAILED_SIGN_IN_DAY' | 'FAILED_RECIPIENT' | 'PASSWORD' | 'PASSWORD_CHECK' | 'SECOND_FACTOR' | 'CHALLENGE'
  | 'FAILED_CLIENT' | 'BANK_ACCOUNT' | 'PASSWORD_RESET' | 'PASSWORD_RESET_AT' | 'PASSWORD_RESET_FROM' | 'PASSWORD_RESET_CODE'
  | 'FACTOR_REMOVAL' | 'FACTOR_REMOVAL_CODE';

/** What is bounded: so many attempts within a window that begins with the first of them. */
export interface AttemptLimit {
  readonly kind: AttemptKind;
  readonly attemptsMax: number;
  readonly windowSeconds: number;
}

/** Sign-ins from one network, however they end; who sets a new password with a code counts as one. */
export const signInsFromNetwork = (perHour: number): AttemptLimit => ({ kind: 'SIGN_IN', attemptsMax: perHour, windowSeconds: 3_600 });

const PRUNE_ROWS = 1_000;

/** Counts attempts by subject, in the database: the bound holds over all instances, and survives a restart. */
export class AttemptService {
  constructor(private readonly dataSource: DataSource) {}

  /** Counts one attempt, in one statement: of many at once no more than the limit pass. False where it is one too many. */
  async take(limit: AttemptLimit, subject: string): Promise<boolean> {
    const rows: { attempts: number }[] = await this.dataSource.query(
      `/* attempts.take */ INSERT INTO attempt_window AS w (kind, subject, "startedAt", attempts)
       VALUES ($1, $2, now(), 1)
       ON CONFLICT (kind, subject) DO UPDATE SET
         attempts = CASE WHEN w."startedAt" <= now() - make_interval(secs => $3) THEN 1
                         ELSE least(w.attempts + 1, 1000000000) END,
         "startedAt" = CASE WHEN w."startedAt" <= now() - make_interval(secs => $3) THEN now() ELSE w."startedAt" END
       RETURNING attempts`,
      [limit.kind, subject, limit.windowSeconds],
    );
    return rows[0]!.attempts <= limit.attemptsMax;
  }

  /** Says whether one more attempt is within the limit, and counts none. */
  async isOpen(limit: AttemptLimit, subject: string): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      `/* attempts.isOpen */ SELECT 1 FROM attempt_window
       WHERE kind = $1 AND subject = $2 AND "startedAt" > now() - make_interval(secs => $3) AND attempts >= $4`,
      [limit.kind, subject, limit.windowSeconds, limit.attemptsMax],
    );
    return rows.length === 0;
  }

  /** Begins a subject's count anew, after what proved that the attempts were its own. */
  async forget(kind: AttemptKind, subject: string): Promise<void> {
    await this.dataSource.query('/* attempts.forget */ DELETE FROM attempt_window WHERE kind = $1 AND subject = $2', [
      kind,
      subject,
    ]);
  }

  /** Removes windows that ended long ago, a bounded number at a time. */
  async prune(): Promise<void> {
    await this.dataSource.query(
      `/* attempts.prune */ DELETE FROM attempt_window WHERE (kind, subject) IN (
         SELECT kind, subject FROM attempt_window WHERE "startedAt" < now() - interval '1 day' LIMIT $1)`,
      [PRUNE_ROWS],
    );
  }
}
