import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import type { Condition, Outcome, Verdict } from '../evaluations/evaluation.domain';

export interface Decision {
  readonly paymentId: string;
  readonly campaignId: string;
  readonly outcome: Outcome;
  readonly conditions: readonly Condition[];
}

/** Keeps what each campaign decided on a payment, and why. */
export class DecisionService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly now: () => Date }) {}

  /** Writes decisions; one that a later event changes (a referral that was not known yet) replaces the earlier. */
  async writeAll(
    tx: Tx, decisions: readonly { paymentId: string; campaignId: string; verdict: Verdict }[],
  ): Promise<void> {
    if (decisions.length === 0) return;
    await tx.query(
      `/* decisions.write */ INSERT INTO reward_decision ("paymentId", "campaignId", outcome, conditions, "decidedAt")
       SELECT d.*, $5 FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) AS d
       ON CONFLICT ("paymentId", "campaignId") DO UPDATE
         SET outcome = excluded.outcome, conditions = excluded.conditions, "decidedAt" = excluded."decidedAt"`,
      [
        decisions.map((decision) => decision.paymentId),
        decisions.map((decision) => decision.campaignId),
        decisions.map((decision) => decision.verdict.outcome),
        decisions.map((decision) => JSON.stringify(decision.verdict.conditions)),
        this.parts.now(),
      ],
    );
  }

  /** Changes a decision whose grant came to nothing; `rewrite` gives the outcome and the trace that say why. */
  async refuse(
    tx: Tx, { campaignId, paymentId }: { campaignId: string; paymentId: string },
    rewrite: (conditions: readonly Condition[], outcome: Outcome) => Pick<Decision, 'outcome' | 'conditions'>,
  ): Promise<void> {
    const [found]: Pick<Decision, 'conditions' | 'outcome'>[] = await tx.query(
      `/* decisions.lock */ SELECT conditions, outcome FROM reward_decision WHERE "paymentId" = $1 AND "campaignId" = $2 FOR UPDATE`,
      [paymentId, campaignId],
    );
    if (!found) return;
    const { outcome, conditions } = rewrite(found.conditions, found.outcome);
    await tx.query(
      `/* decisions.refuse */ UPDATE reward_decision SET outcome = $3, conditions = $4::jsonb, "decidedAt" = $5
       WHERE "paymentId" = $1 AND "campaignId" = $2`,
      [paymentId, campaignId, outcome, JSON.stringify(conditions), this.parts.now()],
    );
  }

  /** Makes a decision REVERSED where nothing of what it gave is left. */
  async reverseIfAllBack(tx: Tx, { campaignId, paymentId }: { campaignId: string; paymentId: string }): Promise<void> {
    await tx.query(
      `/* decisions.reverse */ UPDATE reward_decision d SET outcome = 'REVERSED', "decidedAt" = $3
       WHERE d."paymentId" = $1 AND d."campaignId" = $2 AND NOT EXISTS (
         SELECT FROM benefit b WHERE b."paymentId" = $1 AND b."campaignId" = $2 AND b.status <> 'REFUSED'
           AND b."takenBack" < b.amount)`,
      [paymentId, campaignId, this.parts.now()],
    );
  }

  /** Gives the decisions on payments, in the order of their campaigns. */
  async ofPayments(paymentIds: readonly string[]): Promise<Map<string, Decision[]>> {
    const rows: Decision[] = await this.parts.dataSource.query(
      `/* decisions.of-payments */ SELECT "paymentId", "campaignId", outcome, conditions FROM reward_decision
       WHERE "paymentId" = ANY($1::uuid[]) ORDER BY "paymentId", "campaignId"`,
      [paymentIds.filter((id) => isUuid(id))],
    );
    const byPayment = new Map<string, Decision[]>();
    for (const row of rows) byPayment.set(row.paymentId, [...(byPayment.get(row.paymentId) ?? []), row]);
    return byPayment;
  }
}
