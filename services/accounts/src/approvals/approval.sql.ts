/** What wants two persons. The last fences besides the rules: another person, what was asked for is fixed, what was decided is final. */
export const APPROVAL_TABLE = `
  CREATE TABLE approval (
    id uuid CONSTRAINT approval_pkey PRIMARY KEY,
    kind text NOT NULL CONSTRAINT approval_kind CHECK (kind IN ('MANUAL_ADJUSTMENT', 'BREAK_WRITE_OFF', 'PAYOUT_BY_HAND')),
    "subjectId" uuid NOT NULL,
    currency text NOT NULL CONSTRAINT approval_asset REFERENCES asset,
    amount bigint NOT NULL CONSTRAINT approval_amount CHECK (amount > 0),
    payload jsonb NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    "requestedBy" uuid NOT NULL CONSTRAINT approval_requested_by REFERENCES person,
    "requestedAt" timestamptz NOT NULL,
    "idempotencyKey" text NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "decidedBy" uuid CONSTRAINT approval_decided_by REFERENCES person,
    "decidedAt" timestamptz,
    "decisionReason" text,
    "resultId" uuid,
    CONSTRAINT approval_two_persons CHECK ("decidedBy" IS NULL OR (status = 'CANCELLED') = ("decidedBy" = "requestedBy")),
    CONSTRAINT approval_state CHECK (("resultId" IS NOT NULL) = (status = 'EXECUTED') AND CASE status
      WHEN 'REQUESTED' THEN "decidedBy" IS NULL AND "decidedAt" IS NULL AND "decisionReason" IS NULL
      WHEN 'EXPIRED' THEN "decidedBy" IS NULL AND "decidedAt" >= "expiresAt" AND "decisionReason" IS NULL
      WHEN 'CANCELLED' THEN "decidedBy" IS NOT NULL AND "decidedAt" < "expiresAt" AND "decisionReason" IS NOT NULL
      WHEN 'REJECTED' THEN "decidedBy" IS NOT NULL AND "decidedAt" < "expiresAt" AND "decisionReason" IS NOT NULL
      WHEN 'EXECUTED' THEN "decidedBy" IS NOT NULL AND "decidedAt" < "expiresAt" AND "decisionReason" IS NOT NULL
      ELSE false END),
    CONSTRAINT approval_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500 AND char_length("decisionReason") BETWEEN 1 AND 500)
  );
  CREATE UNIQUE INDEX approval_once ON approval ("requestedBy", "idempotencyKey");
  CREATE UNIQUE INDEX approval_open ON approval (kind, "subjectId") WHERE status = 'REQUESTED' AND kind <> 'MANUAL_ADJUSTMENT';

  CREATE FUNCTION approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF OLD.status <> 'REQUESTED' THEN
      RAISE EXCEPTION 'approval % is % for good', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.id, OLD.kind, OLD."subjectId", OLD.currency, OLD.amount, OLD.payload, OLD.reason, OLD."requestedBy", OLD."requestedAt",
        OLD."idempotencyKey", OLD."expiresAt") IS DISTINCT FROM (NEW.id, NEW.kind, NEW."subjectId", NEW.currency, NEW.amount, NEW.payload,
        NEW.reason, NEW."requestedBy", NEW."requestedAt", NEW."idempotencyKey", NEW."expiresAt") THEN
      RAISE EXCEPTION 'what approval % was asked for is fixed', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER approval_fixed BEFORE UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION approval_guard();
`;
