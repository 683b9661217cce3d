import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each of a merchant's people may do, and the codes that others join with. Whoever acted before is an owner. */
export class RolesAndStores1764200000000 implements MigrationInterface {
  name = 'RolesAndStores1764200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE merchant_person ADD COLUMN role text NOT NULL DEFAULT 'OWNER';
      ALTER TABLE merchant_person ADD CONSTRAINT merchant_person_role_known CHECK (role IN ('OWNER', 'MANAGER', 'CASHIER')) NOT VALID;

      CREATE TABLE merchant_invitation (
        id uuid CONSTRAINT merchant_invitation_pkey PRIMARY KEY,
        "merchantId" uuid NOT NULL CONSTRAINT merchant_invitation_merchant REFERENCES merchant,
        role text NOT NULL,
        "codeHash" bytea NOT NULL,
        "createdBy" uuid NOT NULL,
        "createdAt" timestamptz NOT NULL,
        "expiresAt" timestamptz NOT NULL,
        "usedAt" timestamptz,
        "usedBy" uuid,
        CONSTRAINT merchant_invitation_role_known CHECK (role IN ('OWNER', 'MANAGER', 'CASHIER')),
        CONSTRAINT merchant_invitation_used CHECK (("usedAt" IS NULL) = ("usedBy" IS NULL))
      );
      CREATE UNIQUE INDEX merchant_invitation_code ON merchant_invitation ("codeHash");
      CREATE INDEX merchant_invitation_open ON merchant_invitation ("merchantId", "expiresAt") WHERE "usedAt" IS NULL;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE merchant_invitation; ALTER TABLE merchant_person DROP COLUMN role');
  }
}
