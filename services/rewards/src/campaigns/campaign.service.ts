import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { type CampaignDraft, type CampaignInput, draftCampaign, type DraftRefusal } from './campaign-draft.domain';
import { activation, type Campaign, type CampaignStatus, type Change, pause } from './campaign.domain';
import { auditCampaign, type CampaignActor } from './campaign-audit.service';
import { campaignMessages } from './campaign.messages';
import { CAMPAIGN_COLUMNS, type CampaignRow, toCampaign } from './campaign.row';
import { appendToOutbox } from '@tael/platform/outbox';
import { lockSchedule } from './campaign.locks';

export type CampaignRefusal =
  | DraftRefusal
  | { readonly code: 'NOT_FOUND' | 'NOT_ALLOWED'; readonly reason?: string; readonly field: readonly string[] };

export type CampaignOutcome =
  | { readonly ok: true; readonly campaign: Campaign }
  | { readonly ok: false; readonly refusals: readonly CampaignRefusal[] };

/** Which campaigns of a list are wanted: those with a status, and for everybody but operators those that are public. */
export interface CampaignFilter {
  readonly status: CampaignStatus | undefined;
  readonly drafts: boolean;
}

const CAMPAIGN_ID = ['input', 'campaignId'];
const END_BATCH = 50;

/** Answers for campaigns: what they are, when they act, and that others are told of every change. */
export class CampaignService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly now: () => Date }) {}

  /** Stores a campaign as a draft. Refusals: INVALID_INPUT, CURRENCY_MISMATCH. */
  async create(input: CampaignInput, by: CampaignActor): Promise<CampaignOutcome> {
    const decision = draftCampaign(input, this.parts.now());
    if (!decision.ok) return decision;
    const id = uuidv7();
    return inTransaction(this.parts.dataSource, async (tx) => {
      await this.insert(tx, { id, draft: decision.draft, operatorId: by.operatorId });
      const { name, currency, budget, effect } = decision.draft;
      const after = { status: 'DRAFT', name, currency, budget: String(budget), effect: effect.kind };
      await auditCampaign(tx, { campaignId: id, action: 'CREATED', before: null, after, at: this.parts.now() }, by);
      return { ok: true, campaign: await this.get(tx, id) };
    });
  }

  /** Lets a campaign act from now on. Refusals: NOT_FOUND, NOT_ALLOWED. An active one is answered as it is. */
  activate(campaignId: string, by: CampaignActor, traceparent: string): Promise<CampaignOutcome> {
    return this.change({ campaignId, decide: activation, by, traceparent });
  }

  /** Stops a campaign until it is activated again. Refusals: NOT_FOUND, NOT_ALLOWED. */
  pause(campaignId: string, by: CampaignActor, traceparent: string): Promise<CampaignOutcome> {
    return this.change({ campaignId, decide: pause, by, traceparent });
  }

  /** Notes the end of campaigns whose time is over and tells of it; gives how many. Safe in several instances at once. */
  endDue(traceparent: string): Promise<number> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const now = this.parts.now();
      const due: { id: string; status: CampaignStatus }[] = await tx.query(
        `/* campaigns.due */ SELECT id, status FROM campaign WHERE status IN ('ACTIVE', 'PAUSED') AND "endsAt" <= $1
         ORDER BY id LIMIT ${END_BATCH} FOR NO KEY UPDATE SKIP LOCKED`,
        [now],
      );
      for (const { id, status } of due) {
        await this.set(tx, { id, status: 'ENDED', now, traceparent });
        await auditCampaign(tx, { campaignId: id, action: 'ENDED', before: { status }, after: { status: 'ENDED' }, at: now }, undefined);
      }
      return due.length;
    });
  }

  /** Gives campaigns by id, those that exist. */
  async find(ids: readonly string[]): Promise<Map<string, Campaign>> {
    const rows: CampaignRow[] = await this.parts.dataSource.query(
      `/* campaigns.find */ SELECT ${CAMPAIGN_COLUMNS} WHERE c.id = ANY($1::uuid[])`, [ids.filter((id) => isUuid(id))],
    );
    return new Map(rows.map((row) => [row.id, toCampaign(row)]));
  }

  /** Gives up to `page.limit` campaigns, newest first. */
  async list(filter: CampaignFilter, page: { limit: number; after: string | undefined }): Promise<Campaign[]> {
    const rows: CampaignRow[] = await this.parts.dataSource.query(
      `/* campaigns.list */ SELECT ${CAMPAIGN_COLUMNS}
       CROSS JOIN LATERAL (SELECT CASE WHEN c.status IN ('ACTIVE', 'PAUSED') AND c."endsAt" <= $1 THEN 'ENDED'
         ELSE c.status END AS now) s
       WHERE ($2::uuid IS NULL OR c.id < $2) AND ($3::text IS NULL OR s.now = $3) AND ($4::boolean OR s.now = 'ACTIVE')
       ORDER BY c.id DESC LIMIT $5`,
      [this.parts.now(), page.after ?? null, filter.status ?? null, filter.drafts, page.limit],
    );
    return rows.map(toCampaign);
  }

  private async change(command: {
    campaignId: string;
    decide: (campaign: Campaign, now: Date) => Change;
    by: CampaignActor;
    traceparent: string;
  }): Promise<CampaignOutcome> {
    const { campaignId, decide, by, traceparent } = command;
    const missing: CampaignOutcome = { ok: false, refusals: [{ code: 'NOT_FOUND', field: CAMPAIGN_ID }] };
    if (!isUuid(campaignId)) return missing;
    return inTransaction(this.parts.dataSource, async (tx) => {
      await lockSchedule(tx, 'change');
      const [locked] = await tx.query('/* campaigns.lock */ SELECT id FROM campaign WHERE id = $1 FOR NO KEY UPDATE', [campaignId]);
      if (!locked) return missing;
      const now = this.parts.now();
      const before = await this.get(tx, campaignId);
      const change = decide(before, now);
      if (!change.ok) return { ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: change.reason, field: CAMPAIGN_ID }] };
      if (change.changed) {
        const { status } = change;
        await this.set(tx, { id: campaignId, status, now, traceparent });
        const action = status === 'ACTIVE' ? 'ACTIVATED' as const : 'PAUSED' as const;
        await auditCampaign(tx, { campaignId, action, before: { status: before.status }, after: { status }, at: now }, by);
      }
      return { ok: true, campaign: await this.get(tx, campaignId) };
    });
  }

  /** Sets a status with the active time that it opens or closes, and tells the others. */
  private async set(
    tx: Tx, { id, status, now, traceparent }: { id: string; status: CampaignStatus; now: Date; traceparent: string },
  ): Promise<void> {
    await tx.query('/* campaigns.set */ UPDATE campaign SET status = $2, version = version + 1 WHERE id = $1', [id, status]);
    if (status === 'ACTIVE') {
      await tx.query(
        `/* campaigns.open */ INSERT INTO campaign_active_time ("campaignId", "activeFrom") VALUES ($1, $2)
         ON CONFLICT ("campaignId", "activeFrom") DO UPDATE SET "activeTo" = NULL`,
        [id, now],
      );
    } else {
      // The end that was announced counts, not the moment at which somebody noticed it.
      await tx.query(
        `/* campaigns.close */ UPDATE campaign_active_time a
         SET "activeTo" = greatest(a."activeFrom", CASE WHEN $3 THEN least(c."endsAt", $2) ELSE $2 END)
         FROM campaign c WHERE c.id = a."campaignId" AND a."campaignId" = $1 AND a."activeTo" IS NULL`,
        [id, now, status === 'ENDED'],
      );
    }
    await appendToOutbox(tx, campaignMessages(await this.get(tx, id), status, { now, traceparent }));
  }

  private async get(tx: Tx, id: string): Promise<Campaign> {
    const [row]: CampaignRow[] = await tx.query(`/* campaigns.get */ SELECT ${CAMPAIGN_COLUMNS} WHERE c.id = $1`, [id]);
    if (!row) throw new Error(`campaign ${id} is gone`);
    return toCampaign(row);
  }

  private async insert(tx: Tx, { id, draft, operatorId }: { id: string; draft: CampaignDraft; operatorId: string }): Promise<void> {
    const { effect } = draft;
    await tx.query(
      `/* campaigns.insert */ INSERT INTO campaign (id, name, currency, status, version, "startsAt", "endsAt", effect,
         "rateBasisPoints", "maximumPerPayment", "referrerReward", "friendReward", "minimumAmount", "merchantIds",
         "merchantCategoryCodes", "firstPaymentOnly", "maximumRewardsPerUser", "createdBy", "createdAt")
       VALUES ($1, $2, $3, 'DRAFT', 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
      [
        id, draft.name, draft.currency, draft.startsAt, draft.endsAt, effect.kind,
        effect.kind === 'CASHBACK' ? effect.rateBasisPoints : null,
        effect.kind === 'REFERRAL_REWARD' ? null : effect.maximumPerPayment,
        effect.kind === 'REFERRAL_REWARD' ? effect.referrerReward : null,
        effect.kind === 'REFERRAL_REWARD' ? effect.friendReward : null,
        draft.minimumAmount, draft.merchantIds, draft.merchantCategoryCodes, draft.firstPaymentOnly,
        draft.maximumRewardsPerUser, operatorId, this.parts.now(),
      ],
    );
    await tx.query(
      '/* campaigns.fund */ INSERT INTO campaign_budget ("campaignId", budget, "spentByAccounts") VALUES ($1, $2, $3)',
      [id, draft.budget, effect.kind === 'FEE_WAIVER'],
    );
  }
}
