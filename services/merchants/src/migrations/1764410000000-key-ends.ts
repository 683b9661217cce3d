import { X509Certificate } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When keys of banks end, and of which end a bank was told. What certificates say is read from them; a JWK of before said nothing. */
export class KeyEnds1764410000000 implements MigrationInterface {
  name = 'KeyEnds1764410000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_key ADD COLUMN "expiresAt" timestamptz, ADD COLUMN "toldDays" integer');
    await runner.query(`CREATE INDEX partner_key_ending ON partner_key ("expiresAt") WHERE status = 'ACTIVE' AND "expiresAt" IS NOT NULL`);
    const keys: { clientId: string; kid: string; certificate: string }[] = await runner.query(
      'SELECT "clientId", kid, certificate FROM partner_key WHERE certificate IS NOT NULL',
    );
    for (const { clientId, kid, certificate } of keys) {
      const expiresAt = new Date(new X509Certificate(certificate).validTo);
      await runner.query('UPDATE partner_key SET "expiresAt" = $3 WHERE "clientId" = $1 AND kid = $2', [clientId, kid, expiresAt]);
    }
    // Each bank with a certificate is told of again, now with its end.
    await runner.query(`UPDATE partner SET "toldUnder" = '' WHERE id IN (SELECT "partnerId" FROM partner_key WHERE "expiresAt" IS NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_key DROP COLUMN "expiresAt", DROP COLUMN "toldDays"');
  }
}
