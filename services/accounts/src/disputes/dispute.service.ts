import { formatAmount, type Money } from '@tael/money';
import { failpoint } from '@tael/platform/failpoint';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { audit } from '../audit/audit.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { findPayment, type Guard, lockGuard, type PaymentRow } from '../refunds/refund.booking.service';
import type { Caller } from '../transactions/transaction.domain';
import {
  type Decision, decideStep, disputedAmount, type DisputeReason, DISPUTES_MAX, isDue, mayDispute, respondBy, textRefusals,
} from './dispute.domain';
import type { DisputeEntity } from './dispute.entity';
import { DisputeReader, type Dispute } from './dispute.rows.service';
import { endDispute, tellDispute } from './dispute.end.service';

export interface OpenDispute {
  readonly transactionId: string;
  readonly reason: DisputeReason;
  readonly description: string;
  /** All that was not given back yet where it is left out. */
  readonly amount: Money | undefined;
}

export interface DisputeParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

/** What the trail says why: the words themselves may hold what is personal, and stand sealed in the dispute, where operators read them. */
const AS_DECIDED = 'As decisionReason of the dispute says';

type Answer = Promise<Outcome<{ dispute: Dispute }>>;
type Step = Parameters<typeof decideStep>[1];

/** A dispute that this transaction holds, with its payment; with the payment's guard where money may be given back. */
interface Held {
  readonly dispute: DisputeEntity;
  readonly payment: PaymentRow;
  readonly guard: Guard | undefined;
  readonly now: Date;
}

/**
 * Disputes of payments. Whoever may give money back locks the guard of the payment first, as each refund does, then the dispute's
 * row: so a refund and a decision stand in one line, and the books never give back more than was paid.
 */
export class DisputeService {
  readonly reader: DisputeReader;

  constructor(private readonly parts: DisputeParts) {
    this.reader = new DisputeReader({ manager: parts.dataSource.manager, sealer: parts.sealer });
  }

  /** Opens a dispute; the same again is answered with the one there is. */
  async open(caller: Caller, command: OpenDispute): Answer {
    const invalid = textRefusals(command.description, 'description');
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const amount = command.amount ? checkAmount(command.amount) : { ok: true as const };
    if (!amount.ok) return amount;
    const transactionId = uuidOf(command.transactionId);
    if (!transactionId) return refuse('NOT_FOUND', ['input', 'transactionId']);
    return inTransaction(this.parts.dataSource, async (tx) => {
      const now = this.parts.now();
      const payment = await findPayment(tx, transactionId);
      const allowed = mayDispute(payment, caller, now);
      if (!allowed.ok) return allowed;
      const guard = await lockGuard(tx, transactionId);
      const before: DisputeEntity[] = await tx.query(
        '/* disputes.before */ SELECT * FROM dispute WHERE "transactionId" = $1 ORDER BY id', [transactionId],
      );
      const present = before.find(({ status }) => status !== 'WITHDRAWN');
      if (present) {
        if (this.isSame(present, command)) return { ok: true, dispute: await this.reader.one(tx, present.id) };
        return refuse('ALREADY_EXISTS', ['input', 'transactionId'], 'DISPUTE');
      }
      if (before.length >= DISPUTES_MAX) return refuse('LIMIT_EXCEEDED', ['input', 'transactionId'], 'DISPUTES');
      const disputed = disputedAmount({ currency: payment!.currency, ...guard }, command.amount);
      if (!disputed.ok) return disputed;
      return { ok: true, dispute: await this.insert(tx, caller, { payment: payment!, command, amount: disputed.amount, refundedBefore: guard.refunded, now }) };
    });
  }

  /** The person takes it back. */
  withdraw(caller: Caller, disputeId: string): Answer {
    return this.step(caller, disputeId, 'WITHDRAW', { work: async (tx, { dispute, payment, now }) => {
      await tx.query('/* disputes.withdraw */ UPDATE dispute SET status = $2, "decidedAt" = $3 WHERE id = $1', [dispute.id, 'WITHDRAWN', now]);
      await tellDispute(tx, caller, { dispute, payment }, {
        type: 'dispute.decided', outcome: 'WITHDRAWN', by: 'PERSON', refundId: null, refunded: 0n, occurredAt: now,
      });
    } });
  }

