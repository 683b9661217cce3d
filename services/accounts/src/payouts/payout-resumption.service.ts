import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { audit } from '../audit/audit.service';
import { emit } from '../events/emission';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { payFrom } from '../settlements/settlement-cursor.service';
import type { StepUpService } from '../step-ups/step-up.service';
import type { Caller } from '../transactions/transaction.domain';
import { RESUMPTIONS_MAX, resumptionDenial, type ResumptionState } from './payout.domain';
import { lockAsOwner, merchantPeople, ownerDenial } from './payout-owner.service';
import { RESUMPTION_STATES } from './payout-resumption.sql';

interface ResumptionParts {
  readonly dataSource: DataSource;
  readonly stepUps: StepUpService;
  readonly now: () => Date;
}

export interface ResumePayouts {
  readonly merchantId: string;
  /** The payout that failed or came back, after which payouts are to go on. */
  readonly payoutId: string;
  readonly stepUpId?: string | undefined;
}

type State = ResumptionState & { readonly id: string; readonly merchantId: string };

/** What an owner who wants payouts to go on must know: the payout to name, and how often that may still be done. */
export interface Resumable {
  readonly payoutId: string;
  readonly resumptionsLeft: number;
}

/**
 * Lets payouts go on to an account that did not take one, where its bank has put right what was wrong. The account stays what it was, so
 * nobody turns the money elsewhere by it. A payout is named, and once for each: the same again changes nothing.
 */
export class PayoutResumptionService {
  constructor(private readonly parts: ResumptionParts) {}

  async resume(caller: Caller, command: ResumePayouts): Promise<Outcome<{ merchantId: string }>> {
    const [merchantId, payoutId] = [uuidOf(command.merchantId), uuidOf(command.payoutId)];
    if (!merchantId) return refuse('NOT_FOUND', ['input', 'merchantId']);
    if (!payoutId) return refuse('NOT_FOUND', ['input', 'payoutId']);
    const denied = ownerDenial(await merchantPeople(this.parts.dataSource.manager, merchantId), caller);
    if (denied) return denied;
    const { personId, sessionId } = caller;
    const claim = { personId, sessionId, stepUpId: command.stepUpId, action: { purpose: 'RESUME_PAYOUTS', merchantId, payoutId } as const };
    return inTransaction<Outcome<{ merchantId: string }>>(this.parts.dataSource, async (tx) => {
      const still = await lockAsOwner(tx, merchantId, caller);
      if (still) return still;
      if (await wasResumed(tx, merchantId, payoutId)) return { ok: true, merchantId };
      const [state]: State[] = await tx.query(RESUMPTION_STATES, [[merchantId]]);
      const denial = resumptionDenial(state ?? { status: undefined, failed: undefined, resumptions: 0 }, payoutId);
      if (denial) return refuse('NOT_ALLOWED', ['input', denial === 'OTHER_PAYOUT' ? 'payoutId' : 'merchantId'], denial);
      return this.parts.stepUps.guard(tx, claim, async () => {
        await this.release(tx, caller, { state: state!, payoutId });
        return { ok: true as const, merchantId };
      });
    });
  }

  private async release(tx: Tx, caller: Caller, { state, payoutId }: { state: State; payoutId: string }): Promise<void> {
    const { id: payoutAccountId, merchantId } = state;
    const at = this.parts.now();
    await tx.query(
      '/* payoutResumptions.add */ INSERT INTO payout_resumption ("payoutId", "payoutAccountId", "resumedBy", "resumedAt") VALUES ($1, $2, $3, clock_timestamp())',
      [payoutId, payoutAccountId, caller.personId],
    );
    const [[account]]: [[{ usableFrom: Date; last4: string }], number] = await tx.query(
      `/* payoutResumptions.release */ UPDATE payout_account SET status = 'ACTIVE' WHERE id = $1 AND status = 'HELD' RETURNING "usableFrom", last4`,
      [payoutAccountId],
    );
    await payFrom(tx, merchantId, account.usableFrom);
    await audit(tx, { kind: 'MERCHANT', id: merchantId }, {
      at, actorId: caller.personId, action: 'PAYOUTS_RESUMED', before: { payoutAccount: 'HELD', payoutId }, after: { payoutAccount: 'ACTIVE' },
      reason: 'An owner lets payouts go on to the same account',
    });
    const owners = (await merchantPeople(tx, merchantId))?.owners ?? [];
    await emit(tx, caller, owners.map((personId) => ({
      type: 'payouts.resumed',
      data: { personId, merchantId, payoutAccountId, payoutId, resumedBy: caller.personId, last4: account.last4, occurredAt: at },
    })));
  }

  /** Gives for each of some merchants whose account is held what to name to let payouts go on, and how often that may still be. */
  async resumable(merchantIds: readonly string[]): Promise<ReadonlyMap<string, Resumable>> {
    const states: State[] = await this.parts.dataSource.query(RESUMPTION_STATES, [merchantIds]);
    return new Map(states.flatMap(({ merchantId, status, failed, resumptions }): [string, Resumable][] => (
      status === 'HELD' && failed ? [[merchantId, { payoutId: failed, resumptionsLeft: Math.max(0, RESUMPTIONS_MAX - resumptions) }]] : []
    )));
  }
}

async function wasResumed(tx: Tx, merchantId: string, payoutId: string): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    `/* payoutResumptions.known */ SELECT 1 FROM payout_resumption r JOIN bank_order o ON o.id = r."payoutId"
     WHERE r."payoutId" = $1 AND o."merchantId" = $2`,
    [payoutId, merchantId],
  );
  return rows.length > 0;
}
