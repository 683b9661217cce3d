import type { MigrationInterface, QueryRunner } from 'typeorm';
import { REFUND_PERSON_TABLE } from '../refunds/refund-person.sql';

/** A merchant's owners and managers see who of them gave a payment back. What was given back before has nobody. */
export class RefundPeople1795810000005 implements MigrationInterface {
  name = 'RefundPeople1795810000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REFUND_PERSON_TABLE);
  }

  async down(): Promise<void> {
    throw new Error('who gave money back stays known');
  }
}