  /** The merchant gives in: the money goes back in the same transaction. */
  accept(caller: Caller, disputeId: string): Answer {
    return this.step(caller, disputeId, 'ACCEPT', { work: async (tx, { dispute, payment, guard, now }) => {
      const answeredAt = dispute.answeredAt ?? now;
      await tx.query('/* disputes.accept */ UPDATE dispute SET "answeredAt" = $2, "answeredBy" = $3 WHERE id = $1', [dispute.id, answeredAt, caller.personId]);
      await tellDispute(tx, caller, { dispute, payment }, { type: 'dispute.answered', answer: 'ACCEPTED', occurredAt: now });
      await endDispute(tx, caller, { dispute, payment, guard: guard!, now }, { status: 'ACCEPTED', decision: 'PERSON', by: 'MERCHANT', personId: caller.personId });
    } });
  }

  /** The merchant says why it is right: an operator decides. */
  async contest(caller: Caller, { disputeId, evidence }: { disputeId: string; evidence: string }): Answer {
    const invalid = textRefusals(evidence, 'evidence');
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const isSame = (dispute: DisputeEntity): boolean => dispute.evidence !== null && this.parts.sealer.open(dispute.evidence, dispute.id) === evidence;
    return this.step(caller, disputeId, 'CONTEST', { work: async (tx, { dispute, payment, now }) => {
      await tx.query(
        `/* disputes.contest */ UPDATE dispute SET status = 'CONTESTED', evidence = $2, "answeredAt" = $3, "answeredBy" = $4 WHERE id = $1`,
        [dispute.id, this.parts.sealer.seal(evidence, dispute.id), now, caller.personId],
      );
      await tellDispute(tx, caller, { dispute, payment }, { type: 'dispute.answered', answer: 'CONTESTED', occurredAt: now });
    }, isSame });
  }

  /** An operator decides what the merchant contests. */
  async decide(caller: Caller, { disputeId, decision, reason }: { disputeId: string; decision: Decision; reason: string }): Answer {
    const invalid = textRefusals(reason, 'reason');
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const isSame = (dispute: DisputeEntity): boolean => dispute.decidedBy === 'OPERATOR' && dispute.decision === decision;
    return this.step(caller, disputeId, 'DECIDE', { work: async (tx, { dispute, payment, guard, now }) => {
      await tx.query(
        '/* disputes.decide */ UPDATE dispute SET "deciderId" = $2, "decisionReason" = $3 WHERE id = $1',
        [dispute.id, caller.personId, this.parts.sealer.seal(reason, dispute.id)],
      );
      const { refunded, refundId } = await endDispute(tx, caller, { dispute, payment, guard: guard!, now }, { status: 'DECIDED', decision, by: 'OPERATOR' });
      await audit(tx, { kind: 'DISPUTE', id: dispute.id }, {
        at: now, actorId: caller.personId, action: 'DECIDED', before: { status: dispute.status },
        after: { status: 'DECIDED', decision, refunded: formatAmount(refunded, dispute.currency), currency: dispute.currency, refundId }, reason: AS_DECIDED,
      });
    }, isSame });
  }

  /** Decides one that nobody answered in time, for the person; where that is no longer so, nothing. */
  async expire({ id, transactionId }: { id: string; transactionId: string }): Promise<void> {
    const decided = await inTransaction(this.parts.dataSource, async (tx) => {
      const held = await this.hold(tx, id, transactionId, true);
      if (!held || !isDue(held.dispute, held.now)) return false;
      await endDispute(tx, {}, { ...held, guard: held.guard! }, { status: 'DECIDED', decision: 'PERSON', by: 'DEADLINE' });
      failpoint('dispute.before-commit');
      return true;
    });
    if (decided) failpoint('dispute.after-commit');
  }

