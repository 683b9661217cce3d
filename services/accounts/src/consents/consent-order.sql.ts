/** Orders to end all consents of a bank: of one bank one runs at a time, it only goes forward, and of one that is finished nothing changes. */
export const CONSENT_ORDER_TABLE = `
  CREATE TABLE consent_order (
    id uuid CONSTRAINT consent_order_pkey PRIMARY KEY,
    "partnerId" uuid NOT NULL CONSTRAINT consent_order_partner REFERENCES partner_copy,
    cause text NOT NULL,
    reason text NOT NULL,
    "orderedBy" uuid NOT NULL CONSTRAINT consent_order_ordered_by REFERENCES person,
    "orderedAt" timestamptz NOT NULL,
    total integer NOT NULL,
    ended integer NOT NULL DEFAULT 0,
    "finishedAt" timestamptz,
    CONSTRAINT consent_order_cause CHECK (cause IN ('BANK_COMPROMISED', 'BANK_LEFT', 'MISUSE', 'OTHER')),
    CONSTRAINT consent_order_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    CONSTRAINT consent_order_counts CHECK (total >= 0 AND ended >= 0)
  );
  CREATE INDEX consent_order_of_partner ON consent_order ("partnerId", id);
  CREATE UNIQUE INDEX consent_order_running ON consent_order ("partnerId") WHERE "finishedAt" IS NULL;
  CREATE FUNCTION refuse_other_order() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF OLD."finishedAt" IS NOT NULL OR NEW.ended < OLD.ended
      OR (OLD.id, OLD."partnerId", OLD.cause, OLD.reason, OLD."orderedBy", OLD."orderedAt", OLD.total)
      IS DISTINCT FROM (NEW.id, NEW."partnerId", NEW.cause, NEW.reason, NEW."orderedBy", NEW."orderedAt", NEW.total) THEN
      RAISE EXCEPTION 'an order goes on and is finished once, and nothing else of it changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER consent_order_fixed BEFORE UPDATE ON consent_order FOR EACH ROW EXECUTE FUNCTION refuse_other_order();
`;

/** Consents by how they stand; each index is built beside the traffic, in a migration of its own. */
export const STANDING_OF_PARTNER = { name: 'consent_standing_of_partner', definition: 'ON consent ("partnerId", id, "expiresAt") WHERE "withdrawnAt" IS NULL' };
export const STANDING = { name: 'consent_standing', definition: 'ON consent (id, "expiresAt") WHERE "withdrawnAt" IS NULL' };
export const WITHDRAWN_OF_PARTNER = { name: 'consent_withdrawn_of_partner', definition: 'ON consent ("partnerId", id, "withdrawnAt") WHERE "withdrawnAt" IS NOT NULL' };
export const WITHDRAWN = { name: 'consent_withdrawn_newest', definition: 'ON consent (id, "withdrawnAt") WHERE "withdrawnAt" IS NOT NULL' };

/** Says that no order of a bank (`alias` names a row that has its id) runs. Joined by all that asks whether a consent stands. */
export const noOrderRuns = (alias: string): string =>
  `NOT EXISTS (SELECT FROM consent_order o WHERE o."partnerId" = ${alias}."partnerId" AND o."finishedAt" IS NULL)`;
