import type { CurrencyCode, Money } from '@tael/money';
import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { uuidOf } from '../ids.domain';
import { type Outcome, type Refusal, refuse } from '../outcomes/outcome.domain';
import type { Caller } from '../transactions/transaction.domain';
import { type CutOff, dayOf, endOf } from './business-day.domain';
import { RESERVE_DAYS_MAX } from './settlement.domain';
import type { MerchantTermsEntity } from './settlement.entity';
import type { ClosedBatch, SettlementService } from './settlement.service';

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

const REASON_MAX = 500;

/** What operators do about settlement: terms of a merchant, and a batch that is closed before its day is over. */
export class MerchantTermsService {
  constructor(private readonly parts: MerchantTermsParts) {}

  /** Sets what a merchant is charged from its next business day on. The rows themselves say who, when and why, and stay. */
  async set(caller: Caller, command: SetMerchantTerms): Promise<Outcome<{ terms: MerchantTerms }>> {
    const { reason, feeFixed, feeBasisPoints, reserveBasisPoints, reserveDays } = command;
    const merchantId = uuidOf(command.merchantId);
    if (!merchantId || !(await this.exists(merchantId))) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const refusals = termsRefusals(command);
    if (refusals.length > 0) return { ok: false, refusals };
    const { now, cutOff, dataSource } = this.parts;
    const at = now();
    const row: MerchantTerms = {
      merchantId, currency: feeFixed.currency, feeBasisPoints, feeFixed: feeFixed.minor, reserveBasisPoints, reserveDays,
      effectiveFrom: endOf(dayOf(at, cutOff), cutOff), setBy: caller.personId, setAt: at, reason: reason.trim(),
    };
    await dataSource.query(
      `/* merchantTerms.set */ INSERT INTO merchant_terms (id, "merchantId", currency, "feeBasisPoints", "feeFixed", "reserveBasisPoints", "reserveDays",
         "effectiveFrom", "setBy", "setAt", reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        uuidv7(), merchantId, row.currency, feeBasisPoints, String(row.feeFixed), reserveBasisPoints, reserveDays, row.effectiveFrom, row.setBy,
        row.setAt, row.reason,
      ],
    );
    return { ok: true, terms: row };
  }

  /** Gives every term that was set for some merchants, newest first: the trail of who set what, when and why. */
  async history(merchantId: string): Promise<MerchantTerms[]> {
    return this.parts.dataSource.query(
      `/* merchantTerms.history */ SELECT "merchantId", currency, "feeBasisPoints", "feeFixed", "reserveBasisPoints", "reserveDays", "effectiveFrom",
         "setBy", "setAt", reason FROM merchant_terms WHERE "merchantId" = $1 ORDER BY "setAt" DESC, id DESC LIMIT 100`,
      [merchantId],
    );
  }

  /** Closes a merchant's batch now. */
  async closeNow(merchantId: string, currency: CurrencyCode): Promise<Outcome<{ settlement: ClosedBatch }>> {
    const id = uuidOf(merchantId);
    if (!id) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const { dataSource, settlements } = this.parts;
    const settlement = await inTransaction(dataSource, (tx) => settlements.closeNow(tx, id, currency));
    return settlement ? { ok: true, settlement } : refuse('NOT_FOUND', ['input', 'merchantId']);
  }

  private async exists(merchantId: string): Promise<boolean> {
    const rows: unknown[] = await this.parts.dataSource.query('/* merchantTerms.merchant */ SELECT 1 FROM merchant_copy WHERE "merchantId" = $1', [merchantId]);
    return rows.length > 0;
  }
}

/** Names every field of the terms at fault. */
export function termsRefusals({ feeBasisPoints, feeFixed, reserveBasisPoints, reserveDays, reason }: SetMerchantTerms): Refusal[] {
  const isRate = (rate: number): boolean => Number.isInteger(rate) && rate >= 0 && rate <= 10_000;
  const days = Number.isInteger(reserveDays) && reserveDays >= 0 && reserveDays <= RESERVE_DAYS_MAX && (reserveBasisPoints === 0 || reserveDays > 0);
  const text = reason.trim();
  const faults: [boolean, string, string?][] = [
    [!isRate(feeBasisPoints), 'feeBasisPoints'], [feeFixed.minor < 0n, 'feeFixed'], [!isRate(reserveBasisPoints), 'reserveBasisPoints'],
    [!days, 'reserveDays'], [text === '', 'reason', 'EMPTY'], [[...text].length > REASON_MAX, 'reason', 'TOO_LONG'],
  ];
  return faults.flatMap(([fault, field, why]): Refusal[] =>
    (fault ? [{ code: 'INVALID_INPUT', ...(why ? { reason: why } : {}), field: ['input', field] }] : []));
}