  /** Gives those whose deadline has come, the oldest first, after the last of the page before. */
  due(after: { id: string; respondBy: Date } | undefined, limit: number): Promise<{ id: string; transactionId: string; respondBy: Date }[]> {
    return this.parts.dataSource.query(
      `/* disputes.due */ SELECT id, "transactionId", "respondBy" FROM dispute WHERE status = 'OPEN' AND "respondBy" <= $1
       AND ("respondBy", id) > (coalesce($2::timestamptz, '-infinity'), coalesce($3::uuid, '00000000-0000-0000-0000-000000000000'))
       ORDER BY "respondBy", id LIMIT $4`,
      [this.parts.now(), after?.respondBy ?? null, after?.id ?? null, limit],
    );
  }

  private async step(
    caller: Caller, disputeId: string, step: Step,
    { work, isSame = () => true }: { work: (tx: Tx, held: Held) => Promise<void>; /** Whether a step that was done before was this one. */ isSame?: (dispute: DisputeEntity) => boolean },
  ): Answer {
    const field = ['input', 'disputeId'];
    const id = uuidOf(disputeId);
    if (!id) return refuse('NOT_FOUND', field);
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [found]: { transactionId: string }[] = await tx.query('/* disputes.payment */ SELECT "transactionId" FROM dispute WHERE id = $1', [id]);
      // What cannot be booked needs no guard, and holds up no refund.
      const held = found && (await this.hold(tx, id, found.transactionId, step === 'ACCEPT' || step === 'DECIDE'));
      const now = held?.now ?? this.parts.now();
      const { merchantPeople = [], cashiers = [] } = held?.payment ?? {};
      const decided = decideStep(held && { ...held.dispute, merchantPeople, cashiers }, step, caller, now);
      if (!decided.ok) return decided;
      if (!decided.repeated) await work(tx, held!);
      else if (!isSame(held!.dispute)) return refuse('NOT_ALLOWED', field, 'DISPUTE_STATUS');
      return { ok: true, dispute: await this.reader.one(tx, id) };
    });
  }

  /** Locks the guard of the payment, if asked to, and then the dispute; the time is read when both are held. */
  private async hold(tx: Tx, id: string, transactionId: string, withGuard: boolean): Promise<Held | undefined> {
    const guard = withGuard ? await lockGuard(tx, transactionId) : undefined;
    const [dispute]: DisputeEntity[] = await tx.query('/* disputes.lock */ SELECT * FROM dispute WHERE id = $1 FOR NO KEY UPDATE', [id]);
    const payment = await findPayment(tx, transactionId);
    return dispute && payment && { dispute, payment, guard, now: this.parts.now() };
  }

  private isSame(dispute: DisputeEntity, { reason, description, amount }: OpenDispute): boolean {
    return (
      dispute.reason === reason && this.parts.sealer.open(dispute.description, dispute.id) === description &&
      (amount === undefined || (amount.minor === dispute.amount && amount.currency === dispute.currency))
    );
  }

  private async insert(
    tx: Tx, caller: Caller, { payment, command, amount, refundedBefore, now }: { payment: PaymentRow; command: OpenDispute; amount: bigint; refundedBefore: bigint; now: Date },
  ): Promise<Dispute> {
    const id = uuidv7();
    const deadline = respondBy(now);
    const { merchantId, personId, currency } = payment;
    await tx.query(
      `/* disputes.open */ INSERT INTO dispute (id, "transactionId", "personId", "merchantId", currency, amount, reason, description, status,
         "respondBy", refunded, "createdAt", "refundedBefore") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'OPEN', $9, 0, $10, $11)`,
      [id, payment.id, personId, merchantId, currency, String(amount), command.reason, this.parts.sealer.seal(command.description, id), deadline, now, String(refundedBefore)],
    );
    await tellDispute(tx, caller, { dispute: { id, currency, amount }, payment }, {
      type: 'dispute.opened', reason: command.reason, respondBy: deadline, occurredAt: now,
    });
    return this.reader.one(tx, id);
  }
}
