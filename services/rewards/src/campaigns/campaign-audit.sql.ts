export const CAMPAIGN_AUDIT_TABLE = `
  CREATE TABLE campaign_audit (
    id uuid CONSTRAINT campaign_audit_pkey PRIMARY KEY,
    "campaignId" uuid NOT NULL CONSTRAINT campaign_audit_campaign REFERENCES campaign,
    at timestamptz NOT NULL,
    "actorId" uuid,
    action text NOT NULL,
    before jsonb,
    after jsonb NOT NULL,
    reason text,
    CONSTRAINT campaign_audit_action CHECK (action IN ('CREATED', 'ACTIVATED', 'PAUSED', 'ENDED')),
    CONSTRAINT campaign_audit_actor CHECK (("actorId" IS NULL) = (action = 'ENDED')),
    CONSTRAINT campaign_audit_reason CHECK (char_length(reason) BETWEEN 1 AND 500)
  );
  CREATE INDEX campaign_audit_of_campaign ON campaign_audit ("campaignId", id);
  CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION '% is append-only: a correction is another entry', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END $$;
  CREATE TRIGGER campaign_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_audit EXECUTE FUNCTION refuse_change();`;
