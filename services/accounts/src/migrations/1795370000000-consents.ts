import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people let partner banks see, how they came to say so, and what the authorization server keeps on the way. */
export class Consents1795370000000 implements MigrationInterface {
  name = 'Consents1795370000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COPIES);
    await runner.query(sealedColumnIndex({ table: 'partner_copy', column: 'name' }));
    await runner.query(CONSENTS);
    await runner.query(AUTHORIZATION);
  }

  async down(): Promise<void> {
    throw new Error('what people consented to stays known');
  }
}

// Sealed as merchants sends it. Null until the next event of that partner: merchants tells it again when keys turn.
const COPIES = `
  ALTER TABLE partner_copy ADD COLUMN name text;
  ALTER TABLE partner_client_copy ADD COLUMN "redirectUris" text[] NOT NULL DEFAULT '{}';`;

const CONSENTS = `
  CREATE TABLE partner_subject (
    "partnerId" uuid NOT NULL CONSTRAINT partner_subject_partner REFERENCES partner_copy,
    "personId" uuid NOT NULL CONSTRAINT partner_subject_person REFERENCES person,
    subject uuid NOT NULL,
    CONSTRAINT partner_subject_pkey PRIMARY KEY ("partnerId", "personId")
  );
  CREATE UNIQUE INDEX partner_subject_subject ON partner_subject (subject);
  CREATE TABLE consent (
    id uuid CONSTRAINT consent_pkey PRIMARY KEY,
    "partnerId" uuid NOT NULL,
    "clientId" uuid NOT NULL CONSTRAINT consent_client REFERENCES partner_client_copy,
    "personId" uuid NOT NULL,
    "requestId" text NOT NULL,
    scopes text[] NOT NULL,
    "walletIds" uuid[] NOT NULL,
    "givenAt" timestamptz NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "withdrawnAt" timestamptz,
    "withdrawnBy" text,
    CONSTRAINT consent_subject FOREIGN KEY ("partnerId", "personId") REFERENCES partner_subject ("partnerId", "personId"),
    CONSTRAINT consent_scopes CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['wallets:read', 'transactions:read']),
    CONSTRAINT consent_wallets CHECK (cardinality("walletIds") > 0),
    CONSTRAINT consent_time CHECK ("expiresAt" > "givenAt" AND "expiresAt" <= "givenAt" + interval '2160 hours'),
    CONSTRAINT consent_withdrawn CHECK (("withdrawnAt" IS NULL) = ("withdrawnBy" IS NULL)),
    CONSTRAINT consent_withdrawn_by CHECK ("withdrawnBy" IN ('PERSON', 'CODE_REUSED'))
  );
  CREATE INDEX consent_of_person ON consent ("personId", id);
  CREATE UNIQUE INDEX consent_request ON consent ("requestId");
  CREATE TABLE consent_change (
    id uuid CONSTRAINT consent_change_pkey PRIMARY KEY,
    "consentId" uuid NOT NULL CONSTRAINT consent_change_consent REFERENCES consent,
    at timestamptz NOT NULL,
    change text NOT NULL,
    "sessionId" uuid,
    state jsonb NOT NULL,
    CONSTRAINT consent_change_known CHECK (change IN ('GIVEN', 'WITHDRAWN'))
  );
  CREATE INDEX consent_change_of_consent ON consent_change ("consentId", id);
  CREATE TRIGGER consent_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_change EXECUTE FUNCTION refuse_change();`;

// Ids are secrets in the hands of browsers and banks: their SHA-256 stands here.
const AUTHORIZATION = `
  CREATE TABLE authorization_state (
    kind text NOT NULL,
    "idHash" text NOT NULL,
    "consentId" uuid,
    payload jsonb NOT NULL,
    "consumedAt" timestamptz,
    "keptUntil" timestamptz NOT NULL,
    CONSTRAINT authorization_state_pkey PRIMARY KEY (kind, "idHash"),
    CONSTRAINT authorization_state_kind CHECK (kind IN ('PushedAuthorizationRequest', 'Interaction', 'AuthorizationCode', 'RefreshToken'))
  );
  CREATE INDEX authorization_state_kept_until ON authorization_state ("keptUntil");
  CREATE INDEX authorization_state_consent ON authorization_state ("consentId") WHERE "consentId" IS NOT NULL;
  CREATE TABLE consent_dialog (
    "idHash" text CONSTRAINT consent_dialog_pkey PRIMARY KEY,
    "secretHash" text,
    "personId" uuid,
    "sessionId" uuid,
    answer text,
    "expiresAt" timestamptz NOT NULL,
    CONSTRAINT consent_dialog_signed_in CHECK (("personId" IS NULL) = ("sessionId" IS NULL) AND ("personId" IS NULL) = ("secretHash" IS NULL)),
    CONSTRAINT consent_dialog_answer CHECK (answer IN ('ALLOWED', 'REFUSED'))
  );
  CREATE INDEX consent_dialog_expires_at ON consent_dialog ("expiresAt");`;
