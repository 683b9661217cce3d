import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { EntityManager } from 'typeorm';
import type { Viewer } from '../transactions/transaction.domain';
import type { DecidedBy, Decision, DisputeReason, DisputeStatus } from './dispute.domain';
import type { DisputeEntity } from './dispute.entity';

/** A dispute as the API shows it. */
export interface Dispute {
  readonly id: string;
  readonly transactionId: string;
  readonly merchantId: string;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly reason: DisputeReason;
  readonly description: string;
  readonly status: DisputeStatus;
  readonly respondBy: Date;
  readonly evidence: string | null;
  readonly answeredAt: Date | null;
  readonly decision: Decision | null;
  readonly decidedBy: DecidedBy | null;
  readonly decisionReason: string | null;
  readonly refunded: bigint;
  readonly refundId: string | null;
  readonly decidedAt: Date | null;
  readonly createdAt: Date;
}

/** A page of disputes, newest first; `after` is the id of the last one before it. */
export interface DisputePage {
  readonly limit: number;
  readonly after: string | undefined;
  readonly status: DisputeStatus | undefined;
}

const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const page = (where: string): string =>
  `SELECT d.* FROM dispute d WHERE ${where} AND d.id < coalesce($2::uuid, '${NEWEST}') AND ($3::text IS NULL OR d.status = $3) ORDER BY d.id DESC LIMIT $4`;

/** Reads disputes; who may see them each method says. */
export class DisputeReader {
  constructor(private readonly parts: { manager: EntityManager; sealer: Sealer }) {}

  /** Gives a person's own. */
  ofPerson(personId: string, { limit, after, status }: DisputePage): Promise<Dispute[]> {
    return this.read(`/* disputes.of-person */ ${page('d."personId" = $1')}`, [personId, after ?? null, status ?? null, limit]);
  }

  /** Gives all of them: for operators. */
  all({ limit, after, status }: DisputePage): Promise<Dispute[]> {
    return this.read(`/* disputes.all */ ${page('$1::text IS NULL')}`, [null, after ?? null, status ?? null, limit]);
  }

  /** Gives those of a merchant, for its people and operators; undefined for everybody else, and where there is no such merchant. */
  async ofMerchant(merchantId: string, viewer: Viewer, { limit, after, status }: DisputePage): Promise<Dispute[] | undefined> {
    const [merchant] = await this.parts.manager.query(
      '/* disputes.merchant */ SELECT 1 FROM merchant_copy WHERE "merchantId" = $1 AND ($2::boolean OR $3 = ANY (people))',
      [merchantId, viewer.operator, viewer.personId],
    );
    if (!merchant) return undefined;
    return this.read(`/* disputes.of-merchant */ ${page('d."merchantId" = $1')}`, [merchantId, after ?? null, status ?? null, limit]);
  }

  /** Gives the newest dispute of each of the payments, where the viewer has a part in it or is an operator. */
  async ofPayments(transactionIds: readonly string[], viewer: Viewer): Promise<Map<string, Dispute>> {
    const found = await this.read(
      `/* disputes.of-payments */ SELECT DISTINCT ON (d."transactionId") d.* FROM dispute d LEFT JOIN merchant_copy m ON m."merchantId" = d."merchantId"
       WHERE d."transactionId" = ANY ($1::uuid[]) AND ($2::boolean OR d."personId" = $3 OR $3 = ANY (m.people))
       ORDER BY d."transactionId", d.id DESC`,
      [transactionIds, viewer.operator, viewer.personId],
    );
    return new Map(found.map((dispute) => [dispute.transactionId, dispute]));
  }

  /** Gives one, whoever asks, as it stands in the open transaction. */
  async one(tx: Tx, id: string): Promise<Dispute> {
    const [row]: DisputeEntity[] = await tx.query('/* disputes.one */ SELECT * FROM dispute WHERE id = $1', [id]);
    return this.shown(row!);
  }

  private async read(sql: string, values: unknown[]): Promise<Dispute[]> {
    const rows: DisputeEntity[] = await this.parts.manager.query(sql, values);
    return rows.map((row) => this.shown(row));
  }

  private shown(row: DisputeEntity): Dispute {
    const open = (text: string | null): string | null => (text === null ? null : this.parts.sealer.open(text, row.id));
    const { id, transactionId, merchantId, currency, amount, reason, status, respondBy, answeredAt, decision, decidedBy } = row;
    const { refunded, refundId, decidedAt, createdAt } = row;
    return {
      id, transactionId, merchantId, currency, amount, reason, status, respondBy, answeredAt, decision, decidedBy, refunded, refundId, decidedAt, createdAt,
      description: this.parts.sealer.open(row.description, id), evidence: open(row.evidence), decisionReason: open(row.decisionReason),
    };
  }
}
