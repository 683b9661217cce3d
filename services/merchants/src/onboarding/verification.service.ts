import type { DataSource } from 'typeorm';
import type { Viewer } from '../merchants/merchant.domain';
import { OPEN_STATUSES } from './application.domain';

export type Verification = 'UNVERIFIED' | 'IN_REVIEW' | 'VERIFIED';

/** Says how far merchants are with their verification. */
export class VerificationService {
  constructor(private readonly dataSource: DataSource) {}

  /** Gives it for those of the merchants whose people the viewer is one of; for an operator for all. */
  async of(merchantIds: readonly string[], viewer: Viewer): Promise<Map<string, Verification>> {
    const rows: { id: string; verification: Verification }[] = await this.dataSource.query(
      `/* verifications.of */ SELECT m.id, CASE WHEN m."verifiedAt" IS NOT NULL THEN 'VERIFIED' WHEN EXISTS (
           SELECT FROM merchant_application a WHERE a."merchantId" = m.id AND a.status = ANY ($4) AND a.status <> 'DRAFT')
         THEN 'IN_REVIEW' ELSE 'UNVERIFIED' END AS verification
       FROM merchant m WHERE m.id = ANY ($1::uuid[]) AND ($2::boolean OR EXISTS (
         SELECT FROM merchant_person p WHERE p."merchantId" = m.id AND p."personId" = $3))`,
      [merchantIds, viewer.isOperator, viewer.personId, OPEN_STATUSES],
    );
    return new Map(rows.map(({ id, verification }) => [id, verification]));
  }
}
