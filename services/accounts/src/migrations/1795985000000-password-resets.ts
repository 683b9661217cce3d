import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who has forgotten the password sets a new one with a code from their mail. */
export class PasswordResets1795985000000 implements MigrationInterface {
  name = 'PasswordResets1795985000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE password_reset (
        id uuid CONSTRAINT password_reset_pkey PRIMARY KEY,
        "personId" uuid CONSTRAINT password_reset_person REFERENCES person,
        code bytea NOT NULL,
        "expiresAt" timestamptz NOT NULL,
        "usedAt" timestamptz,
        CONSTRAINT password_reset_code CHECK (octet_length(code) = 32)
      );
      CREATE INDEX password_reset_person_id ON password_reset ("personId") WHERE "usedAt" IS NULL;
      CREATE INDEX password_reset_expires_at ON password_reset ("expiresAt");
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE password_reset');
  }
}
