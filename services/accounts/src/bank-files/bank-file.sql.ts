import { withWords } from '../ledger/closed-list.sql';

/** Bank files that come in parts. Their lines stay no longer than until they are compared: then the comparison has them. */
export const BANK_FILE_TABLES = `
  CREATE TABLE bank_file (
    id uuid CONSTRAINT bank_file_pkey PRIMARY KEY,
    reference text NOT NULL CONSTRAINT bank_file_reference UNIQUE,
    currency text NOT NULL CONSTRAINT bank_file_asset REFERENCES asset,
    format text NOT NULL CONSTRAINT bank_file_format CHECK (format IN ('CSV', 'CAMT053')),
    "periodFrom" date NOT NULL,
    "periodTo" date NOT NULL,
    opening bigint NOT NULL,
    closing bigint NOT NULL,
    reason text NOT NULL,
    status text NOT NULL CONSTRAINT bank_file_status CHECK (status IN ('UPLOADING', 'COMPARING', 'DONE', 'DISCARDED')),
    reader jsonb,
    "nextChunk" integer NOT NULL,
    "nextLine" integer NOT NULL,
    "lineCount" integer NOT NULL,
    staged integer NOT NULL,
    moved bigint NOT NULL,
    digest text NOT NULL,
    "comparedLines" integer NOT NULL,
    through text COLLATE "C" NOT NULL,
    "reconciliationId" uuid CONSTRAINT bank_file_run REFERENCES reconciliation,
    "uploadedBy" uuid NOT NULL CONSTRAINT bank_file_person REFERENCES person,
    "createdAt" timestamptz NOT NULL,
    "endedAt" timestamptz,
    CONSTRAINT bank_file_state CHECK (("endedAt" IS NOT NULL) = (status IN ('DONE', 'DISCARDED')) AND (status <> 'DONE' OR "reconciliationId" IS NOT NULL)
      AND (status IN ('COMPARING', 'DONE') OR "reconciliationId" IS NULL) AND "nextChunk" >= 0 AND "nextLine" > 0
      AND staged BETWEEN 0 AND "lineCount" AND "comparedLines" >= 0)
  );
  CREATE UNIQUE INDEX bank_file_comparing ON bank_file (currency) WHERE status = 'COMPARING';
  CREATE INDEX bank_file_to_clear ON bank_file (id) WHERE staged > 0 AND status IN ('DONE', 'DISCARDED');
  CREATE INDEX bank_file_of_run ON bank_file ("reconciliationId") WHERE "reconciliationId" IS NOT NULL;

  CREATE TABLE bank_file_chunk (
    "fileId" uuid NOT NULL CONSTRAINT bank_file_chunk_file REFERENCES bank_file,
    number integer NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT bank_file_chunk_pkey PRIMARY KEY ("fileId", number)
  );

  CREATE TABLE bank_file_line (
    "fileId" uuid NOT NULL,
    "bookingId" text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    "bookedOn" date NOT NULL,
    CONSTRAINT bank_file_line_pkey PRIMARY KEY ("fileId", "bookingId")
  );
  CREATE INDEX bank_file_line_by_reference ON bank_file_line ("fileId", reference, "bookingId");

  CREATE TABLE bank_file_own (
    "fileId" uuid NOT NULL,
    reference text COLLATE "C" NOT NULL,
    CONSTRAINT bank_file_own_pkey PRIMARY KEY ("fileId", reference)
  );

  CREATE INDEX reconciliation_break_side ON reconciliation_break (reference, kind);
  CREATE INDEX reconciliation_break_by_age ON reconciliation_break ("openedAt", id);
`;

/**
 * How often a comparison could not go on, when it is tried again, and that it is tried no more: a file that has FAILED keeps what it has
 * shown, and how far it was.
 */
export const BANK_FILE_FAULTS = `
  ALTER TABLE bank_file ADD COLUMN faults integer NOT NULL DEFAULT 0, ADD COLUMN "lookAt" timestamptz;
  ${withWords({ table: 'bank_file', column: 'status', constraint: 'bank_file_status' }, ['FAILED'])}
  ALTER TABLE bank_file DROP CONSTRAINT bank_file_state, ADD CONSTRAINT bank_file_state CHECK (
    ("endedAt" IS NOT NULL) = (status IN ('DONE', 'DISCARDED')) AND (status <> 'DONE' OR "reconciliationId" IS NOT NULL)
      AND (status IN ('COMPARING', 'FAILED', 'DONE') OR "reconciliationId" IS NULL) AND "nextChunk" >= 0 AND "nextLine" > 0
      AND staged BETWEEN 0 AND "lineCount" AND "comparedLines" >= 0 AND faults >= 0) NOT VALID;
`;

export const BANK_FILE_FAULT_VALIDATIONS = `
  ALTER TABLE bank_file VALIDATE CONSTRAINT bank_file_status;
  ALTER TABLE bank_file VALIDATE CONSTRAINT bank_file_state;
`;

/** What files have shown of an order. */
export const SHOWN_LINES = { name: 'reconciliation_line_shown', definition: 'ON reconciliation_line (reference, kind) WHERE "bookingId" IS NOT NULL' };

/** The lines of a comparison by day; a file that came in parts is compared in another order. */
export const LINES_BY_DAY = {
  name: 'reconciliation_line_by_day', definition: 'ON reconciliation_line ("reconciliationId", coalesce("bankBookedOn", "ownBookedOn"), seq)',
};

/** What the daily statement has shown of an order. */
export const STATEMENT_LINES = { name: 'bank_statement_line_of_order', definition: 'ON bank_statement_line ("orderKey", kind)' };
