import { formatAmount, isCurrencyCode, type Money } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { uuidOf } from '../ids.domain';
import { type Outcome, type Refusal, refuse, type Refused } from '../outcomes/outcome.domain';
import { merchantPeople } from '../payouts/payout-owner.service';
import type { Caller } from '../transactions/transaction.domain';
import { type CutOff, dayOf, endOf } from './business-day.domain';
import { FEE_BASIS_POINTS_MAX, feeFixedMax, ownMerchantDenial, RESERVE_DAYS_MAX } from './settlement.domain';
import type { MerchantTermsEntity } from './settlement.entity';
import type { SettlementService } from './settlement.service';

interface MerchantTermsParts {
  readonly dataSource: DataSource;
  readonly now: () => Date;
  readonly cutOff: CutOff;
  readonly settlements: SettlementService;
}

export interface SetMerchantTerms {
  readonly merchantId: string;
  readonly feeBasisPoints: number;
  /** Also says which currency the terms are of. */
  readonly feeFixed: Money;
  readonly reserveBasisPoints: number;
  readonly reserveDays: number;
  readonly reason: string;
}

export type MerchantTerms = Omit<MerchantTermsEntity, 'id'>;

/** What operators do about settlement: terms of a merchant, and a batch that is closed before its day is over. */
export class MerchantTermsService {
  constructor(private readonly parts: MerchantTermsParts) {}

