import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the owners of a merchant changed last, and who was one: an account that is set soon after waits, and they hear of it. */
export class FormerOwners1795830000000 implements MigrationInterface {
  name = 'FormerOwners1795830000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant_copy ADD COLUMN "ownersChangedAt" timestamptz');
    await runner.query(`
      CREATE TABLE merchant_former_owner (
        "merchantId" uuid,
        "personId" uuid,
        until timestamptz NOT NULL,
        CONSTRAINT merchant_former_owner_pkey PRIMARY KEY ("merchantId", "personId")
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE merchant_former_owner');
    await runner.query('ALTER TABLE merchant_copy DROP COLUMN "ownersChangedAt"');
  }
}
