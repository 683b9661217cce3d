import { toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import type { Tx } from '@tael/platform/postgres';
import { lockSpending } from '../campaigns/campaign.locks';
import type { LinkService } from '../links/link.service';
import { onLink, type ReferralFacts, type ReferralReward, type ReferralStatus, referralStatus } from './referral.domain';

export interface Invitation extends ReferralFacts {
  readonly referrerId: string | null;
}

export const NOBODY_INVITED: Invitation = { status: 'NONE', referrerId: null, linkedAt: null, isQualified: false };

interface ReferralRow {
  friendId: string;
  referrerId: string;
  status: ReferralStatus;
}

/** A referral of two people who are linked now, and the payment that qualified it. */
interface LinkedReferral extends ReferralRow, ReferralFacts {
  readonly status: ReferralStatus;
  readonly paymentId: string | null;
  readonly paidAt: Date | null;
}

const FACTS = '"friendId", "referrerId", status, "linkedAt", "qualifyingPaymentId" IS NOT NULL AS "isQualified"';

interface Origin {
  readonly time: Date;
  readonly traceparent: string;
}

/** Keeps who invited whom, and how far each invitation has come. */
export class ReferralService {
  constructor(private readonly now: () => Date, private readonly links: LinkService) {}

  /**
   * Notes that a person came by another's code; gives whether what the person has paid is to be looked at again. Inviting oneself is
   * REJECTED, and so is every invitation of a ring that is still open: whichever of them is heard of last, they are all alike. So is
   * that of somebody with the same card or bank account.
   */
  async join(tx: Tx, people: { friendId: string; referrerId: string; joinedAt: Date }, traceparent: string): Promise<boolean> {
    const { friendId, referrerId, joinedAt } = people;
    await lockSpending(tx);
    const line: { id: string }[] = await tx.query(
      `/* referrals.line */ WITH RECURSIVE line (id) AS (
         SELECT $1::uuid UNION SELECT r."referrerId" FROM referral r JOIN line ON r."friendId" = line.id
       ) SELECT id FROM line`,
      [referrerId],
    );
    const isRing = line.some(({ id }) => id === friendId);
    const linkedAt = isRing ? null : await this.links.since(tx, friendId, referrerId);
    const status: ReferralStatus = isRing || linkedAt ? 'REJECTED' : 'JOINED';
    const added: unknown[] = await tx.query(
      `/* referrals.join */ INSERT INTO referral ("friendId", "referrerId", status, "joinedAt", "linkedAt") VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT ("friendId") DO NOTHING RETURNING "friendId"`,
      [friendId, referrerId, status, joinedAt, linkedAt],
    );
    if (added.length === 0) return false;
    await this.tell(tx, { friendId, referrerId, status }, { time: joinedAt, traceparent });
    if (isRing) await this.rejectOpen(tx, line.map(({ id }) => id), traceparent);
    return !isRing;
  }

  private async rejectOpen(tx: Tx, friendIds: readonly string[], traceparent: string): Promise<void> {
    const [rows]: [ReferralRow[], number] = await tx.query(
      `/* referrals.reject */ UPDATE referral SET status = 'REJECTED' WHERE "friendId" = ANY($1::uuid[]) AND status = 'JOINED'
       RETURNING "friendId", "referrerId", status`,
      [friendIds],
    );
    for (const row of rows) await this.tell(tx, row, { time: this.now(), traceparent });
  }

  /** Gives how people came, by person. The turn must be held: then the later of a sign-up and this sees the earlier. */
  async invitations(tx: Tx, personIds: readonly string[]): Promise<Map<string, Invitation>> {
    const rows: (Invitation & ReferralRow)[] = await tx.query(
      `/* referrals.invitations */ SELECT ${FACTS} FROM referral WHERE "friendId" = ANY($1::uuid[])`,
      [[...new Set(personIds)]],
    );
    return new Map(rows.map((row) => [row.friendId, row]));
  }

  /** Takes the referral that a friend's payment may qualify; undefined where it is not open any more. */
  async lockOpen(tx: Tx, friendId: string): Promise<Invitation> {
    const [row]: Invitation[] = await tx.query(
      `/* referrals.lock */ SELECT ${FACTS} FROM referral WHERE "friendId" = $1 FOR UPDATE`, [friendId],
    );
    return row ?? NOBODY_INVITED;
  }

  /** Notes the payment that qualified the friend, and the campaign that rewards both. */
  async qualify(tx: Tx, qualified: { friendId: string; campaignId: string; paymentId: string }, traceparent: string): Promise<void> {
    const [rows]: [ReferralRow[], number] = await tx.query(
      `/* referrals.qualify */ UPDATE referral SET status = 'QUALIFIED', "campaignId" = $2, "qualifyingPaymentId" = $3
       WHERE "friendId" = $1 AND "qualifyingPaymentId" IS NULL AND (status = 'JOINED' OR (status = 'REJECTED' AND "linkedAt" IS NOT NULL))
       RETURNING "friendId", "referrerId", status`,
      [qualified.friendId, qualified.campaignId, qualified.paymentId],
    );
    if (!rows[0]) throw new Error('a referral was qualified twice');
    await this.tell(tx, rows[0], { time: this.now(), traceparent });
  }

  /**
   * Brings referrals to what a new link of two people says, theirs and those of who is linked to either; gives the payments
   * whose referral rewards are to be taken back. The turn must be held.
   */
  async link(tx: Tx, { one, other }: { one: string; other: string }, traceparent: string): Promise<string[]> {
    const rows: LinkedReferral[] = await tx.query(
      `/* referrals.linked */ WITH pair (near, far) AS (VALUES ($1::uuid, $2::uuid), ($2, $1)), met (one, other) AS (
         SELECT near, far FROM pair
         UNION SELECT near, "highId" FROM pair JOIN person_link ON "lowId" = far
         UNION SELECT near, "lowId" FROM pair JOIN person_link ON "highId" = far
       ), concerned AS (
         SELECT r.* FROM met JOIN referral r ON r."friendId" = met.one AND r."referrerId" = met.other
         UNION SELECT r.* FROM met JOIN referral r ON r."friendId" = met.other AND r."referrerId" = met.one
       )
       SELECT ${FACTS}, p.id AS "paymentId", p."occurredAt" AS "paidAt"
       FROM concerned LEFT JOIN payment p ON p.id = "qualifyingPaymentId" ORDER BY "friendId"`,
      [one, other],
    );
    const back: string[] = [];
    for (const row of rows) {
      const since = await this.links.since(tx, row.friendId, row.referrerId);
      const what = since ? onLink(row, { since, paidAt: row.paidAt }) : 'LEAVE';
      if (what === 'LEAVE') continue;
      const status = what === 'REFUSE' ? 'REJECTED' : row.status;
      await tx.query('/* referrals.link */ UPDATE referral SET "linkedAt" = $2, status = $3 WHERE "friendId" = $1', [row.friendId, since, status]);
      if (what === 'REFUSE') await this.tell(tx, { ...row, status }, { time: this.now(), traceparent });
      if (what === 'TAKE_BACK') back.push(row.paymentId!);
    }
    return back;
  }

  /** Takes the referral that a payment qualified, before its rewards change; the order is referral, then rewards. */
  async lockQualifiedBy(tx: Tx, paymentId: string): Promise<void> {
    await tx.query(
      '/* referrals.lock-by-payment */ SELECT FROM referral WHERE "qualifyingPaymentId" = $1 FOR UPDATE', [paymentId],
    );
  }

  /** Brings the referral that a payment qualified to what its two rewards say. */
  async refresh(tx: Tx, paymentId: string, traceparent: string): Promise<void> {
    const [row]: ReferralRow[] = await tx.query(
      `/* referrals.by-payment */ SELECT "friendId", "referrerId", status FROM referral WHERE "qualifyingPaymentId" = $1`,
      [paymentId],
    );
    if (!row) return;
    const rewards: ReferralReward[] = await tx.query(
      `/* referrals.rewards */ SELECT status, amount, reversed FROM benefit
       WHERE "paymentId" = $1 AND kind = 'REFERRAL_REWARD'`,
      [paymentId],
    );
    const status = referralStatus(rewards);
    if (status === row.status) return;
    await tx.query('/* referrals.set */ UPDATE referral SET status = $2 WHERE "friendId" = $1', [row.friendId, status]);
    await this.tell(tx, { ...row, status }, { time: this.now(), traceparent });
  }

  private async tell(tx: Tx, referral: ReferralRow, { time, traceparent }: Origin): Promise<void> {
    const { referrerId, friendId, status } = referral;
    await appendToOutbox(tx, [
      toMessage('referral.changed', { referrerId, friendId, status, occurredAt: time }, { source: 'rewards', time, traceparent }),
    ]);
  }
}
