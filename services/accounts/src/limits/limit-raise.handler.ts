import type { Tx } from '@tael/platform/postgres';
import { z } from 'zod';
import type { ApprovalHandler, Asked } from '../approvals/approval.handler';
import { named } from '../ledger/account.ids';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { decideLimit, LIMIT_NOTICE_MS, type LimitChange } from './limit-change.domain';
import { enterVersion, lockLimit } from './limit-version.service';

const payload = z.object({ limitId: z.string(), expectedVersion: z.number().int(), effectiveFrom: z.iso.datetime().nullable() });

/** The subject of a request to raise a limit: an id that follows from the limit's name, so that one waits at a time. */
export const limitSubjectId = (limitId: string): string => named(`LIMIT/${limitId}`);

async function look(tx: Tx, asked: Asked): Promise<Outcome<{ locked: NonNullable<Awaited<ReturnType<typeof lockLimit>>>; change: LimitChange }>> {
  const { limitId, expectedVersion, effectiveFrom } = payload.parse(asked.payload);
  const locked = await lockLimit(tx, limitId);
  if (!locked) return refuse('NOT_FOUND', ['input', 'limitId']);
  if (locked.limit.measure !== 'AMOUNT') return refuse('INVALID_INPUT', ['input', 'limitId'], 'LIMIT_MEASURE');
  if (locked.limit.currency !== asked.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  return { ok: true, locked, change: { expectedVersion, cap: asked.amount, effectiveFrom: effectiveFrom === null ? undefined : new Date(effectiveFrom) } };
}

/** A raise of a limit: what somebody may move is risk, so two persons decide it. The result is the version's change. */
export const limitRaiseHandler: ApprovalHandler = {
  kind: 'LIMIT_RAISE',
  async check(tx, asked) {
    const looked = await look(tx, asked);
    return looked.ok ? decideLimit(looked.locked.limit, looked.change, { now: looked.locked.now, persons: 2 }) : looked;
  },
  async execute(tx, approval, by) {
    const looked = await look(tx, approval);
    if (!looked.ok) return looked;
    const { locked, change } = looked;
    // Where the instant has passed while it waited, it begins as soon as may be.
    const isPast = change.effectiveFrom && change.effectiveFrom.getTime() < locked.now.getTime() + LIMIT_NOTICE_MS;
    const entered = await enterVersion(tx, locked, { ...change, effectiveFrom: isPast ? undefined : change.effectiveFrom, reason: approval.reason }, {
      by: by.personId, persons: 2, approvalId: approval.id,
    });
    return entered.ok ? { ok: true, resultId: entered.changeId } : entered;
  },
};
