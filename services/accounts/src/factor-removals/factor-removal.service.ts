import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { SignedInPerson } from '../people/credential.service';
import { MAILED_CODE_BYTES, mailedCode, readMailedCode } from '../people/mailed-code.domain';
import { tryLater, wrongCode } from '../second-factor/code.service';
import { readChallenge } from '../second-factor/sign-in-challenge.service';
import type { AttemptLimit, AttemptService } from '../sessions/attempt.service';
import { whileSessionLives } from '../sessions/session.service';
import { removalDay } from './factor-removal.domain';
import { dropFactor, removalOf, stopRemoval } from './factor-removal.store';

const DUE_AT_ONCE = 100;

/** So many codes a day go to one person's mail: who knows the password alone floods nobody. */
const MAILS: AttemptLimit = { kind: 'FACTOR_REMOVAL', attemptsMax: 5, windowSeconds: 86_400 };
const TRIES: AttemptLimit = { kind: 'FACTOR_REMOVAL_CODE', attemptsMax: 5, windowSeconds: 900 };

interface FactorRemovalParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly attempts: AttemptService;
  readonly now: () => Date;
}

interface Asker {
  readonly challengeToken: string;
  readonly traceparent: string | undefined;
}

interface RemovalRow {
  readonly code: Buffer;
  readonly codeExpiresAt: Date;
  readonly removesAt: Date | null;
}

/** What there is when somebody asks, under its locks. */
interface Standing {
  readonly before: RemovalRow | undefined;
  readonly passwordSince: Date;
}

/** When the factor goes; null where that has not begun. */
export type Removal = Outcome<{ removesAt: Date | null }>;

const hashOf = (personId: string, code: string): Buffer => createHash('sha256').update(`factor-removal/${personId}/${code}`).digest();

/**
 * The way back for who lost the second factor and its recovery codes: with the password and a code from the mail the factor is taken away seven
 * days later. Meanwhile its owner is told on all channels, and any code of the factor, a word from a session or another password stops it.
 */
export class FactorRemovalService {
  constructor(private readonly parts: FactorRemovalParts) {}

  /** Mails a code to who has brought the password and cannot bring a code; where it has begun, says when it ends. */
  async request(asker: Asker): Promise<Removal> {
    const personId = await this.challenged(asker.challengeToken);
    if (personId === undefined) return noChallenge();
    const { attempts, dataSource } = this.parts;
    const isUnderWay = (await removalOf(dataSource.manager, personId)) !== null;
    if (!isUnderWay && !(await attempts.take(MAILS, personId))) return tryLater();
    return this.pass(asker, personId, async (tx, { before }) => {
      if (before?.removesAt) return { ok: true, removesAt: before.removesAt };
      await this.mail(tx, { personId, traceparent: asker.traceparent });
      return { ok: true, removesAt: null };
    });
  }

  private async mail(tx: Tx, { personId, traceparent }: { personId: string; traceparent: string | undefined }): Promise<void> {
    const at = this.parts.now();
    const { code, letters, expiresAt } = mailedCode(randomBytes(MAILED_CODE_BYTES), at);
    await tx.query(
      `/* factorRemovals.ask */ INSERT INTO factor_removal ("personId", code, "codeExpiresAt") VALUES ($1, $2, $3)
       ON CONFLICT ("personId") DO UPDATE SET code = excluded.code, "codeExpiresAt" = excluded."codeExpiresAt"`,
      [personId, hashOf(personId, letters), expiresAt],
    );
    const data = { personId, requestId: uuidv7(), code: this.parts.sealer.seal(code, personId), expiresAt, occurredAt: at };
    await emit(tx, { traceparent }, [{ type: 'second-factor.removal-requested', data }]);
  }

  /** Begins the wait for who brings the code from the mail besides. The same code again is told the same. */
  async confirm(asker: Asker & { readonly code: string }): Promise<Removal> {
    const code = readMailedCode(asker.code);
    const personId = await this.challenged(asker.challengeToken);
    if (personId === undefined) return noChallenge();
    if (!(await this.parts.attempts.take(TRIES, personId))) return tryLater();
    if (!code) return wrongCode();
    return this.pass(asker, personId, async (tx, { before: row, passwordSince }) => {
      const now = this.parts.now();
      if (!row || !timingSafeEqual(row.code, hashOf(personId, code)) || row.codeExpiresAt <= now) return wrongCode();
      if (row.removesAt) return { ok: true, removesAt: row.removesAt };
      const removesAt = removalDay(now, passwordSince);
      await tx.query('/* factorRemovals.begin */ UPDATE factor_removal SET "removesAt" = $2 WHERE "personId" = $1', [personId, removesAt]);
      await emit(tx, asker, [{ type: 'second-factor.removal-begun', data: { personId, changeId: uuidv7(), removesAt, occurredAt: now } }]);
      return { ok: true, removesAt };
    });
  }

