import { allCurrencies, fractionDigits } from '@tael/money';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BANK_CHANGES, BANK_ORDER_TABLES } from '../bank-orders/bank-order.sql';
import { systemAccountId } from '../ledger/account.ids';
import { seededWithdrawalFee, seededWithdrawalLimits } from '../withdrawals/withdrawal.domain';

const PURPOSES = ['BANK_CLEARING', 'BANK_SETTLEMENT', 'BANK_RECEIVABLE'] as const;

/** Bank accounts, orders to the bank and its statement; the accounts of the books, fees and limits that withdrawals need. */
export class Bank1795361100000 implements MigrationInterface {
  name = 'Bank1795361100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(BANK_CHANGES);
    await runner.query(BANK_ORDER_TABLES);
    const currencies = allCurrencies();
    for (const purpose of PURPOSES) {
      await runner.query(
        `INSERT INTO account (id, asset, purpose, "postingMode", "debitsPosted", "creditsPosted", "debitsPending",
           "creditsPending", version, "openedAt")
         SELECT id, asset, $3, 'DEFERRED', 0, 0, 0, 0, 0, now() FROM unnest($1::uuid[], $2::text[]) AS a (id, asset)`,
        [currencies.map((currency) => systemAccountId(purpose, currency)), currencies, purpose],
      );
    }
    const fees = currencies.map((currency) => seededWithdrawalFee(fractionDigits(currency)));
    await runner.query(
      `INSERT INTO fee_schedule (kind, currency, "effectiveFrom", "enteredAt", "rateBasisPoints", minimum, maximum)
       SELECT 'WITHDRAWAL', currency, '2000-01-02Z', '2000-01-01Z', rate, minimum, maximum
       FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS f (currency, rate, minimum, maximum)`,
      [
        currencies, fees.map((fee) => fee.rateBasisPoints), fees.map((fee) => String(fee.minimum)), fees.map((fee) => String(fee.maximum)),
      ],
    );
    await runner.query(
      `INSERT INTO limit_definition (id, currency, kinds, measure, "window", cap)
       SELECT l.id, l.currency, ARRAY(SELECT jsonb_array_elements_text(l.kinds)), l.measure, l."window", l.cap
       FROM jsonb_to_recordset($1::jsonb)
         AS l (id text, currency text, kinds jsonb, measure text, "window" text, cap bigint)`,
      [JSON.stringify(seededWithdrawalLimits().map((limit) => ({ ...limit, cap: limit.cap.toString() })))],
    );
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
