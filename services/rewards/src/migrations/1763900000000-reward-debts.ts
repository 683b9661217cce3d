import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What of taken-back rewards is owed, and what of later ones was kept for it. */
export class RewardDebts1763900000000 implements MigrationInterface {
  readonly name = 'RewardDebts1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE benefit ADD COLUMN owed bigint NOT NULL DEFAULT 0, ADD COLUMN withheld bigint NOT NULL DEFAULT 0,
         ADD CONSTRAINT benefit_debts CHECK (owed >= 0 AND owed <= "takenBack" AND withheld >= 0 AND withheld <= amount)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE benefit DROP COLUMN owed, DROP COLUMN withheld');
  }
}
