import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Partner banks, their clients and keys, and the trail of who changed what and why. */
export class Partners1764100000000 implements MigrationInterface {
  name = 'Partners1764100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PARTNERS);
    await runner.query(CLIENTS);
    await runner.query(AUDIT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entry, partner_key, partner_client, partner_invitation, partner');
  }
}

const PARTNERS = `
  CREATE TABLE partner (
    id uuid CONSTRAINT partner_pkey PRIMARY KEY,
    name text NOT NULL,
    "searchName" text NOT NULL,
    environment text NOT NULL,
    status text NOT NULL,
    "ratePerSecond" integer NOT NULL,
    "rateBurst" integer NOT NULL,
    version integer NOT NULL,
    "toldUnder" text NOT NULL,
    "createdAt" timestamptz NOT NULL,
    CONSTRAINT partner_status_known CHECK (status IN ('ACTIVE', 'SUSPENDED')),
    CONSTRAINT partner_environment_known CHECK (environment IN ('SANDBOX', 'PRODUCTION')),
    CONSTRAINT partner_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT partner_rate_positive CHECK ("ratePerSecond" > 0 AND "rateBurst" >= "ratePerSecond"),
    CONSTRAINT partner_version_positive CHECK (version > 0)
  );
  CREATE INDEX partner_told_under ON partner ("toldUnder");
  CREATE TABLE partner_invitation (
    id uuid CONSTRAINT partner_invitation_pkey PRIMARY KEY,
    "partnerId" uuid NOT NULL CONSTRAINT partner_invitation_partner REFERENCES partner,
    "codeHash" text NOT NULL,
    scopes text[] NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "usedAt" timestamptz
  );
  CREATE UNIQUE INDEX partner_invitation_code ON partner_invitation ("codeHash");
  CREATE INDEX partner_invitation_of_partner ON partner_invitation ("partnerId", id);`;

const CLIENTS = `
  CREATE TABLE partner_client (
    id uuid CONSTRAINT partner_client_pkey PRIMARY KEY,
    "partnerId" uuid NOT NULL CONSTRAINT partner_client_partner REFERENCES partner,
    authentication text NOT NULL,
    scopes text[] NOT NULL,
    status text NOT NULL,
    "tokensRefusedUntil" timestamptz,
    "createdAt" timestamptz NOT NULL,
    CONSTRAINT partner_client_status_known CHECK (status IN ('ACTIVE', 'REVOKED')),
    CONSTRAINT partner_client_authentication_known CHECK (authentication IN ('private_key_jwt', 'self_signed_tls_client_auth')),
    CONSTRAINT partner_client_of_partner UNIQUE ("partnerId", id)
  );
  CREATE TABLE partner_key (
    "clientId" uuid NOT NULL,
    kid text NOT NULL,
    "partnerId" uuid NOT NULL,
    thumbprint text NOT NULL,
    jwk jsonb NOT NULL,
    certificate text,
    status text NOT NULL,
    "addedAt" timestamptz NOT NULL,
    "revokedAt" timestamptz,
    "revokedBy" uuid,
    CONSTRAINT partner_key_pkey PRIMARY KEY ("clientId", kid),
    CONSTRAINT partner_key_client FOREIGN KEY ("partnerId", "clientId") REFERENCES partner_client ("partnerId", id),
    CONSTRAINT partner_key_one_holder UNIQUE (thumbprint),
    CONSTRAINT partner_key_status_known CHECK (status IN ('ACTIVE', 'REVOKED')),
    CONSTRAINT partner_key_revoked_when CHECK ((status = 'REVOKED') = ("revokedAt" IS NOT NULL)),
    CONSTRAINT partner_key_public CHECK (NOT jwk ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])
  );
  CREATE INDEX partner_key_of_partner ON partner_key ("partnerId", "clientId");`;

// The function is the one of accounts, in this database: who is refused reads what is append-only.
const AUDIT = `
  CREATE TABLE audit_entry (
    id uuid CONSTRAINT audit_entry_pkey PRIMARY KEY,
    at timestamptz NOT NULL,
    "actorKind" text NOT NULL,
    "actorId" uuid NOT NULL,
    action text NOT NULL,
    "subjectKind" text NOT NULL,
    "subjectId" uuid NOT NULL,
    before jsonb,
    after jsonb,
    reason text NOT NULL,
    CONSTRAINT audit_entry_actor_known CHECK ("actorKind" IN ('PERSON', 'PARTNER_CLIENT', 'INVITATION')),
    CONSTRAINT audit_entry_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500)
  );
  CREATE INDEX audit_entry_of_subject ON audit_entry ("subjectKind", "subjectId", id);
  CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION '% is append-only: a correction is another entry', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END $$;
  CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry EXECUTE FUNCTION refuse_change();`;
