import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { displayNames } from '../people/person.service';
import { type MerchantRole, type RefundParties, roleOf } from './refund.domain';
import { RefundPersonEntity } from './refund-person.entity';

/** Who gave a payment back, as the merchant's owners and managers see it. */
export interface RefundPerson {
  readonly personId: string;
  readonly displayName: string;
  readonly role: MerchantRole;
}

/** Notes who gave a payment back, in the transaction that books it. Of whoever does not act for the merchant, an operator, nothing is noted. */
export async function noteRefundPerson(tx: Tx, refundId: string, parties: RefundParties, personId: string): Promise<void> {
  const role = roleOf(parties, personId);
  if (role) await tx.insert(RefundPersonEntity, { refundId, personId, role });
}

/** Shows a merchant's owners and managers who of its people gave payments back. */
export class RefundPersonService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly sealer: Sealer }) {}

  /** Gives who made refunds, of those whose merchant the viewer is an owner or manager of now. Nobody else learns a name by it: a payer neither. */
  async ofRefunds(ids: readonly string[], viewerId: string): Promise<Map<string, RefundPerson>> {
    const { dataSource, sealer } = this.parts;
    const rows: RefundPersonEntity[] = await dataSource.query(
      `/* refunds.people */ SELECT r."refundId", r."personId", r.role FROM refund_person r
       JOIN ledger_tx t ON t.id = r."refundId" JOIN merchant_copy m ON m."merchantId" = t."merchantId"
       WHERE r."refundId" = ANY ($1::uuid[]) AND $2::uuid = ANY (m.people) AND $2::uuid <> ALL (m.cashiers)`,
      [ids, viewerId],
    );
    const names = await displayNames(dataSource.manager, sealer, [...new Set(rows.map(({ personId }) => personId))]);
    return new Map(rows.map(({ refundId, personId, role }) => [refundId, { personId, role, displayName: names.get(personId)! }]));
  }
}