  /** Sets what a merchant is charged from its next business day on; the audit trail says what it was before. */
  async set(caller: Caller, command: SetMerchantTerms): Promise<Outcome<{ terms: MerchantTerms }>> {
    const { reason, feeFixed, feeBasisPoints, reserveBasisPoints, reserveDays } = command;
    const merchantId = uuidOf(command.merchantId);
    if (!merchantId) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const denied = await this.denial(merchantId, caller);
    if (denied) return denied;
    const refusals = termsRefusals(command);
    if (refusals.length > 0) return { ok: false, refusals };
    const { now, cutOff, dataSource } = this.parts;
    const at = now();
    const row: MerchantTerms = {
      merchantId, currency: feeFixed.currency, feeBasisPoints, feeFixed: feeFixed.minor, reserveBasisPoints, reserveDays,
      effectiveFrom: endOf(dayOf(at, cutOff), cutOff), setBy: caller.personId, setAt: at, reason: reason.trim(),
    };
    await inTransaction(dataSource, async (tx) => {
      const before = await this.newest(tx, row);
      await tx.query(
        `/* merchantTerms.set */ INSERT INTO merchant_terms (id, "merchantId", currency, "feeBasisPoints", "feeFixed", "reserveBasisPoints", "reserveDays",
           "effectiveFrom", "setBy", "setAt", reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          uuidv7(), merchantId, row.currency, feeBasisPoints, String(row.feeFixed), reserveBasisPoints, reserveDays, row.effectiveFrom, row.setBy,
          row.setAt, row.reason,
        ],
      );
      await audit(tx, { kind: 'MERCHANT', id: merchantId }, {
        at, actorId: caller.personId, action: 'TERMS_SET', before: before ? toldOf(before) : null, after: toldOf(row), reason: row.reason,
      });
    });
    return { ok: true, terms: row };
  }

  private async newest(tx: Tx, { merchantId, currency }: MerchantTerms): Promise<MerchantTerms | undefined> {
    const [row]: MerchantTerms[] = await tx.query(
      `/* merchantTerms.newest */ SELECT "merchantId", currency, "feeBasisPoints", "feeFixed", "reserveBasisPoints", "reserveDays", "effectiveFrom",
         "setBy", "setAt", reason FROM merchant_terms WHERE "merchantId" = $1 AND currency = $2 ORDER BY "effectiveFrom" DESC, "setAt" DESC, id DESC LIMIT 1`,
      [merchantId, currency],
    );
    return row;
  }

  /** Gives a page of what operators did about a merchant's settlement, newest first. */
  async trail(merchantId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    const id = uuidOf(merchantId);
    return id ? auditTrail(this.parts.dataSource, { kind: 'MERCHANT', id }, page) : [];
  }

  /**
   * Closes what a merchant has come to, though its day is not over: first each day that is, as a batch of its own, then the rest. Gives the
   * last batch; the trail names them all.
   */
  async closeNow(
    caller: Caller, { merchantId, currency, reason }: { merchantId: string; currency: string; reason: string },
  ): Promise<Outcome<{ settlementId: string }>> {
    const id = uuidOf(merchantId);
    if (!id) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const denied = await this.denial(id, caller);
    if (denied) return denied;
    if (!isCurrencyCode(currency)) return refuse('INVALID_INPUT', ['input', 'currency'], 'UNKNOWN_CURRENCY');
    const refusals = reasonRefusals(reason);
    if (refusals.length > 0) return { ok: false, refusals };
    const { dataSource, settlements, now } = this.parts;
    const days = await settlements.closeDays(id, currency);
    return inTransaction<Outcome<{ settlementId: string }>>(dataSource, async (tx) => {
      const rest = await settlements.closeNow(tx, id, currency);
      const isOpen = rest === 'DAY_OPEN';
      const closed = isOpen ? days.at(-1) : (rest ?? days.at(-1));
      if (!closed) return refuse('NOT_ALLOWED', ['input', 'merchantId'], isOpen ? 'DAY_STILL_BOOKED' : 'NOTHING_TO_SETTLE');
      const after = { settlementId: closed.id, number: closed.number, ...(days.length > 0 ? { days: days.map(({ number }) => number) } : {}) };
      await audit(tx, { kind: 'MERCHANT', id }, { at: now(), actorId: caller.personId, action: 'SETTLEMENT_CLOSED', before: null, after, reason });
      // The days that are over are closed and in the trail, whatever becomes of today.
      return isOpen ? refuse('NOT_ALLOWED', ['input', 'merchantId'], 'DAY_STILL_BOOKED') : { ok: true, settlementId: closed.id };
    });
  }

  /** For whoever has a part in the merchant somebody else decides. */
  private async denial(merchantId: string, caller: Caller): Promise<Refused | undefined> {
    const merchant = await merchantPeople(this.parts.dataSource.manager, merchantId);
    if (!merchant) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const own = ownMerchantDenial(merchant, caller);
    return own && refuse('NOT_ALLOWED', ['input', 'merchantId'], own);
  }
}

/** Names every field of the terms at fault. */
export function termsRefusals({ feeBasisPoints, feeFixed, reserveBasisPoints, reserveDays, reason }: SetMerchantTerms): Refusal[] {
  const isRate = (rate: number): boolean => Number.isInteger(rate) && rate >= 0 && rate <= 10_000;
  const days = Number.isInteger(reserveDays) && reserveDays >= 0 && reserveDays <= RESERVE_DAYS_MAX && (reserveBasisPoints === 0 || reserveDays > 0);
  const faults: [boolean, string][] = [
    [!isRate(feeBasisPoints), 'feeBasisPoints'], [feeFixed.minor < 0n, 'feePerPayment'], [!isRate(reserveBasisPoints), 'reserveBasisPoints'],
    [!days, 'reserveDays'],
  ];
  const high: [boolean, string][] = [
    [isRate(feeBasisPoints) && feeBasisPoints > FEE_BASIS_POINTS_MAX, 'feeBasisPoints'], [feeFixed.minor > feeFixedMax(feeFixed.currency), 'feePerPayment'],
  ];
  return [
    ...faults.flatMap(([fault, field]): Refusal[] => (fault ? [{ code: 'INVALID_INPUT', field: ['input', field] }] : [])),
    ...high.flatMap(([fault, field]): Refusal[] => (fault ? [{ code: 'INVALID_INPUT', reason: 'FEE_TOO_HIGH', field: ['input', field] }] : [])),
    ...reasonRefusals(reason),
  ];
}

const toldOf = ({ currency, feeBasisPoints, feeFixed, reserveBasisPoints, reserveDays, effectiveFrom }: MerchantTerms) => ({
  currency, feeBasisPoints, feeFixed: formatAmount(feeFixed, currency), reserveBasisPoints, reserveDays, effectiveFrom: effectiveFrom.toISOString(),
});
