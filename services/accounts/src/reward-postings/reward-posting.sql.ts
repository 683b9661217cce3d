/** Tables of what rewards asked for and what came of it. */
export const REWARD_TABLES = `
  CREATE TABLE reward_grant (
    "grantId" uuid CONSTRAINT reward_grant_pkey PRIMARY KEY,
    kind text NOT NULL,
    "campaignId" uuid NOT NULL,
    "personId" uuid NOT NULL,
    "walletId" uuid,
    currency text NOT NULL,
    amount bigint NOT NULL,
    "sourceTransactionId" uuid NOT NULL,
    status text NOT NULL,
    "transactionId" uuid CONSTRAINT reward_grant_tx REFERENCES ledger_tx,
    reversed bigint NOT NULL,
    "receivedAt" timestamptz NOT NULL,
    CONSTRAINT reward_grant_amounts CHECK (amount > 0 AND reversed >= 0 AND reversed <= amount),
    CONSTRAINT reward_grant_status CHECK (status IN ('WAITING', 'POSTED', 'REFUSED')
      AND (status = 'POSTED') = ("transactionId" IS NOT NULL))
  );
  CREATE INDEX reward_grant_waiting ON reward_grant ("campaignId") WHERE status = 'WAITING';

  CREATE TABLE reward_reversal (
    "reversalId" uuid CONSTRAINT reward_reversal_pkey PRIMARY KEY,
    "grantId" uuid NOT NULL,
    amount bigint NOT NULL,
    status text NOT NULL,
    taken bigint NOT NULL,
    owed bigint NOT NULL,
    "receivedAt" timestamptz NOT NULL,
    CONSTRAINT reward_reversal_amounts CHECK (amount > 0 AND taken >= 0 AND owed >= 0 AND taken + owed <= amount),
    CONSTRAINT reward_reversal_status CHECK (status IN ('WAITING', 'DONE'))
  );
  CREATE INDEX reward_reversal_grant ON reward_reversal ("grantId");

  CREATE TABLE reward_debt (
    "personId" uuid NOT NULL,
    currency text NOT NULL,
    owed bigint NOT NULL,
    CONSTRAINT reward_debt_pkey PRIMARY KEY ("personId", currency),
    CONSTRAINT reward_debt_owed CHECK (owed >= 0)
  );
`;

/**
 * Locks grants in one order, then the wallets of those that have not come before in order of id, and reads what else these depend on once all is locked: wallets that
 * a payment waits for are held for a round trip less, and there are four fewer before. p_grants are grants once each, the other arrays what each names. p_patience is how long a
 * lock is waited for in this transaction; as long as ever where it is null. What is asked for by lists is found by them, whatever the plan.
 */
export const GRANT_OPEN = `
  CREATE FUNCTION grant_open(p_patience text, p_grants text[], p_wallets uuid[], p_people uuid[], p_sources uuid[],
    OUT fresh text[], OUT wallets jsonb, OUT at timestamptz, OUT known uuid[], OUT indebted uuid[], OUT reversed text[])
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  DECLARE
    v_ids uuid[] := p_grants::uuid[];
    v_come uuid[];
    v_wallets uuid[];
  BEGIN
    IF p_patience IS NOT NULL THEN PERFORM set_config('lock_timeout', p_patience, true); END IF;
    PERFORM pg_advisory_xact_lock(g.lock) FROM (
      SELECT hashtextextended('tael/reward/' || id, 0) AS lock FROM unnest(p_grants) AS q (id) ORDER BY 1 OFFSET 0) g;
    v_come := ARRAY(SELECT "grantId" FROM reward_grant WHERE "grantId" = ANY (v_ids));
    SELECT coalesce(array_agg(q.id), '{}'), array_agg(q.wallet) INTO fresh, v_wallets
      FROM unnest(p_grants, p_wallets) AS q (id, wallet) WHERE q.id::uuid <> ALL (v_come);
    IF v_wallets IS NULL THEN RETURN; END IF;
    SELECT coalesce(jsonb_agg(w), '[]') INTO wallets FROM (
      SELECT id, "ownerId" AS "personId", asset AS currency, ("creditsPosted" - "debitsPosted")::text AS posted
      FROM account WHERE id = ANY (v_wallets) AND purpose = 'WALLET' ORDER BY id FOR NO KEY UPDATE) w;
    at := clock_timestamp();
    known := ARRAY(SELECT id FROM ledger_tx WHERE id = ANY (p_sources));
    indebted := ARRAY(SELECT "personId" FROM reward_debt WHERE "personId" = ANY (p_people) AND owed > 0);
    reversed := ARRAY(SELECT "grantId"::text FROM reward_reversal WHERE "grantId" = ANY (v_ids) AND status = 'WAITING');
  END $$;
`;
