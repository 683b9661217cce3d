import { allCurrencies } from '@tael/money';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPROVAL_TABLE } from '../approvals/approval.sql';
import { AUDIT_TABLE } from '../audit/audit.sql';
import { systemAccountId } from '../ledger/account.ids';
import { withWords } from '../ledger/closed-list.sql';

/** What two operators decide, the trail of what operators change, and the accounts and kinds that adjustments and write-offs need. */
export class Approvals1795362300000 implements MigrationInterface {
  name = 'Approvals1795362300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(AUDIT_TABLE);
    await runner.query(APPROVAL_TABLE);
    await runner.query(withWords(
      { table: 'ledger_tx', column: 'kind', constraint: 'ledger_tx_kind' }, ['ADJUSTMENT_CREDIT', 'ADJUSTMENT_DEBIT', 'BREAK_WRITE_OFF'],
    ));
    await runner.query(withWords({ table: 'step_up', column: 'purpose', constraint: 'step_up_purpose' }, ['APPROVE_REQUEST']));
    const currencies = allCurrencies();
    for (const purpose of ['ADJUSTMENTS', 'WRITE_OFFS'] as const) {
      await runner.query(
        `INSERT INTO account (id, asset, purpose, "postingMode", "debitsPosted", "creditsPosted", "debitsPending",
           "creditsPending", version, "openedAt")
         SELECT id, asset, $3, 'DEFERRED', 0, 0, 0, 0, 0, now() FROM unnest($1::uuid[], $2::text[]) AS a (id, asset)`,
        [currencies.map((currency) => systemAccountId(purpose, currency)), currencies, purpose],
      );
    }
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
