import type { MigrationInterface, QueryRunner } from 'typeorm';
import { withWords } from '../ledger/closed-list.sql';

/** An operator may end a customer's sessions. */
export class SessionsEndedByOperators1795986000000 implements MigrationInterface {
  name = 'SessionsEndedByOperators1795986000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(withWords({ table: 'session', column: 'endReason', constraint: 'session_end_reason' }, ['ENDED_BY_OPERATOR']));
  }

  async down(): Promise<void> {
    throw new Error('what has ended stays so');
  }
}
