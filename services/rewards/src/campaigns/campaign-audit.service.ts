import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type CampaignAction, CampaignAuditEntity } from './campaign-audit.entity';

/** Who changes a campaign, and why, where that is said. */
export interface CampaignActor {
  readonly operatorId: string;
  readonly reason: string | null;
}

interface Audited {
  readonly campaignId: string;
  readonly action: CampaignAction;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Writes a change into the trail of its campaign, in the transaction that makes it. Without an actor its time was over. */
export async function auditCampaign(tx: Tx, { before, after, ...change }: Audited, by: CampaignActor | undefined): Promise<void> {
  await tx.insert(CampaignAuditEntity, {
    ...change, id: uuidv7(), before: before as object | null, after: after as object, actorId: by?.operatorId ?? null, reason: by?.reason ?? null,
  });
}

/** What is read of the trail. */
export class CampaignAuditService {
  constructor(private readonly parts: { readonly dataSource: DataSource }) {}

  /** Gives up to `page.limit` entries of a campaign, the newest first. */
  trail(campaignId: string, page: { limit: number; after: string | undefined }): Promise<CampaignAuditEntity[]> {
    return this.parts.dataSource.query(
      `/* campaignAudit.trail */ SELECT * FROM campaign_audit WHERE "campaignId" = $1 AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
       ORDER BY id DESC LIMIT $3`,
      [campaignId, page.after ?? null, page.limit],
    );
  }
}
