import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { SignedInPerson } from '../people/credential.service';
import { normaliseEmail } from '../people/person.domain';
import { type CodeService, tryLater, wrongCode } from '../second-factor/code.service';
import { afterCode } from '../second-factor/sign-in-challenge.service';
import { whileSessionLives } from '../sessions/session.service';
import { STEP_UP_MINUTES, type StepUpAction, type StepUpPurpose } from './step-up.domain';
import type { StepUpService } from './step-up.service';

/** A step-up as its owner sees it. */
export interface StepUp {
  readonly id: string;
  readonly purpose: StepUpPurpose;
  readonly expiresAt: Date;
  readonly approvedAt: Date | null;
}

interface ApprovalParts {
  readonly dataSource: DataSource;
  readonly codes: CodeService;
  readonly stepUps: StepUpService;
  readonly now: () => Date;
}

// What was never used is forgotten after a day; what was used stays as the proof of the payment that it approved.
const PRUNE_UNUSED = `/* stepUps.prune */ DELETE FROM step_up
  WHERE "personId" = $1 AND "usedAt" IS NULL AND "expiresAt" < $2::timestamptz - interval '1 day'`;

/** Asks for the second factor about one action, and takes its answer. */
export class StepUpApprovalService {
  constructor(private readonly parts: ApprovalParts) {}

  /** Opens a step-up for exactly this action of this session. */
  async request(person: SignedInPerson, action: StepUpAction): Promise<Outcome<{ stepUp: StepUp }>> {
    const named = canonical(action);
    if (!named.ok) return named;
    const { dataSource, now, stepUps } = this.parts;
    const { personId, sessionId } = person;
    const expiresAt = new Date(now().getTime() + STEP_UP_MINUTES * 60_000);
    const { purpose } = action;
    const stepUp = { id: uuidv7(), purpose, expiresAt, approvedAt: null };
    return inTransaction(dataSource, (tx) =>
      whileSessionLives(tx, person, async () => {
        await tx.query(PRUNE_UNUSED, [personId, now()]);
        const opened: unknown[] = await tx.query(
          `/* stepUps.open */ INSERT INTO step_up (id, "personId", "sessionId", purpose, binding, "createdAt", "expiresAt")
           SELECT $1, f."personId", $3, $4, $5, $6, $7 FROM totp_factor f
           WHERE f."personId" = $2 AND f."confirmedAt" IS NOT NULL RETURNING 1`,
          [stepUp.id, personId, sessionId, purpose, stepUps.bindingOf(named.action), now(), expiresAt],
        );
        if (opened.length === 0) return refuse('NOT_ALLOWED', undefined, 'NO_SECOND_FACTOR');
        return { ok: true, stepUp };
      }),
    );
  }

  /** Approves a step-up of this session with a code. One that is unknown, over or another's answers like a wrong code. */
  async approve(
    person: SignedInPerson,
    command: { stepUpId: string; code: string },
  ): Promise<Outcome<{ stepUp: StepUp }>> {
    const { codes, dataSource } = this.parts;
    const id = uuidOf(command.stepUpId);
    if (!id) return wrongCode();
    if (!(await codes.takeChallengeTry(`${person.sessionId}/${id}`))) return tryLater();
    if (!(await codes.takePersonTry(person.personId))) return tryLater();
    const done = await inTransaction(dataSource, (tx) =>
      whileSessionLives(tx, person, () => this.pass(tx, person, { id, code: command.code })),
    );
    if (done.ok) await codes.forgive(person.personId);
    return done;
  }

  private async pass(
    tx: Tx,
    person: SignedInPerson,
    { id, code }: { id: string; code: string },
  ): Promise<Outcome<{ stepUp: StepUp }>> {
    const { codes, now } = this.parts;
    const { personId, sessionId, traceparent } = person;
    const [open]: StepUp[] = await tx.query(
      `/* stepUps.lockOpen */ SELECT id, purpose, "expiresAt", "approvedAt" FROM step_up
       WHERE id = $1 AND "personId" = $2 AND "sessionId" = $3 AND "approvedAt" IS NULL AND "expiresAt" > $4
       FOR NO KEY UPDATE`,
      [id, personId, sessionId, now()],
    );
    if (!open) return wrongCode();
    const used = await codes.use(tx, personId, code);
    if (!used.ok) return used;
    const approvedAt = now();
    await tx.query('/* stepUps.approve */ UPDATE step_up SET "approvedAt" = $2 WHERE id = $1', [id, approvedAt]);
    await afterCode(tx, { personId, proof: used.proof, now: approvedAt, traceparent });
    return { ok: true, stepUp: { ...open, approvedAt } };
  }
}

const FIELDS = { PAY_MERCHANT: 'payment', SEND_MONEY: 'transfer', WITHDRAW: 'withdrawal' } as const;

/** Gives an action in the form in which the mutation will name it, or refuses what no mutation could do. */
function canonical(action: StepUpAction): Outcome<{ action: StepUpAction }> {
  if (action.purpose === 'APPROVE_REQUEST') {
    const approvalId = uuidOf(action.approvalId);
    return approvalId ? { ok: true, action: { ...action, approvalId } } : refuse('NOT_FOUND', ['input', 'approval', 'approvalId']);
  }
  if (!('amount' in action)) return { ok: true, action };
  const field = FIELDS[action.purpose];
  const amount = checkAmount(action.amount);
  if (!amount.ok) return refuse('INVALID_INPUT', ['input', field, 'amount', 'amount'], amount.refusals[0]!.reason);
  const walletId = uuidOf(action.walletId);
  if (!walletId) return refuse('NOT_FOUND', ['input', field, 'walletId']);
  if (action.purpose === 'SEND_MONEY') {
    return { ok: true, action: { ...action, walletId, recipientEmail: normaliseEmail(action.recipientEmail) } };
  }
  if (action.purpose === 'WITHDRAW') {
    const paymentMethodId = uuidOf(action.paymentMethodId);
    return paymentMethodId
      ? { ok: true, action: { ...action, walletId, paymentMethodId } }
      : refuse('NOT_FOUND', ['input', field, 'paymentMethodId']);
  }
  const merchantId = uuidOf(action.merchantId);
  if (!merchantId) return refuse('NOT_FOUND', ['input', field, 'merchantId']);
  return { ok: true, action: { ...action, walletId, merchantId } };
}
