import type { Money } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource, EntityManager } from 'typeorm';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse, type Refused } from '../outcomes/outcome.domain';
import { actionText, allows, isLarge, type StepUpAction, type StepUpRecord } from './step-up.domain';

interface StepUpParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

/** Who wants to do something that may need a step-up, and the one that they bring. */
export interface StepUpClaim {
  readonly personId: string;
  readonly sessionId: string | undefined;
  readonly stepUpId: string | undefined;
  readonly action: StepUpAction;
}

const PURPOSE = 'step-up';
/** How long a limit that was changed may still be the old one in an instance. */
const LIMITS_MS = 60_000;

/** Asks for the second factor once more where much is at stake, and lets each approval be used once. */
export class StepUpService {
  private limits: { readonly byCurrency: ReadonlyMap<string, bigint>; readonly readAt: number } | undefined;

  constructor(private readonly parts: StepUpParts) {}

  /**
   * Says whether an amount is above its currency's limit; what is not needs no step-up, whoever pays. In a transaction the
   * limits are read through it: a second connection while one is held could wait for itself.
   */
  async concerns(amount: Money, manager: EntityManager = this.parts.dataSource.manager): Promise<boolean> {
    if (!this.limits || performance.now() - this.limits.readAt > LIMITS_MS) {
      const rows: { currency: string; amount: string }[] = await manager.query(
        `/* stepUps.limits */ SELECT DISTINCT ON (id) currency, cap::text AS amount FROM limit_definition
         WHERE 'STEP_UP' = ANY (kinds) AND "effectiveFrom" <= clock_timestamp() ORDER BY id, version DESC`,
      );
      const byCurrency = new Map(rows.map((row) => [row.currency, BigInt(row.amount)]));
      this.limits = { byCurrency, readAt: performance.now() };
    }
    return isLarge(amount, this.limits.byCurrency);
  }

  /** Says whether a movement needs its approval looked at: a large one of somebody with a second factor. */
  async asksFor({ personId, amount }: { personId: string; amount: Money }): Promise<boolean> {
    return (await this.concerns(amount)) && hasFactor(this.parts.dataSource.manager, personId);
  }

  /**
   * Moves money only with a step-up where the amount is large and the person has a second factor. Runs in the transaction
   * of the movement: the approval is used where `work` succeeds and kept where it is refused or rolled back, so that a
   * retry under the same key meets either the stored answer or an approval that is still good.
   */
  async guardMovement<Done extends object>(
    tx: Tx,
    claim: StepUpClaim & { readonly amount: Money },
    work: () => Promise<Outcome<Done>>,
  ): Promise<Outcome<Done>> {
    return (await this.concerns(claim.amount, tx)) ? this.guard(tx, claim, work) : work();
  }

  /** Does `work` only with a step-up where the person has a second factor. */
  async guard<Done extends object>(
    tx: Tx,
    claim: StepUpClaim,
    work: () => Promise<Outcome<Done>>,
  ): Promise<Outcome<Done>> {
    if (!(await hasFactor(tx, claim.personId))) return work();
    const id = await this.lockApproval(tx, claim);
    if (!id) return stepUpRequired();
    const done = await work();
    if (done.ok) {
      await tx.query('/* stepUps.use */ UPDATE step_up SET "usedAt" = $2 WHERE id = $1', [id, this.parts.now()]);
    }
    return done;
  }

  /** Locks the approval that a claim brings; undefined where it allows no such thing. Of two users the second waits here. */
  private async lockApproval(tx: Tx, claim: StepUpClaim): Promise<string | undefined> {
    const id = claim.stepUpId === undefined ? undefined : uuidOf(claim.stepUpId);
    const { personId, sessionId } = claim;
    if (!id || !sessionId) return undefined;
    const [record]: StepUpRecord[] = await tx.query(
      `/* stepUps.lock */ SELECT "personId", "sessionId", binding, "expiresAt", "approvedAt", "usedAt"
       FROM step_up WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    const asked = { personId, sessionId, bindings: this.bindingsOf(claim.action), now: this.parts.now() };
    return record && allows(record, asked) ? id : undefined;
  }

  /** Gives the keyed name of an action: who reads the table learns neither payee nor amount. */
  bindingOf(action: StepUpAction): string {
    return this.parts.sealer.blindIndex(actionText(action), PURPOSE);
  }

  /** Gives every name that an action may have been kept under: it was asked for under the key that was first then. */
  private bindingsOf(action: StepUpAction): readonly string[] {
    return this.parts.sealer.blindIndexes(actionText(action), PURPOSE);
  }
}

/** Says whether a person has a second factor that was confirmed. */
export async function hasFactor(manager: EntityManager, personId: string): Promise<boolean> {
  const factors: unknown[] = await manager.query(
    '/* stepUps.factor */ SELECT 1 FROM totp_factor WHERE "personId" = $1 AND "confirmedAt" IS NOT NULL',
    [personId],
  );
  return factors.length > 0;
}

/** Says that the second factor must approve this first. The key of a payment stays free: the retry brings the approval. */
export function stepUpRequired(): Refused {
  return refuse('STEP_UP_REQUIRED', ['input', 'stepUpId']);
}
