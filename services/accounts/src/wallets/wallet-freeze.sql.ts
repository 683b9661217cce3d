/** Freezes of wallets: of one wallet one stands at a time, and of one that was lifted nothing changes any more. */
export const WALLET_FREEZE_TABLE = `
  CREATE TABLE wallet_freeze (
    id uuid CONSTRAINT wallet_freeze_pkey PRIMARY KEY,
    "walletId" uuid NOT NULL CONSTRAINT wallet_freeze_wallet REFERENCES wallet,
    "frozenAt" timestamptz NOT NULL,
    "frozenBy" uuid NOT NULL CONSTRAINT wallet_freeze_frozen_by REFERENCES person,
    "frozenVersion" bigint NOT NULL,
    reason text NOT NULL,
    "liftedAt" timestamptz,
    "liftedVersion" bigint,
    "liftedBy" uuid CONSTRAINT wallet_freeze_lifted_by REFERENCES person,
    CONSTRAINT wallet_freeze_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT wallet_freeze_lifted CHECK (("liftedAt" IS NULL) = ("liftedBy" IS NULL)
      AND ("liftedAt" IS NULL) = ("liftedVersion" IS NULL) AND "liftedVersion" >= "frozenVersion")
  );
  CREATE INDEX wallet_freeze_of_wallet ON wallet_freeze ("walletId", id);
  CREATE UNIQUE INDEX wallet_freeze_standing ON wallet_freeze ("walletId") WHERE "liftedAt" IS NULL;
  CREATE INDEX wallet_freeze_newest ON wallet_freeze (id) WHERE "liftedAt" IS NULL;
  CREATE FUNCTION refuse_other_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF OLD."liftedAt" IS NOT NULL OR (OLD.id, OLD."walletId", OLD."frozenAt", OLD."frozenBy", OLD."frozenVersion", OLD.reason)
      IS DISTINCT FROM (NEW.id, NEW."walletId", NEW."frozenAt", NEW."frozenBy", NEW."frozenVersion", NEW.reason) THEN
      RAISE EXCEPTION 'a freeze is lifted once, and nothing else of it changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER wallet_freeze_fixed BEFORE UPDATE ON wallet_freeze FOR EACH ROW EXECUTE FUNCTION refuse_other_freeze();
`;

/**
 * The last fence behind the rule: money does not leave a frozen wallet by a transaction of this kind, whoever books it, an instance
 * that knows nothing of freezes among them. Of a wallet that is not frozen the condition of the trigger is all that is looked at.
 */
export const FROZEN_FENCE = `
  CREATE FUNCTION refuse_frozen_debit() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  BEGIN
    IF EXISTS (SELECT FROM ledger_tx t WHERE t."personId" = NEW."ownerId" AND t."recordedAt" >= now() - interval '1 hour'
        AND t."walletId" = NEW.id AND t.kind IN ('PAYMENT', 'TRANSFER', 'WITHDRAWAL') AND t.xmin = pg_current_xact_id()::xid) THEN
      RAISE EXCEPTION 'wallet % is frozen', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER account_frozen_debit BEFORE UPDATE OF "debitsPosted" ON account FOR EACH ROW
    WHEN (OLD."frozenAt" IS NOT NULL AND NEW."debitsPosted" > OLD."debitsPosted") EXECUTE FUNCTION refuse_frozen_debit();
`;
