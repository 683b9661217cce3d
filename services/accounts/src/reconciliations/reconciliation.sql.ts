/** Comparisons of a bank's file with the books. */
export const RECONCILIATION_TABLES = `
  CREATE TABLE reconciliation (
    id uuid CONSTRAINT reconciliation_pkey PRIMARY KEY,
    currency text NOT NULL CONSTRAINT reconciliation_asset REFERENCES asset,
    "periodFrom" date NOT NULL,
    "periodTo" date NOT NULL,
    digest text NOT NULL,
    "bankOpening" bigint NOT NULL,
    "bankClosing" bigint NOT NULL,
    "booksOpening" bigint NOT NULL,
    "booksClosing" bigint NOT NULL,
    "uploadedBy" uuid NOT NULL CONSTRAINT reconciliation_person REFERENCES person,
    "createdAt" timestamptz NOT NULL,
    CONSTRAINT reconciliation_period CHECK ("periodTo" >= "periodFrom")
  );
  CREATE UNIQUE INDEX reconciliation_file ON reconciliation (digest);
  CREATE TRIGGER reconciliation_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation EXECUTE FUNCTION refuse_change();

  CREATE TABLE reconciliation_line (
    "reconciliationId" uuid NOT NULL CONSTRAINT reconciliation_line_run REFERENCES reconciliation,
    seq integer NOT NULL,
    class text NOT NULL CONSTRAINT reconciliation_line_class CHECK (class IN ('MATCHED', 'IN_TRANSIT', 'MISSING', 'EXTRA', 'DIFFERENT')),
    reason text,
    reference text NOT NULL,
    kind text NOT NULL,
    "bookingId" text,
    "bankAmount" bigint,
    "bankBookedOn" date,
    "ownAmount" bigint,
    "ownBookedOn" date,
    "ownBooked" boolean,
    CONSTRAINT reconciliation_line_pkey PRIMARY KEY ("reconciliationId", seq),
    CONSTRAINT reconciliation_line_sides CHECK (num_nonnulls("bookingId", "bankAmount", "bankBookedOn") IN (0, 3)
      AND num_nonnulls("ownAmount", "ownBookedOn", "ownBooked") IN (0, 3)
      AND CASE class WHEN 'MATCHED' THEN "bankAmount" = "ownAmount" AND "ownBooked" WHEN 'EXTRA' THEN "bankAmount" IS NOT NULL AND "ownAmount" IS NULL
        WHEN 'MISSING' THEN "bankAmount" IS NULL AND "ownAmount" IS NOT NULL WHEN 'DIFFERENT' THEN num_nonnulls("bankAmount", "ownAmount") = 2
        ELSE "ownAmount" IS NOT NULL AND NOT "ownBooked" END)
  );
  CREATE INDEX reconciliation_line_matched ON reconciliation_line (reference, kind) WHERE class = 'MATCHED';
  CREATE TRIGGER reconciliation_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reconciliation_line EXECUTE FUNCTION refuse_change();

  CREATE TABLE reconciliation_break (
    id uuid CONSTRAINT reconciliation_break_pkey PRIMARY KEY,
    about text NOT NULL,
    currency text NOT NULL CONSTRAINT reconciliation_break_asset REFERENCES asset,
    class text NOT NULL CONSTRAINT reconciliation_break_class CHECK (class IN ('MISSING', 'EXTRA', 'DIFFERENT')),
    reason text,
    reference text NOT NULL,
    kind text NOT NULL,
    "bookingId" text,
    difference bigint NOT NULL,
    status text NOT NULL,
    "assigneeId" uuid CONSTRAINT reconciliation_break_assignee REFERENCES person,
    "reconciliationId" uuid CONSTRAINT reconciliation_break_run REFERENCES reconciliation,
    "openedAt" timestamptz NOT NULL,
    "closedAt" timestamptz,
    "explainedBy" text,
    "transactionId" uuid,
    CONSTRAINT reconciliation_break_state CHECK (("closedAt" IS NULL) = (status IN ('OPEN', 'INVESTIGATING'))
      AND ("transactionId" IS NOT NULL) = (status = 'WRITTEN_OFF') AND ("explainedBy" IS NULL OR status = 'RESOLVED')
      AND ("assigneeId" IS NOT NULL OR status <> 'INVESTIGATING') AND (difference <> 0 OR status <> 'WRITTEN_OFF')
      AND status IN ('OPEN', 'INVESTIGATING', 'RESOLVED', 'WRITTEN_OFF'))
  );
  CREATE UNIQUE INDEX reconciliation_break_about ON reconciliation_break (about);
`;

// What the statement's reader has kept aside before there were breaks; what it adds from now on it opens by itself.
export const BREAKS_OF_MISFITS = `
  INSERT INTO reconciliation_break (id, about, currency, class, reason, reference, kind, "bookingId", difference, status, "openedAt")
  SELECT gen_random_uuid(), 'bank/' || l."bookingId", l.currency, CASE l.misfit WHEN 'OTHER_AMOUNT' THEN 'DIFFERENT' ELSE 'EXTRA' END,
    l.misfit, l."orderKey", l.kind, l."bookingId",
    l.amount - CASE WHEN l.misfit = 'OTHER_AMOUNT' AND o.currency = l.currency AND (o.status = 'RETURNED' OR (o.status = 'SETTLED' AND l.kind = 'BOOKED'))
      THEN o.amount * CASE WHEN (o.direction = 'DEBIT') = (l.kind = 'BOOKED') THEN 1 ELSE -1 END ELSE 0 END, 'OPEN', now()
  FROM bank_statement_line l LEFT JOIN bank_order o ON o.id = l."orderId" WHERE l.misfit IS NOT NULL AND EXISTS (SELECT 1 FROM asset WHERE code = l.currency)
  ON CONFLICT (about) DO NOTHING;
`;

/** A comparison, as `r`, that is no file's that came in parts, or of one that is compared to its end. */
export const WHOLE = `NOT EXISTS (SELECT 1 FROM bank_file f WHERE f."reconciliationId" = r.id AND f.status IN ('COMPARING', 'FAILED'))`;
