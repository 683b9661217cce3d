import type { MigrationInterface, QueryRunner } from 'typeorm';
import { withWords } from '../ledger/closed-list.sql';

/** An operator may end a consent, too. */
export class ConsentsEnded1795600000000 implements MigrationInterface {
  name = 'ConsentsEnded1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(withWords({ table: 'consent', column: 'withdrawnBy', constraint: 'consent_withdrawn_by' }, ['OPERATOR']));
  }

  async down(): Promise<void> {
    throw new Error('who ended a consent stays known');
  }
}
