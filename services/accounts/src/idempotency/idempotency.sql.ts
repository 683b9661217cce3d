/** Keys of people, with what was asked and answered under them. */
export const IDEMPOTENCY_TABLE = `
  CREATE TABLE idempotency (
    scope uuid NOT NULL,
    key text NOT NULL,
    mutation text NOT NULL,
    "requestHash" bytea NOT NULL,
    "transactionId" uuid,
    refusals jsonb,
    "createdAt" timestamptz NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
    CONSTRAINT idempotency_outcome CHECK (("transactionId" IS NULL) <> (refusals IS NULL))
  );
`;

/**
 * Makes refusals the answers of claimed keys; a key whose refusal may be otherwise a moment later is given back. The keys are
 * append-only for the application role: this runs as their owner, and touches none that another transaction has written.
 */
export const IDEMPOTENCY_REFUSE = `
  CREATE OR REPLACE FUNCTION payment_refuse(p_people uuid[], p_keys text[], p_refusals jsonb[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET jit = off AS $$
  DECLARE
    v_ours xid := pg_current_xact_id()::xid;
  BEGIN
    FOR n IN 1 .. cardinality(p_people) LOOP
      IF p_refusals[n] IS NULL THEN
        DELETE FROM idempotency WHERE scope = p_people[n] AND key = p_keys[n] AND xmin = v_ours;
      ELSE
        UPDATE idempotency SET "transactionId" = NULL, refusals = p_refusals[n]
          WHERE scope = p_people[n] AND key = p_keys[n] AND xmin = v_ours;
      END IF;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'this transaction has not claimed the key' USING ERRCODE = 'restrict_violation';
      END IF;
    END LOOP;
  END $$;
`;
