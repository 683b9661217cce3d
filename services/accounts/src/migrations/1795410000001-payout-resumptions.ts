import type { MigrationInterface, QueryRunner } from 'typeorm';
import { withWords } from '../ledger/closed-list.sql';
import { PAYOUT_RESUMPTION_TABLE } from '../payouts/payout-resumption.sql';

/** Where owners let payouts go on after one failed or came back, and the step-up that this asks for. */
export class PayoutResumptions1795410000001 implements MigrationInterface {
  name = 'PayoutResumptions1795410000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PAYOUT_RESUMPTION_TABLE);
    await runner.query(withWords({ table: 'step_up', column: 'purpose', constraint: 'step_up_purpose' }, ['RESUME_PAYOUTS']));
  }

  async down(): Promise<void> {
    throw new Error('what owners decided is never taken down');
  }
}
