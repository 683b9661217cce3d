import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which codes to join with an operator made, by that right alone: no operator joins by one. Of those that wait the trail says it. */
export class OperatorsInvitations1795830000000 implements MigrationInterface {
  name = 'OperatorsInvitations1795830000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant_invitation ADD COLUMN "byOperator" boolean NOT NULL DEFAULT false');
    await runner.query(`
      UPDATE merchant_invitation i SET "byOperator" = true
      FROM audit_entry a
      WHERE i."usedAt" IS NULL AND a."subjectKind" = 'MERCHANT' AND a."subjectId" = i."merchantId" AND a.action = 'PERSON_INVITED'
        AND a.reason = 'By an operator' AND a.after ->> 'invitationId' = i.id::text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant_invitation DROP COLUMN "byOperator"');
  }
}
