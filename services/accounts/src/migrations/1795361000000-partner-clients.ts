import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the authorization server knows of partner banks and their clients, and which assertions and proofs were used. */
export class PartnerClients1795361000000 implements MigrationInterface {
  name = 'PartnerClients1795361000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partner_copy (
        "partnerId" uuid NOT NULL CONSTRAINT partner_copy_pkey PRIMARY KEY,
        version integer NOT NULL,
        status text NOT NULL CONSTRAINT partner_copy_status CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        "ratePerSecond" integer NOT NULL,
        "rateBurst" integer NOT NULL,
        CONSTRAINT partner_copy_rate CHECK ("ratePerSecond" > 0 AND "rateBurst" > 0)
      );
      CREATE TABLE partner_client_copy (
        "clientId" uuid NOT NULL CONSTRAINT partner_client_copy_pkey PRIMARY KEY,
        "partnerId" uuid NOT NULL CONSTRAINT partner_client_copy_partner REFERENCES partner_copy,
        status text NOT NULL CONSTRAINT partner_client_copy_status CHECK (status IN ('ACTIVE', 'REVOKED')),
        authentication text NOT NULL CONSTRAINT partner_client_copy_authentication
          CHECK (authentication IN ('private_key_jwt', 'self_signed_tls_client_auth')),
        scopes text[] NOT NULL,
        keys jsonb NOT NULL,
        "tokensRefusedUntil" timestamptz,
        "refusedAt" timestamptz
      );
      CREATE INDEX partner_client_copy_partner_id ON partner_client_copy ("partnerId");
      CREATE INDEX partner_client_copy_refused_at ON partner_client_copy ("refusedAt");
      CREATE TABLE authorization_artifact (
        kind text NOT NULL,
        id text NOT NULL,
        "expiresAt" timestamptz NOT NULL,
        CONSTRAINT authorization_artifact_pkey PRIMARY KEY (kind, id)
      );
      CREATE INDEX authorization_artifact_expires_at ON authorization_artifact ("expiresAt");
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE authorization_artifact, partner_client_copy, partner_copy');
  }
}
