import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where a client of a bank lets people be sent back to with the answer to a consent. */
export class RedirectUris1764300100000 implements MigrationInterface {
  name = 'RedirectUris1764300100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE partner_client ADD COLUMN "redirectUris" text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_client DROP COLUMN "redirectUris"');
  }
}
