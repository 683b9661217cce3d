import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BREAKS_OF_MISFITS, RECONCILIATION_TABLES } from '../reconciliations/reconciliation.sql';

/** Comparisons of a bank's file with the books, and breaks; what the statement's reader has kept aside becomes breaks, too. */
export class Reconciliations1795362310000 implements MigrationInterface {
  name = 'Reconciliations1795362310000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RECONCILIATION_TABLES);
    await runner.query(BREAKS_OF_MISFITS);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
