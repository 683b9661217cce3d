import type { MigrationInterface, QueryRunner } from 'typeorm';
import { MERCHANT_WRITE_OFF_VALIDATIONS } from '../settlements/merchant-write-off.sql';

/** The rows of before keep what the migration before this one asks of new ones. */
export class MerchantWriteOffsValidated1795920000001 implements MigrationInterface {
  name = 'MerchantWriteOffsValidated1795920000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(MERCHANT_WRITE_OFF_VALIDATIONS);
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