  /** Stops a removal for who is signed in: it was not they who asked, or the app is found. */
  keep(person: SignedInPerson): Promise<Outcome<object>> {
    const { personId, traceparent } = person;
    return inTransaction(this.parts.dataSource, (tx) =>
      whileSessionLives(tx, person, async () => {
        await stopRemoval(tx, { personId, now: this.parts.now(), traceparent });
        return { ok: true };
      }),
    );
  }

  /** Takes factors away whose wait is over; gives how many. Each in a transaction of its own, and by one instance alone. */
  async removeDue(): Promise<number> {
    const { dataSource, now } = this.parts;
    const due: { personId: string }[] = await dataSource.query(
      '/* factorRemovals.due */ SELECT "personId" FROM factor_removal WHERE "removesAt" <= $1 ORDER BY "removesAt" LIMIT $2', [now(), DUE_AT_ONCE],
    );
    let removed = 0;
    for (const { personId } of due) if (await inTransaction(dataSource, (tx) => this.remove(tx, personId))) removed += 1;
    return removed;
  }

  private async remove(tx: Tx, personId: string): Promise<boolean> {
    const now = this.parts.now();
    // The order of who uses a code: the password, the factor, the removal.
    await tx.query('/* factorRemovals.holdCredential */ SELECT 1 FROM credential WHERE "personId" = $1 FOR NO KEY UPDATE', [personId]);
    await tx.query('/* factorRemovals.holdFactor */ SELECT 1 FROM totp_factor WHERE "personId" = $1 FOR UPDATE', [personId]);
    const still: unknown[] = await tx.query(
      '/* factorRemovals.lockDue */ SELECT 1 FROM factor_removal WHERE "personId" = $1 AND "removesAt" <= $2 FOR UPDATE', [personId, now],
    );
    if (still.length === 0) return false;
    // Last, as a sign-in takes it: who has become an operator meanwhile keeps the factor.
    const [person]: { isOperator: boolean }[] = await tx.query(
      `/* factorRemovals.role */ SELECT 'OPERATOR' = ANY (roles) AS "isOperator" FROM person WHERE id = $1 FOR SHARE`, [personId],
    );
    if (person!.isOperator) {
      await stopRemoval(tx, { personId, now, traceparent: undefined });
      return false;
    }
    await dropFactor(tx, { personId, now, traceparent: undefined });
    // What was asked with the factor is asked no more: the next sign-in needs the password alone.
    await tx.query('/* factorRemovals.endChallenges */ DELETE FROM sign_in_challenge WHERE "personId" = $1', [personId]);
    return true;
  }

  private async challenged(token: string): Promise<string | undefined> {
    return readChallenge(this.parts.dataSource.manager, token, this.parts.now());
  }

  /** Does `work` under the locks of a sign-in's second step, for who is no operator and whose challenge is still open. */
  private pass(asker: Asker, personId: string, work: (tx: Tx, at: Standing) => Promise<Removal>): Promise<Removal> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [password]: { changedAt: Date }[] = await tx.query(
        '/* factorRemovals.holdPassword */ SELECT "changedAt" FROM credential WHERE "personId" = $1 FOR SHARE', [personId],
      );
      if ((await readChallenge(tx, asker.challengeToken, this.parts.now())) !== personId) return noChallenge();
      const [factor]: { isOperator: boolean }[] = await tx.query(
        `/* factorRemovals.lockFactor */ SELECT 'OPERATOR' = ANY (p.roles) AS "isOperator" FROM totp_factor f JOIN person p ON p.id = f."personId"
         WHERE f."personId" = $1 AND f."confirmedAt" IS NOT NULL FOR NO KEY UPDATE OF f`,
        [personId],
      );
      if (!factor) return noChallenge();
      if (factor.isOperator) return refuse('NOT_ALLOWED', ['input', 'challengeToken'], 'OPERATORS_FACTOR');
      const [before]: RemovalRow[] = await tx.query(
        '/* factorRemovals.lock */ SELECT code, "codeExpiresAt", "removesAt" FROM factor_removal WHERE "personId" = $1 FOR UPDATE', [personId],
      );
      return work(tx, { before, passwordSince: password!.changedAt });
    });
  }
}

const noChallenge = () => refuse('NOT_FOUND', ['input', 'challengeToken'], 'NO_CHALLENGE');
