import { currencyCode, type Money } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { validate as isUuid } from 'uuid';
import type { BenefitRow } from '../benefits/benefit.service';
import { feeWaiverId } from '../benefits/benefit.ids';
import type { Campaign } from '../campaigns/campaign.domain';
import { CAMPAIGN_COLUMNS, type CampaignRow, toCampaign } from '../campaigns/campaign.row';
import { purseKey, type SpendingService } from '../campaigns/spending.service';
import { afterVerdict, evaluate, inOrder, NOTHING_GIVEN } from '../evaluations/evaluation.domain';
import type { PaymentFacts } from '../payments/payment.domain';
import { givenName, type ReferralStatus } from '../referrals/referral.domain';

export interface OpenFeeWaiver {
  readonly id: string;
  readonly campaign: Campaign;
  readonly remainingUses: number | null;
}

/** A payment that is thought of, as far as cashback depends on it. */
export type IntendedPayment = Pick<PaymentFacts, 'personId' | 'merchantId' | 'merchantCategoryCode' | 'currency' | 'amount' | 'ordinal'>;

interface RewardsServiceParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly spending: SpendingService;
  readonly now: () => Date;
}

const REFERRALS_SHOWN = 100;
const WAIVERS_SHOWN = 100;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/** Reads what the programme has given a person, and what it would give. */
export class RewardsService {
  constructor(private readonly parts: RewardsServiceParts) {}

  /**
   * Gives what was paid out, less what was taken back, and what is granted but not paid: one entry a currency each. What is
   * owed for rewards that were spent counts when it is kept from a later one, not before.
   */
  async sums(personId: string): Promise<{ earned: Money[]; pending: Money[] }> {
    const rows: { currency: string; status: string; sum: bigint }[] = await this.parts.dataSource.query(
      `/* rewards.sums */ SELECT currency, status,
         sum(amount - CASE status WHEN 'PAID' THEN withheld + "takenBack" - owed ELSE reversed END)::bigint AS sum
       FROM benefit WHERE "personId" = $1 AND status <> 'REFUSED' AND kind <> 'FEE_WAIVER'
       GROUP BY currency, status ORDER BY currency`,
      [personId],
    );
    const of = (status: string): Money[] =>
      rows.filter((row) => row.status === status).map((row) => ({ minor: row.sum, currency: currencyCode(row.currency) }));
    return { earned: of('PAID'), pending: of('PENDING').filter((money) => money.minor > 0n) };
  }

  /** Gives the fee waivers that a person's next payment may use. */
  async feeWaivers(personId: string): Promise<OpenFeeWaiver[]> {
    const rows: (CampaignRow & { rewards: number })[] = await this.parts.dataSource.query(
      `/* rewards.fee-waivers */ SELECT coalesce(p.rewards, 0) AS rewards, ${CAMPAIGN_COLUMNS}
       LEFT JOIN campaign_person p ON p."campaignId" = c.id AND p."personId" = $1
       WHERE c.effect = 'FEE_WAIVER' AND c.status = 'ACTIVE' AND b.spent < b.budget
         AND (c."startsAt" IS NULL OR c."startsAt" <= $2) AND (c."endsAt" IS NULL OR c."endsAt" > $2)
         AND (c."maximumRewardsPerUser" IS NULL OR coalesce(p.rewards, 0) < c."maximumRewardsPerUser")
         AND NOT (c."firstPaymentOnly" AND EXISTS (SELECT FROM payment y WHERE y."personId" = $1))
       ORDER BY c.id LIMIT ${WAIVERS_SHOWN}`,
      [personId, this.parts.now()],
    );
    return rows.map((row) => {
      const campaign = toCampaign(row);
      const bound = campaign.maximumRewardsPerUser;
      const remainingUses = campaign.firstPaymentOnly ? 1 : bound === null ? null : bound - row.rewards;
      return { id: feeWaiverId(campaign.id, personId), campaign, remainingUses };
    });
  }

  /** Gives the friends whom a person invited, by given name, newest first. */
  async referrals(referrerId: string): Promise<{ displayName: string; status: ReferralStatus }[]> {
    const rows: { friendId: string; status: ReferralStatus; contact: string }[] = await this.parts.dataSource.query(
      `/* rewards.referrals */ SELECT r."friendId", r.status, p.contact FROM referral r JOIN person p ON p.id = r."friendId"
       WHERE r."referrerId" = $1 AND p.contact IS NOT NULL ORDER BY r."joinedAt" DESC, r."friendId" DESC LIMIT ${REFERRALS_SHOWN}`,
      [referrerId],
    );
    return rows.map(({ friendId, status, contact }) => {
      const { displayName } = JSON.parse(this.parts.sealer.open(contact, friendId)) as { displayName: string };
      return { displayName: givenName(displayName), status };
    });
  }

  /** Gives what was given for payments, by payment and person. A grant that accounts refused is none. */
  async benefitsOf(paymentIds: readonly string[]): Promise<Map<string, BenefitRow[]>> {
    const rows: BenefitRow[] = await this.parts.dataSource.query(
      `/* rewards.benefits */ SELECT * FROM benefit WHERE "paymentId" = ANY($1::uuid[]) AND status <> 'REFUSED'
       ORDER BY "createdAt", id`,
      [paymentIds.filter((id) => isUuid(id))],
    );
    const byPayment = new Map<string, BenefitRow[]>();
    for (const row of rows) byPayment.set(row.paymentId, [...(byPayment.get(row.paymentId) ?? []), row]);
    return byPayment;
  }

  /** Gives the cashback that a payment made now would bring, as the limits stand: by the very rules that decide on payments. */
  async expectedCashback(intended: IntendedPayment): Promise<bigint> {
    const payment: PaymentFacts = {
      ...intended, id: NO_ID, walletId: NO_ID, fee: 0n, feeBeforeWaiver: 0n, waiverCampaignId: null, waived: 0n,
      occurredAt: this.parts.now(),
    };
    const { manager } = this.parts.dataSource;
    const candidates = await this.parts.spending.candidates(manager, payment);
    const campaigns = candidates.filter((campaign) => campaign.effect.kind === 'CASHBACK');
    const purses = campaigns.map((campaign) => ({ campaignId: campaign.id, personId: payment.personId }));
    const standings = await this.parts.spending.standings(manager, purses);
    let given = NOTHING_GIVEN;
    for (const campaign of inOrder(campaigns, payment)) {
      const standing = standings.get(purseKey({ campaignId: campaign.id, personId: payment.personId }));
      if (standing) given = afterVerdict(given, campaign, evaluate(campaign, payment, { standing, given, referral: 'NONE' }));
    }
    return given.cashback;
  }
}

